import Testing

/// A parser that is only as clever as the tests need.
struct NaiveExposition {
    struct Sample {
        let name: String
        /// In print order.
        let labels: [(name: String, value: String)]
        let value: Double

        subscript(label: String) -> String? { labels.first { $0.name == label }?.value }
    }

    private(set) var samples: [Sample] = []
    /// `TYPE` and `UNIT` lines without the hash, in order.
    private(set) var headers: [String] = []
    private(set) var lastLine = ""

    init(_ bytes: [UInt8]) throws { try self.init(text: String(decoding: bytes, as: UTF8.self)) }

    init(text: String) throws {
        for line in text.split(separator: "\n", omittingEmptySubsequences: true) {
            lastLine = String(line)
            if line.hasPrefix("# TYPE ") || line.hasPrefix("# UNIT ") { headers.append(String(line.dropFirst(2))) }
            if line.hasPrefix("#") { continue }
            samples.append(try NaiveExposition.sample(line))
        }
    }

    private static func sample(_ line: Substring) throws -> Sample {
        let space = try #require(line.lastIndex(of: " "))
        let value = try #require(Double(line[line.index(after: space)...]))
        let series = line[..<space]
        guard let brace = series.firstIndex(of: "{") else {
            return Sample(name: String(series), labels: [], value: value)
        }
        var labels: [(name: String, value: String)] = []
        var rest = series[series.index(after: brace)...].dropLast()
        while !rest.isEmpty {
            let equals = try #require(rest.firstIndex(of: "="))
            let name = String(rest[..<equals])
            rest = rest[equals...].dropFirst(2)
            let quote = try #require(rest.firstIndex(of: "\""))
            labels.append((name, String(rest[..<quote])))
            rest = rest[quote...].dropFirst()
            if rest.hasPrefix(",") { rest = rest.dropFirst() }
        }
        return Sample(name: String(series[..<brace]), labels: labels, value: value)
    }

    /// The sum of all samples of that name with these labels.
    func sum(_ name: String, _ labels: [String: String] = [:]) -> Double {
        samples.filter { sample in
            sample.name == name && labels.allSatisfy { sample[$0.key] == $0.value }
        }.reduce(0) { $0 + $1.value }
    }

    /// Each name with its label names, in order of first appearance.
    var shapes: [String] {
        var seen: Set<String> = []
        return samples.compactMap { sample in
            let shape = "\(sample.name){\(sample.labels.map(\.name).joined(separator: ","))}"
            return seen.insert(shape).inserted ? shape : nil
        }
    }
}
