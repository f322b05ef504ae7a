private import Glibc

/// A template written out, with a table from line to place: what resynchronising needs. Made when a body first
/// deviates and dropped when the body is read.
struct FlatTemplate {
    /// All sample lines up to their values, one after the other.
    private(set) var text: [UInt8] = []
    /// Where each line begins in `text`; one entry more than lines.
    private(set) var starts: [Int] = [0]
    /// What each line is.
    private(set) var slots: [Slot] = []
    /// What the TYPE line in force says of each line.
    private(set) var contexts: [MetricType.NumberLabel] = []
    /// Sample lines by hash: line number + 1, 0 for none. Open addressing over a power of two.
    private var table: [UInt32] = []
    /// The hash of each line; 0 for unstable ones.
    private(set) var hashes: [UInt64] = []
    private let seed: UInt64

    /// Writes a template with these lines out. O(bytes).
    init(_ template: BodyTemplate, _ lines: [TemplateLine], seed: UInt64) {
        self.seed = seed
        slots.reserveCapacity(lines.count)
        contexts.reserveCapacity(lines.count)
        starts.reserveCapacity(lines.count + 1)
        hashes = Array(repeating: 0, count: lines.count)
        var length = 0
        unsafe template.bytes.withUnsafeBytes { raw in
            let bytes = unsafe BodyBytes(raw)
            for (number, line) in lines.enumerated() {
                if line.slot.isSample {
                    length += Int(line.prefix) + Int(line.middle) + Int(line.suffix)
                    if line.isSplit {
                        let split = SplitMiddle(bytes, at: Int(line.middleAt), size: Int(line.middle))
                        length += split.inner - SplitMiddle.headSize
                    }
                } else if line.middle == 8 {
                    hashes[number] = bytes.word(Int(line.middleAt))
                }
                starts.append(length)
                slots.append(line.slot)
                contexts.append(line.context)
            }
        }
        text = Self.text(of: lines, in: template.bytes, starts: starts)
        fillTable()
    }

    /// All prefixes written out. Copies within the buffer that is being filled, which an array can't do without
    /// copying itself.
    private static func text(of lines: [TemplateLine], in known: [UInt8], starts: [Int]) -> [UInt8] {
        guard let length = starts.last, length > 0 else { return [] }
        return unsafe [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            guard let out = buffer.baseAddress else { return }
            unsafe known.withUnsafeBufferPointer { known in
                var last = 0
                var at = 0
                for (number, line) in lines.enumerated() where line.slot.isSample {
                    let start = at
                    let (prefix, middle, suffix) = (Int(line.prefix), Int(line.middle), Int(line.suffix))
                    if prefix > 0 { unsafe memcpy(out + at, out + last, prefix) }
                    at += prefix
                    if middle > 0, let source = known.baseAddress {
                        let middleAt = Int(line.middleAt)
                        if line.isSplit {
                            let split = unsafe SplitMiddle(
                                BodyBytes(UnsafeRawBufferPointer(known)), at: middleAt, size: middle)
                            let lead = unsafe source + middleAt + SplitMiddle.headSize
                            unsafe memcpy(out + at, lead, split.lead)
                            let stretch = unsafe out + starts[number - split.back] + split.from
                            unsafe memcpy(out + at + split.lead, stretch, split.inner)
                            unsafe memcpy(out + at + split.lead + split.inner, lead + split.lead, split.rest)
                            at += split.lead + split.inner + split.rest
                        } else {
                            unsafe memcpy(out + at, source + middleAt, middle)
                            at += middle
                        }
                    }
                    if suffix > 0 { unsafe memcpy(out + at, out + start - suffix, suffix) }
                    at += suffix
                    last = start
                }
                count = at
            }
        }
    }

    /// Number of lines.
    var count: Int { slots.count }

    /// Where a sample line stands in `text`.
    func range(_ line: Int) -> ByteRange { ByteRange(starts[line], starts[line + 1]) }

    private mutating func fillTable() {
        var size = 16
        while size < count * 2 { size *= 2 }
        table = Array(repeating: 0, count: size)
        unsafe text.withUnsafeBytes { raw in
            let bytes = unsafe BodyBytes(raw)
            for line in slots.indices where slots[line].isSample {
                hashes[line] = bytes.hash(range(line), seed: seed)
                var place = Int(truncatingIfNeeded: hashes[line]) & (size - 1)
                while table[place] != 0, !isRepetition(line, of: Int(table[place]) - 1) {
                    place = (place + 1) & (size - 1)
                }
                if table[place] == 0 { table[place] = UInt32(line + 1) }
            }
        }
    }

    /// Whether an earlier line is found in place of this one. Such lines stay out of the table, as a body of one line
    /// a million times would otherwise make one chain of a million entries.
    private func isRepetition(_ line: Int, of earlier: Int) -> Bool {
        hashes[earlier] == hashes[line] && contexts[earlier] == contexts[line]
    }

    /// The first sample line with this prefix, read under this type.
    func find(_ range: ByteRange, of bytes: BodyBytes, type: MetricType, in flat: BodyBytes) -> Int? {
        guard !table.isEmpty else { return nil }
        let hash = bytes.hash(range, seed: seed)
        var place = Int(truncatingIfNeeded: hash) & (table.count - 1)
        while table[place] != 0 {
            let line = Int(table[place]) - 1
            if hashes[line] == hash, contexts[line] == type.numberLabel, starts[line + 1] - starts[line] == range.count,
                bytes.equals(range.start, flat, starts[line], length: range.count)
            {
                return line
            }
            place = (place + 1) & (table.count - 1)
        }
        return nil
    }
}
