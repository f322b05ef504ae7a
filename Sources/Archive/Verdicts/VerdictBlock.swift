import Model

/// Verdicts of one analysis that are stored together: they are much alike and compress to a few bytes each.
struct VerdictBlock: Sendable {
    /// Verdicts in a full block.
    static let countMax = 64
    /// Bytes from which a block is full.
    static let bytesMax = 256 << 10
    /// Bytes that a block may have when it is read.
    static let readMax = 64 << 20

    /// The verdicts, by rising time.
    private(set) var verdicts: [StoredVerdict] = []
    /// Bytes of their texts, about.
    private(set) var byteCount = 0

    var isFull: Bool { verdicts.count >= Self.countMax || byteCount >= Self.bytesMax }

    mutating func append(_ verdict: StoredVerdict) {
        verdicts.append(verdict)
        byteCount += 16 + verdict.textSize
    }

    /// Per verdict its time (8 bytes), the two lengths (4 bytes each), the verdict and the facts; numbers little-endian.
    var encoded: [UInt8] { encoded(from: 0) }

    /// The same for the verdicts from an index on.
    func encoded(from index: Int) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(verdicts[index...].reduce(0) { $0 + 16 + $1.textSize })
        for stored in verdicts[index...] {
            let (verdict, facts) = (stored.verdict, stored.facts)
            out.append(stored.time)
            out.append(UInt32(verdict.count))
            out.append(UInt32(facts.count))
            out += verdict
            out += facts
        }
        return out
    }

    /// The verdicts of encoded bytes; `nil` when they are none.
    static func decode(_ bytes: [UInt8], name: AnalysisName) -> [StoredVerdict]? {
        var out: [StoredVerdict] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            guard rest.count >= 16 else { return nil }
            let time = Int64(bitPattern: number(rest.prefix(8)))
            let verdict = Int(number(rest.dropFirst(8).prefix(4)))
            let facts = Int(number(rest.dropFirst(12).prefix(4)))
            rest = rest.dropFirst(16)
            guard rest.count >= verdict + facts, out.last.map({ $0.time < time }) ?? true else { return nil }
            out.append(
                StoredVerdict(
                    name: name, time: time, verdict: Array(rest.prefix(verdict)),
                    facts: Array(rest.dropFirst(verdict).prefix(facts))))
            rest = rest.dropFirst(verdict + facts)
        }
        return out
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}

extension [UInt8] {
    /// Appends a number, little-endian.
    fileprivate mutating func append(_ number: some FixedWidthInteger) {
        for shift in stride(from: 0, to: number.bitWidth, by: 8) {
            append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}
