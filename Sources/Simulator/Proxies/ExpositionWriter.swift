import Model

/// Writes the two dialects that a Linkerd proxy glues together: the older hand-made block and the registry block.
struct ExpositionWriter {
    private(set) var bytes: [UInt8] = []

    /// Starts a family of the older block: no unit, no period.
    mutating func legacy(_ name: String, _ type: String, _ help: String) {
        text("# HELP \(name) \(help)\n# TYPE \(name) \(type)\n")
    }

    /// Starts a family of the registry block: the help ends in a period, counters are named without `_total`, a unit
    /// has a line of its own.
    mutating func registry(_ name: String, _ type: String, _ help: String, unit: String? = nil) {
        text("# HELP \(name) \(help).\n# TYPE \(name) \(type)\n")
        if let unit { text("# UNIT \(name) \(unit)\n") }
    }

    /// A sample with a whole value. `labels` are written as they are, `a="x",b="y"`; none when empty.
    mutating func sample(_ name: String, _ labels: String, _ value: UInt64) {
        begin(name, labels)
        integer(value)
        bytes.append(0x0A)
    }

    /// A sample of the registry block whose value is a float: whole numbers keep their `.0`.
    mutating func sample(_ name: String, _ labels: String, float value: Double) {
        begin(name, labels)
        text(ExpositionWriter.float(value))
        bytes.append(0x0A)
    }

    /// A histogram of the older block: buckets with `le` as the last label and without a point, then count and sum.
    mutating func legacyHistogram(_ name: String, _ labels: String, _ histogram: LatencyHistogram) {
        var running: UInt64 = 0
        for (index, count) in histogram.buckets.enumerated() {
            running += count
            text(name)
            text("_bucket{")
            text(labels)
            text(",le=\"")
            if index < LatencyHistogram.bounds.count {
                integer(UInt64(LatencyHistogram.bounds[index]))
            } else {
                text("+Inf")
            }
            text("\"} ")
            integer(running)
            bytes.append(0x0A)
        }
        sample(name + "_count", labels, histogram.count)
        sample(name + "_sum", labels, histogram.sum)
    }

    /// A histogram of the registry block: sum and count, then buckets with `le` as the first label and with a point.
    mutating func registryHistogram(_ name: String, _ labels: String, _ histogram: RegistryHistogram) {
        sample(name + "_sum", labels, float: histogram.sum)
        sample(name + "_count", labels, histogram.count)
        var running: UInt64 = 0
        for (index, count) in histogram.buckets.enumerated() {
            running += count
            let bound = index < histogram.bounds.count ? FloatText.openMetrics(histogram.bounds[index]) : "+Inf"
            sample(name + "_bucket", "le=\"\(bound)\",\(labels)", running)
        }
    }

    /// The last line.
    mutating func end() { text("# EOF\n") }

    private mutating func begin(_ name: String, _ labels: String) {
        text(name)
        if !labels.isEmpty {
            bytes.append(0x7B)
            text(labels)
            bytes.append(0x7D)
        }
        bytes.append(0x20)
    }

    private mutating func text(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func integer(_ value: UInt64) { text(String(value)) }

    /// Shortest digits; `.0` after whole numbers; exponents without sign padding (`6.04e-5`).
    static func float(_ value: Double) -> String {
        if value == 0 { return "0.0" }
        if value.magnitude >= 1e-5, value.magnitude < 1e16 {
            let plain = FloatText.plain(value)
            return plain.utf8.contains(0x2E) ? plain : plain + ".0"
        }
        let exponent = FloatText.exponent(value)
        return exponent.replacingExponent()
    }
}

extension String {
    /// `1.5e-07` becomes `1.5e-7`, `1e+16` becomes `1e16`.
    fileprivate func replacingExponent() -> String {
        guard let mark = firstIndex(of: "e") else { return self }
        let sign = self[index(after: mark)...].hasPrefix("-") ? "-" : ""
        let digits = self[mark...].drop { !"123456789".contains($0) }
        return String(self[..<mark]) + "e" + sign + (digits.isEmpty ? "0" : String(digits))
    }
}
