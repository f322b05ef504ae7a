package import Model

/// An exposition in text form, read in the most obvious way: line by line, character by character, no memory of other
/// bodies. Only what the tests' own bodies need.
package struct NaiveBody {
    /// A sample line.
    package struct Sample {
        /// With bounds in the form of Prometheus 3.
        package var labels: Labels
        /// The value; every NaN is the ordinary one.
        package var bits: UInt64
        /// The line's own time.
        package var time: Timestamp?
    }

    /// In the order of the body.
    package private(set) var samples: [Sample] = []

    /// Reads a body; lines that make no sense are left out.
    package init(_ text: String) {
        var type = ""
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.first == "#" {
                if words.count == 4, words[1] == "TYPE" { type = String(words[3]) }
            } else if let sample = Self.sample(Array(line), type) {
                samples.append(sample)
            }
        }
    }

    private static func sample(_ line: [Character], _ type: String) -> Sample? {
        var at = 0
        func take(while isWanted: (Character) -> Bool) -> String {
            let start = at
            while at < line.count, isWanted(line[at]) { at += 1 }
            return String(line[start..<at])
        }
        var labels = Labels()
        labels[LabelName.metricName] = take { $0 != "{" && $0 != " " }
        if at < line.count, line[at] == "{" {
            at += 1
            while at < line.count, line[at] != "}" {
                let name = take { $0 != "=" }
                at += 2
                var value = ""
                while at < line.count, line[at] != "\"" {
                    if line[at] == "\\", at + 1 < line.count {
                        at += 1
                        value.append(line[at] == "n" ? "\n" : line[at])
                    } else {
                        value.append(line[at])
                    }
                    at += 1
                }
                at += 1
                if at < line.count, line[at] == "," { at += 1 }
                labels[name] = bound(name, value, type)
            }
            at += 1
        }
        let rest = String(line[min(at, line.count)...]).split(separator: " ")
        guard let first = rest.first, let value = Double(first.lowercased()) else { return nil }
        let bits = value.isNaN ? SpecialValue.ordinaryNaNBits : value.bitPattern
        return Sample(labels: labels, bits: bits, time: rest.count > 1 ? Timestamp(rest[1]) : nil)
    }

    private static func bound(_ name: String, _ value: String, _ type: String) -> String {
        let isBound = name == "le" && type == "histogram" || name == "quantile" && type == "summary"
        guard isBound, let number = Double(value), number.isFinite else { return value }
        return "\(number)"
    }
}
