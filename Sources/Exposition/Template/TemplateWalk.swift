internal import Model

/// The fast path: walks a template and a body in step, as far as they agree.
struct TemplateWalk {
    let bytes: BodyBytes
    private let reader: LineReader
    private let seed: UInt64
    /// Lines of the template that the body repeated.
    private(set) var line = 0
    /// Bytes of the template that those lines take.
    private(set) var templateBytes = 0
    /// Where the body goes on.
    private(set) var position = 0
    /// Where those stand in the body.
    private(set) var spans: [LineSpan] = []
    /// The type in force.
    private(set) var type = MetricType.unknown

    /// A walk from the beginning. `seed` is the one that the template's comments were hashed with.
    init(bytes: BodyBytes, reader: LineReader, seed: UInt64) {
        self.bytes = bytes
        self.reader = reader
        self.seed = seed
    }

    /// Walks until the template ends or the body differs. The row has room for the template's columns.
    mutating func run(_ template: BodyTemplate, into row: inout SampleRow, result: inout BodyResult) {
        spans.reserveCapacity(template.lineCount)
        unsafe template.bytes.withUnsafeBytes { rawKnown in
            let known = unsafe BodyBytes(rawKnown)
            var lines = TemplateLineReader()
            var last = ByteRange(0, 0)
            while line < template.lineCount {
                let entry = lines.next(known)
                let (middle, middleAt) = (Int(entry.middle), Int(entry.middleAt))
                if entry.slot.isSample {
                    let prefix = Int(entry.prefix)
                    let suffix = Int(entry.suffix)
                    let shared = entry.isSplit ? split(known, position + prefix, middleAt, middle) : middle
                    let end = position + prefix + shared + suffix
                    guard bytes.equals(position, last.start, length: prefix),
                        entry.isSplit
                            ? shared >= 0 : bytes.equals(position + prefix, known, middleAt, length: middle),
                        suffix == 0 || bytes.equals(end - suffix, last.end - suffix, length: suffix),
                        let next = take(entry.slot, at: end, into: &row, result: &result)
                    else { return }
                    last = ByteRange(position, end)
                    spans.append(LineSpan(last))
                    position = next
                } else {
                    guard let next = passComment(entry.slot, hash: known.word(middleAt)) else { return }
                    spans.append(LineSpan(ByteRange(0, 0)))
                    position = next
                }
                templateBytes = lines.at
                line += 1
            }
        }
    }

    /// The bytes that a split middle of `size` bytes at `place` of the template stands for, if the body has them at `start`;
    /// else -1.
    @inline(never)
    private func split(_ known: BodyBytes, _ start: Int, _ place: Int, _ size: Int) -> Int {
        let split = SplitMiddle(known, at: place, size: size)
        let lead = place + SplitMiddle.headSize
        let stretch = start + split.lead
        guard split.back <= line, bytes.equals(start, known, lead, length: split.lead),
            bytes.equals(stretch, spans[line - split.back].range.start + split.from, length: split.inner),
            bytes.equals(stretch + split.inner, known, lead + split.lead, length: split.rest)
        else { return -1 }
        return split.lead + split.inner + split.rest
    }

    private mutating func passComment(_ slot: Slot, hash: UInt64) -> Int? {
        let end = bytes.lineEnd(from: position)
        guard slot != .unstable, bytes.hash(ByteRange(position, end), seed: seed) == hash else { return nil }
        return reader.passComment(slot, endingAt: end, type: &type)
    }

    /// Handles the rest of a line whose prefix agrees; `nil` when the rest makes it another line.
    @inline(__always)
    private mutating func take(
        _ slot: Slot, at start: Int, into row: inout SampleRow, result: inout BodyResult
    ) -> Int? {
        if slot.columnCode >= 0 {
            var value = 0.0
            guard let next = wholeNumber(at: start, &value) else {
                return takeSlowly(slot, at: start, into: &row, result: &result)
            }
            result.samples += 1
            if row.store(Int(slot.columnCode), value) { result.duplicates += 1 }
            return next
        }
        return takeSlowly(slot, at: start, into: &row, result: &result)
    }

    @inline(never)
    private mutating func takeSlowly(
        _ slot: Slot, at start: Int, into row: inout SampleRow, result: inout BodyResult
    ) -> Int? {
        reader.read(slot, at: start, into: &row, result: &result)
    }

    /// The commonest value: at most 15 digits and a line feed. Returns where the next line begins.
    @inline(__always)
    private func wholeNumber(at start: Int, _ value: inout Double) -> Int? {
        var at = start
        var number: UInt64 = 0
        while true {
            let digit = bytes.byte(at) &- 0x30
            guard digit < 10 else { break }
            number = number &* 10 &+ UInt64(digit)
            at += 1
        }
        guard at > start, at - start <= 15, bytes.byte(at) == 0x0a else { return nil }
        value = Double(number)
        return at + 1
    }
}

extension SampleRow {
    /// Sets a column unless it has a sample; true when it had one.
    @inline(__always)
    mutating func store(_ column: Int, _ value: Double) -> Bool {
        let bit: UInt64 = 1 << UInt64(column & 63)
        if present[column >> 6] & bit != 0 { return true }
        present[column >> 6] |= bit
        values[column] = value
        return false
    }
}
