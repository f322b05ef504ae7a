import Model

extension WriteRequest {
    /// The message as a compressed body. Native histograms are left out.
    package func snappyBody() -> [UInt8] {
        var out: [UInt8] = []
        for one in series {
            var message: [UInt8] = []
            for label in one.labels {
                var part: [UInt8] = []
                Self.field(1, Array(label.name.utf8), to: &part)
                Self.field(2, Array(label.value.utf8), to: &part)
                Self.field(1, part, to: &message)
            }
            for (time, value) in zip(one.times, one.values) {
                guard case .float(let number) = value else { continue }
                var part: [UInt8] = [1 << 3 | 1]
                for place in 0..<8 { part.append(UInt8(truncatingIfNeeded: number.bitPattern >> UInt64(8 * place))) }
                part.append(2 << 3)
                Self.varint(UInt64(bitPattern: time), to: &part)
                Self.field(2, part, to: &message)
            }
            Self.field(1, message, to: &out)
        }
        return Snappy.compress(out)
    }

    private static func field(_ number: UInt8, _ bytes: [UInt8], to out: inout [UInt8]) {
        out.append(number << 3 | 2)
        varint(UInt64(bytes.count), to: &out)
        out += bytes
    }

    private static func varint(_ value: UInt64, to out: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            out.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        out.append(UInt8(rest))
    }
}
