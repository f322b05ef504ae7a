/// The middle of a template's line that has a stretch of the line before in its midst: after `x_bucket{a="1",le="5"}` come
/// `x_sum{a="1"}` and `y{a="1",b="2"}`, which share long label lists under other names.
///
///     +----------+----------+-----------+------------+------+
///     | lead u16 | from u16 | inner u16 | lead bytes | rest |
///     +----------+----------+-----------+------------+------+
///
/// The line is the prefix, the lead bytes, `inner` bytes of the line before from its place `from` on, the rest, the suffix.
struct SplitMiddle {
    /// Bytes before the stretch.
    var lead: Int
    /// Where the stretch begins in the line before.
    var from: Int
    /// Its length.
    var inner: Int
    /// Bytes behind it.
    var rest: Int

    /// Bytes of the three numbers.
    static let headSize = 6
    /// Middles below this size are not worth a split.
    static let worthwhile = 48

    /// Bytes in `middles`.
    var size: Int { Self.headSize + lead + rest }

    /// The split of the middle that lies at `place` of `middles` and has `size` bytes.
    init(_ middles: BodyBytes, at place: Int, size: Int) {
        lead = middles.short(place)
        from = middles.short(place + 2)
        inner = middles.short(place + 4)
        rest = size - Self.headSize - lead
    }

    /// Looks for a stretch that begins with the first brace behind the common prefix of two lines of `bytes`; `suffix` is
    /// set to what they then share at the end. `nil` when it would not pay.
    init?(_ line: ByteRange, after last: ByteRange, prefix: Int, suffix: inout Int, of bytes: BodyBytes) {
        let middle = line.count - prefix - suffix
        guard middle >= Self.worthwhile,
            let brace = bytes.firstBrace(ByteRange(line.start + prefix, line.end)),
            let lastBrace = bytes.firstBrace(ByteRange(last.start + min(prefix, last.count), last.end))
        else { return nil }
        lead = brace - line.start - prefix
        from = lastBrace - last.start
        inner = bytes.commonPrefix(ByteRange(lastBrace, last.end), ByteRange(brace, line.end))
        let ends = bytes.commonSuffix(
            ByteRange(lastBrace + inner, last.end), ByteRange(brace + inner, line.end))
        rest = line.end - brace - inner - ends
        guard size + Self.worthwhile / 2 <= middle else { return nil }
        suffix = ends
    }

    /// Appends the numbers; the bytes follow.
    func putHead(into out: inout [UInt8]) {
        for number in [lead, from, inner] {
            out.append(UInt8(truncatingIfNeeded: number))
            out.append(UInt8(truncatingIfNeeded: number >> 8))
        }
    }
}

extension BodyBytes {
    /// Two bytes as a number, the low one first.
    fileprivate func short(_ place: Int) -> Int { Int(byte(place)) | Int(byte(place + 1)) << 8 }

    fileprivate func firstBrace(_ range: ByteRange) -> Int? {
        for place in range.start..<range.end where byte(place) == 0x7b { return place }
        return nil
    }
}
