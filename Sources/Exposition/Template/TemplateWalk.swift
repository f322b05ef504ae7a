internal import Model

/// The fast path of reading a body: walks a template and the body in step, as long as the lines agree.
///
/// Per line: compare the bytes up to the value with what the template has (prefix and suffix with the preceding line of the
/// body itself, the middle with the template), parse the digits of the value, store it in the line's column. No label is
/// looked at, nothing is allocated per line. The walk stops at the first line that differs in any way; from there on
/// `BodyResync` reads.
struct TemplateWalk {
    let bytes: BodyBytes
    private let reader: LineReader
    private let seed: UInt64
    /// Number of template lines that the body repeats so far.
    private(set) var line = 0
    /// Bytes of the template that these lines take.
    private(set) var templateBytes = 0
    /// Offset of the next line in the body.
    private(set) var position = 0
    /// The range of each walked line in the body.
    private(set) var spans: [LineSpan] = []
    /// The type of the last TYPE line.
    private(set) var type = MetricType.unknown

    /// A walk from the beginning of a body. `seed` is the one that the template's comment lines were hashed with.
    init(bytes: BodyBytes, reader: LineReader, seed: UInt64) {
        self.bytes = bytes
        self.reader = reader
        self.seed = seed
    }

    /// Walks until the template ends or the body differs from it. The row must have room for the template's columns.
    mutating func run(_ template: BodyTemplate, into row: inout SampleRow, result: inout BodyResult) {
        spans.reserveCapacity(template.lineCount)
        unsafe template.bytes.withUnsafeBytes { rawKnown in
            let known = unsafe BodyBytes(rawKnown)
            var lines = TemplateLineReader()
            var last = ByteRange(0, 0)
            while line < template.lineCount {
                let entry = lines.next(known)
                let (middle, middleOffset) = (Int(entry.middle), Int(entry.middleOffset))
                if entry.slot.isSample {
                    let prefix = Int(entry.prefix)
                    let suffix = Int(entry.suffix)
                    let length =
                        entry.hasSharedSegment
                        ? expandedMiddle(known, middleOffset, middle, at: position + prefix) : middle
                    let end = position + prefix + length + suffix
                    guard bytes.equals(position, last.start, length: prefix),
                        entry.hasSharedSegment
                            ? length >= 0 : bytes.equals(position + prefix, known, middleOffset, length: middle),
                        suffix == 0 || bytes.equals(end - suffix, last.end - suffix, length: suffix),
                        let next = readSample(entry.slot, at: end, into: &row, result: &result)
                    else { return }
                    last = ByteRange(position, end)
                    spans.append(LineSpan(last))
                    position = next
                } else {
                    guard let next = passComment(entry.slot, hash: known.word(middleOffset)) else { return }
                    spans.append(LineSpan(ByteRange(0, 0)))
                    position = next
                }
                templateBytes = lines.at
                line += 1
            }
        }
    }

    /// Compares a middle with a shared segment with the body. Returns its expanded length, or -1 when the body differs.
    ///
    /// - Parameters:
    ///   - known: the template.
    ///   - offset: offset of the encoded middle in it.
    ///   - size: bytes of the encoded middle.
    ///   - start: where the middle would begin in the body.
    @inline(never)
    private func expandedMiddle(_ known: BodyBytes, _ offset: Int, _ size: Int, at start: Int) -> Int {
        let segment = SharedSegment(known, at: offset, size: size)
        let lead = offset + SharedSegment.headSize
        let shared = start + segment.leadCount
        guard segment.linesBack <= line, bytes.equals(start, known, lead, length: segment.leadCount),
            bytes.equals(
                shared, spans[line - segment.linesBack].range.start + segment.sourceOffset,
                length: segment.sharedCount),
            bytes.equals(
                shared + segment.sharedCount, known, lead + segment.leadCount, length: segment.tailCount)
        else { return -1 }
        return segment.leadCount + segment.sharedCount + segment.tailCount
    }

    /// Passes the line at `position` if it has this hash. Returns the offset of the next line; `nil` when the line differs.
    private mutating func passComment(_ slot: Slot, hash: UInt64) -> Int? {
        let end = bytes.lineEnd(from: position)
        guard slot != .unstable, bytes.hash(ByteRange(position, end), seed: seed) == hash else { return nil }
        return reader.passComment(slot, endingAt: end, type: &type)
    }

    /// Reads a sample line from its value on and stores the sample. Returns the offset of the next line; `nil` when what
    /// follows makes it another line than the template's.
    @inline(__always)
    private mutating func readSample(
        _ slot: Slot, at start: Int, into row: inout SampleRow, result: inout BodyResult
    ) -> Int? {
        if slot.columnCode >= 0 {
            var value = 0.0
            guard let next = wholeNumber(at: start, &value) else {
                return readUncommonSample(slot, at: start, into: &row, result: &result)
            }
            result.samples += 1
            if row.setIfAbsent(Int(slot.columnCode), to: value) { result.duplicates += 1 }
            return next
        }
        return readUncommonSample(slot, at: start, into: &row, result: &result)
    }

    /// The same for any value, timestamps and exemplars included.
    @inline(never)
    private mutating func readUncommonSample(
        _ slot: Slot, at start: Int, into row: inout SampleRow, result: inout BodyResult
    ) -> Int? {
        reader.readSample(slot, at: start, into: &row, result: &result)
    }

    /// Parses the commonest form of a value: at most 15 digits and a line feed. Returns the offset of the next line; `nil`
    /// for any other form.
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
    /// Sets a column's value unless the column has one. Returns true when it had one, which then stays.
    @inline(__always)
    mutating func setIfAbsent(_ column: Int, to value: Double) -> Bool {
        let bit: UInt64 = 1 << UInt64(column & 63)
        if present[column >> 6] & bit != 0 { return true }
        present[column >> 6] |= bit
        values[column] = value
        return false
    }
}
