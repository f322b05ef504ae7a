internal import Model

/// Scans a sample line behind its series: value, timestamp, exemplar, line end.
struct SuffixScanner {
    let bytes: BodyBytes
    let format: ExpositionFormat

    /// Scans from the value's first byte on. O(bytes).
    func scan(from start: Int) throws(LineError) -> SampleSuffix {
        format == .text ? try scanText(from: start) : try scanOpenMetrics(from: start)
    }

    private func scanText(from start: Int) throws(LineError) -> SampleSuffix {
        var at = start
        while at < bytes.count, !Self.endsTextValue(bytes.byte(at)) { at += 1 }
        guard at > start else { throw .expectedValue }
        let value = try number(ByteRange(start, at))
        while ByteClass.isBlank(bytes.byte(at)) { at += 1 }
        var timestamp: Timestamp?
        if bytes.byte(at) >= 0x30, bytes.byte(at) <= 0x39 {
            let first = at
            while bytes.byte(at) >= 0x30, bytes.byte(at) <= 0x39 { at += 1 }
            let digits = ByteRange(first, at)
            guard let time = Timestamp(bytes.text(digits)) else {
                throw .invalidTimestamp(bytes.excerpt(digits))
            }
            timestamp = time
            while ByteClass.isBlank(bytes.byte(at)) { at += 1 }
        }
        guard at >= bytes.count || bytes.byte(at) == 0x0a else { throw .trailingText }
        return SampleSuffix(value: value, timestamp: timestamp, exemplar: nil, end: min(at + 1, bytes.count))
    }

    private static func endsTextValue(_ byte: UInt8) -> Bool {
        byte == 0x0a || byte == 0x20 || byte == 0x09 || byte == 0x7b
    }

    private func scanOpenMetrics(from start: Int) throws(LineError) -> SampleSuffix {
        var at = start
        let value = try number(word(from: &at))
        var timestamp: Timestamp?
        var exemplar: ByteRange?
        if bytes.byte(at) == 0x20, !bytes.has(" # {", at: at) {
            at += 1
            timestamp = try seconds(word(from: &at))
        }
        if bytes.has(" # {", at: at) {
            let first = at + 3
            try scanExemplar(from: &at)
            exemplar = ByteRange(first, at)
        }
        guard at < bytes.count else { throw .unexpectedEnd }
        guard bytes.byte(at) == 0x0a else { throw .trailingText }
        return SampleSuffix(value: value, timestamp: timestamp, exemplar: exemplar, end: at + 1)
    }

    private func scanExemplar(from at: inout Int) throws(LineError) {
        var labels = SeriesRanges()
        var scanner = LabelScanner(bytes: bytes, rules: .exemplar, at: at + 4)
        try scanner.scan(into: &labels)
        at = scanner.at
        guard bytes.byte(at) == 0x20 else { throw .expectedValue }
        at += 1
        _ = try number(word(from: &at))
        guard bytes.byte(at) == 0x20 else { return }
        at += 1
        _ = try seconds(word(from: &at))
    }

    /// The bytes up to the next blank or line end, at least one.
    private func word(from at: inout Int) throws(LineError) -> ByteRange {
        let start = at
        while at < bytes.count, bytes.byte(at) != 0x20, bytes.byte(at) != 0x0a { at += 1 }
        guard at > start else { throw .expectedValue }
        return ByteRange(start, at)
    }

    private func number(_ range: ByteRange) throws(LineError) -> Double {
        guard let value = NumberScanner.parse(bytes, range) else { throw .invalidNumber(bytes.excerpt(range)) }
        return value
    }

    /// OpenMetrics' timestamp, in seconds with a fraction, as milliseconds, truncated towards zero.
    private func seconds(_ range: ByteRange) throws(LineError) -> Timestamp {
        guard let value = NumberScanner.parse(bytes, range), value.isFinite,
            let time = Timestamp(exactly: (value * 1000).rounded(.towardZero))
        else { throw .invalidTimestamp(bytes.excerpt(range)) }
        return time
    }
}
