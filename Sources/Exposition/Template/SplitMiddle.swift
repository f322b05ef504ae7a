/// The middle of a template's line that has a stretch of an earlier line in its midst. A proxy writes the long label list
/// of a destination behind a dozen metric names: after `x_bucket{a="1",le="5"}` come `x_sum{a="1"}` and, further down,
/// `y{a="1",b="2"}`.
///
///     +----------+----------+----------+-----------+------------+------+
///     | lead u16 | back u16 | from u16 | inner u16 | lead bytes | rest |
///     +----------+----------+----------+-----------+------------+------+
///
/// The line is the prefix, the lead bytes, `inner` bytes of the line `back` lines before from its place `from` on, the
/// rest, the suffix.
struct SplitMiddle {
    /// Bytes before the stretch.
    var lead: Int
    /// How many lines before this one the stretch is found, at least one.
    var back: Int
    /// Where it begins in that line.
    var from: Int
    /// Its length.
    var inner: Int
    /// Bytes behind it.
    var rest: Int

    /// Bytes of the four numbers.
    static let headSize = 8
    /// Middles below this size are not worth a split.
    static let worthwhile = 48

    /// Bytes in `middles`.
    var size: Int { Self.headSize + lead + rest }

    /// The split of the middle that lies at `place` of `middles` and has `size` bytes.
    init(_ middles: BodyBytes, at place: Int, size: Int) {
        lead = middles.short(place)
        back = middles.short(place + 2)
        from = middles.short(place + 4)
        inner = middles.short(place + 6)
        rest = size - Self.headSize - lead
    }

    /// A split with these parts. `nil` when it would not pay instead of `middle` bytes, or a part is too long.
    init?(lead: Int, back: Int, from: Int, inner: Int, rest: Int, insteadOf middle: Int) {
        self.lead = lead
        self.back = back
        self.from = from
        self.inner = inner
        self.rest = rest
        guard size + Self.worthwhile / 2 <= middle, max(lead, back, from, inner) <= Int(UInt16.max) else { return nil }
    }

    /// The stretch that begins with the first brace behind the common prefix of a line and the sample line before it,
    /// which stands `back` lines before; `suffix` is set to what they then share at the end.
    init?(
        _ line: ByteRange, after last: ByteRange, back: Int, prefix: Int, suffix: inout Int, of bytes: BodyBytes
    ) {
        guard let brace = bytes.firstBrace(ByteRange(line.start + prefix, line.end)),
            let lastBrace = bytes.firstBrace(ByteRange(last.start + min(prefix, last.count), last.end))
        else { return nil }
        let inner = bytes.commonPrefix(ByteRange(lastBrace, last.end), ByteRange(brace, line.end))
        let ends = bytes.commonSuffix(
            ByteRange(lastBrace + inner, last.end), ByteRange(brace + inner, line.end))
        self.init(
            lead: brace - line.start - prefix, back: back, from: lastBrace - last.start, inner: inner,
            rest: line.end - brace - inner - ends, insteadOf: line.count - prefix - suffix)
        suffix = ends
    }

    /// Appends the numbers; the bytes follow.
    func putHead(into out: inout [UInt8]) {
        for number in [lead, back, from, inner] { out.putShort(number) }
    }
}

extension [UInt8] {
    /// Appends the lower two bytes of a number, the low one first.
    mutating func putShort(_ number: Int) {
        append(UInt8(truncatingIfNeeded: number))
        append(UInt8(truncatingIfNeeded: number >> 8))
    }
}

extension BodyBytes {
    /// Two bytes as a number, the low one first.
    func short(_ place: Int) -> Int { Int(byte(place)) | Int(byte(place + 1)) << 8 }

    fileprivate func firstBrace(_ range: ByteRange) -> Int? {
        for place in range.start..<range.end where byte(place) == 0x7b { return place }
        return nil
    }
}
