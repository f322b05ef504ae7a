/// The text of a body without its numbers, and which number stands where. Kept until the order or a label changes: a
/// body is copied from it with the present numbers between.
struct WorkloadLayout: Sendable {
    private struct Line: Sendable {
        /// Where the text before the number ends.
        var end: Int
        var slot: Int
        /// The number is in thousandths and printed with a point.
        var isFloat: Bool
    }

    private var writer = ExpositionWriter()
    private var lines: [Line] = []

    /// Starts a family of the older block.
    mutating func legacy(_ name: String, _ type: String, _ help: String) { writer.legacy(name, type, help) }

    /// Starts a family of the registry block.
    mutating func registry(_ name: String, _ type: String, _ help: String, unit: String? = nil) {
        writer.registry(name, type, help, unit: unit)
    }

    /// A sample whose value is in `slot`. The placeholder `0` and the line's end follow the text.
    mutating func sample(_ name: String, _ labels: String, slot: Int, isFloat: Bool = false) {
        writer.sample(name, labels, 0)
        lines.append(Line(end: writer.bytes.count - 2, slot: slot, isFloat: isFloat))
    }

    /// A histogram of the older block, whose buckets, count and sum begin at `slot`.
    mutating func histogram(_ name: String, _ labels: String, slot: Int) {
        for (index, bound) in LatencyHistogram.bounds.enumerated() {
            sample(name + "_bucket", "\(labels),le=\"\(bound)\"", slot: slot + index)
        }
        let last = slot + LatencyHistogram.bounds.count
        sample(name + "_bucket", labels + #",le="+Inf""#, slot: last)
        sample(name + "_count", labels, slot: last + 1)
        sample(name + "_sum", labels, slot: last + 2)
    }

    /// The last line.
    mutating func end() { writer.end() }

    /// The body with these numbers. O(bytes), nearly all of it copying.
    func body(_ values: [UInt64]) -> [UInt8] {
        let text = writer.bytes
        var out: [UInt8] = []
        out.reserveCapacity(text.count + lines.count * 12)
        var from = 0
        for line in lines {
            out.append(contentsOf: text[from..<line.end])
            if line.isFloat {
                Self.append(thousandths: values[line.slot], to: &out)
            } else {
                Self.append(values[line.slot], to: &out)
            }
            from = line.end + 1
        }
        out.append(contentsOf: text[from...])
        return out
    }

    private static func append(_ value: UInt64, to out: inout [UInt8]) {
        var divisor: UInt64 = 1
        while value / divisor >= 10 { divisor *= 10 }
        var rest = value
        while divisor > 0 {
            out.append(0x30 + UInt8(truncatingIfNeeded: rest / divisor))
            rest %= divisor
            divisor /= 10
        }
    }

    /// `1500` is `1.5`, `2000` is `2.0`.
    private static func append(thousandths value: UInt64, to out: inout [UInt8]) {
        append(value / 1_000, to: &out)
        out.append(0x2E)
        var rest = value % 1_000
        repeat {
            out.append(0x30 + UInt8(truncatingIfNeeded: rest / 100))
            rest = rest % 100 * 10
        } while rest > 0
    }
}
