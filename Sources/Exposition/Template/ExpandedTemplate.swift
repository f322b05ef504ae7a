private import Glibc

/// A template decompressed, with a hash table from line to line number: what resynchronising needs.
///
/// Made when a body first deviates from the template, dropped when the body is read. Takes the bytes of the whole body's
/// series for that time.
struct ExpandedTemplate {
    /// All sample lines up to their values, one after the other.
    private(set) var text: [UInt8] = []
    /// Offset of each line in `text`; one entry more than there are lines.
    private(set) var starts: [Int] = [0]
    /// The slot of each line.
    private(set) var slots: [Slot] = []
    /// The context of each line (`TemplateLine.context`).
    private(set) var contexts: [MetricType.NumberLabel] = []
    /// Hash table of the sample lines, open addressing over a power of two: line number + 1, or 0 for a free entry.
    private var table: [UInt32] = []
    /// The hash of each line; 0 for unstable ones.
    private(set) var hashes: [UInt64] = []
    private let seed: UInt64

    /// Decompresses a template; `lines` are its decoded lines. O(bytes of the expanded text).
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
                    if line.hasSharedSegment {
                        let segment = SharedSegment(bytes, at: Int(line.middleOffset), size: Int(line.middle))
                        length += segment.sharedCount - SharedSegment.headSize
                    }
                } else if line.middle == 8 {
                    hashes[number] = bytes.word(Int(line.middleOffset))
                }
                starts.append(length)
                slots.append(line.slot)
                contexts.append(line.context)
            }
        }
        text = Self.text(of: lines, in: template.bytes, starts: starts)
        fillTable()
    }

    /// The sample lines, decompressed. Copies within the buffer that is being filled, which an array can't do without
    /// copying itself.
    private static func text(of lines: [TemplateLine], in template: [UInt8], starts: [Int]) -> [UInt8] {
        guard let length = starts.last, length > 0 else { return [] }
        return unsafe [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            guard let out = buffer.baseAddress else { return }
            unsafe template.withUnsafeBufferPointer { template in
                var last = 0
                var at = 0
                for (number, line) in lines.enumerated() where line.slot.isSample {
                    let start = at
                    let (prefix, middle, suffix) = (Int(line.prefix), Int(line.middle), Int(line.suffix))
                    if prefix > 0 { unsafe memcpy(out + at, out + last, prefix) }
                    at += prefix
                    if middle > 0, let source = template.baseAddress {
                        let offset = Int(line.middleOffset)
                        if line.hasSharedSegment {
                            let segment = unsafe SharedSegment(
                                BodyBytes(UnsafeRawBufferPointer(template)), at: offset, size: middle)
                            let (lead, shared) = (segment.leadCount, segment.sharedCount)
                            let leadBytes = unsafe source + offset + SharedSegment.headSize
                            unsafe memcpy(out + at, leadBytes, lead)
                            let sharedBytes = unsafe out + starts[number - segment.linesBack] + segment.sourceOffset
                            unsafe memcpy(out + at + lead, sharedBytes, shared)
                            unsafe memcpy(out + at + lead + shared, leadBytes + lead, segment.tailCount)
                            at += lead + shared + segment.tailCount
                        } else {
                            unsafe memcpy(out + at, source + offset, middle)
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

    /// The range of a sample line in `text`.
    func range(_ line: Int) -> ByteRange { ByteRange(starts[line], starts[line + 1]) }

    private mutating func fillTable() {
        var size = 16
        while size < count * 2 { size *= 2 }
        table = Array(repeating: 0, count: size)
        unsafe text.withUnsafeBytes { raw in
            let bytes = unsafe BodyBytes(raw)
            for line in slots.indices where slots[line].isSample {
                hashes[line] = bytes.hash(range(line), seed: seed)
                var index = Int(truncatingIfNeeded: hashes[line]) & (size - 1)
                while table[index] != 0, !isRepetition(line, of: Int(table[index]) - 1) {
                    index = (index + 1) & (size - 1)
                }
                if table[index] == 0 { table[index] = UInt32(line + 1) }
            }
        }
    }

    /// Whether a look-up of this line would find the earlier one. Such lines stay out of the table, as a body of one line a
    /// million times would otherwise make one chain of a million entries.
    private func isRepetition(_ line: Int, of earlier: Int) -> Bool {
        hashes[earlier] == hashes[line] && contexts[earlier] == contexts[line]
    }

    /// The first sample line with exactly the bytes of `range` and the context of `type`; `nil` when there is none.
    /// `expanded` is `text`.
    func find(_ range: ByteRange, of bytes: BodyBytes, type: MetricType, in expanded: BodyBytes) -> Int? {
        guard !table.isEmpty else { return nil }
        let hash = bytes.hash(range, seed: seed)
        var index = Int(truncatingIfNeeded: hash) & (table.count - 1)
        while table[index] != 0 {
            let line = Int(table[index]) - 1
            if hashes[line] == hash, contexts[line] == type.numberLabel, starts[line + 1] - starts[line] == range.count,
                bytes.equals(range.start, expanded, starts[line], length: range.count)
            {
                return line
            }
            index = (index + 1) & (table.count - 1)
        }
        return nil
    }
}
