/// The middle of a template line that repeats a segment of an earlier line: a back reference, as in LZ77 compression.
///
/// A proxy writes the long label list of a destination behind a dozen metric names: after `x_bucket{a="1",le="5"}` come
/// `x_sum{a="1"}` and, further down, `y{a="1",b="2"}`. Front coding against the preceding line (`TemplateLine`) can't share
/// labels that stand between different beginnings and endings; so a line may copy one segment from any earlier line.
///
/// Layout in the template, numbers little-endian:
///
///     +---------------+---------------+------------------+-----------------+------------+------------+
///     | leadCount u16 | linesBack u16 | sourceOffset u16 | sharedCount u16 | lead bytes | tail bytes |
///     +---------------+---------------+------------------+-----------------+------------+------------+
///
/// The line reads: prefix, lead bytes, `sharedCount` bytes of the line `linesBack` lines before from its byte
/// `sourceOffset` on, tail bytes, suffix.
struct SharedSegment {
    /// Bytes of the middle before the shared segment.
    var leadCount: Int
    /// How many lines before this one the source line is; at least 1.
    var linesBack: Int
    /// Offset of the segment in the source line.
    var sourceOffset: Int
    /// Bytes of the segment.
    var sharedCount: Int
    /// Bytes of the middle behind the shared segment.
    var tailCount: Int

    /// Bytes of the four numbers.
    static let headSize = 8
    /// Middles of fewer bytes are stored as they are: a back reference would hardly be shorter.
    static let middleMin = 48

    /// Bytes of the encoded middle: head, lead and tail.
    var size: Int { Self.headSize + leadCount + tailCount }

    /// Decodes the middle of `size` bytes at an offset of a template.
    init(_ template: BodyBytes, at offset: Int, size: Int) {
        leadCount = template.short(offset)
        linesBack = template.short(offset + 2)
        sourceOffset = template.short(offset + 4)
        sharedCount = template.short(offset + 6)
        tailCount = size - Self.headSize - leadCount
    }

    /// A segment with these parts; `nil` when it would save too little compared with a plain middle of `middle` bytes, or
    /// when a number does not fit in 16 bits.
    init?(leadCount: Int, linesBack: Int, sourceOffset: Int, sharedCount: Int, tailCount: Int, insteadOf middle: Int) {
        self.leadCount = leadCount
        self.linesBack = linesBack
        self.sourceOffset = sourceOffset
        self.sharedCount = sharedCount
        self.tailCount = tailCount
        guard size + Self.middleMin / 2 <= middle,
            max(leadCount, linesBack, sourceOffset, sharedCount) <= Int(UInt16.max)
        else { return nil }
    }

    /// The segment that line and preceding sample line share from their first braces on, beyond their common prefix.
    ///
    /// - Parameters:
    ///   - last: the preceding sample line, `linesBack` lines before.
    ///   - suffix: on entry the bytes of their common suffix; set to those behind the segment.
    init?(
        _ line: ByteRange, after last: ByteRange, linesBack: Int, prefix: Int, suffix: inout Int, of bytes: BodyBytes
    ) {
        guard let brace = bytes.firstBrace(ByteRange(line.start + prefix, line.end)),
            let lastBrace = bytes.firstBrace(ByteRange(last.start + min(prefix, last.count), last.end))
        else { return nil }
        let shared = bytes.commonPrefix(ByteRange(lastBrace, last.end), ByteRange(brace, line.end))
        let ending = bytes.commonSuffix(
            ByteRange(lastBrace + shared, last.end), ByteRange(brace + shared, line.end))
        self.init(
            leadCount: brace - line.start - prefix, linesBack: linesBack, sourceOffset: lastBrace - last.start,
            sharedCount: shared, tailCount: line.end - brace - shared - ending,
            insteadOf: line.count - prefix - suffix)
        suffix = ending
    }

    /// Appends the four numbers. The lead bytes and the tail bytes are to follow.
    func appendHead(to out: inout [UInt8]) {
        for number in [leadCount, linesBack, sourceOffset, sharedCount] { out.appendShort(number) }
    }
}

extension [UInt8] {
    /// Appends the lower 16 bits of a number, little-endian.
    mutating func appendShort(_ number: Int) {
        append(UInt8(truncatingIfNeeded: number))
        append(UInt8(truncatingIfNeeded: number >> 8))
    }
}

extension BodyBytes {
    /// The two bytes at an offset as a little-endian number.
    func short(_ offset: Int) -> Int { Int(byte(offset)) | Int(byte(offset + 1)) << 8 }

    fileprivate func firstBrace(_ range: ByteRange) -> Int? {
        for offset in range.start..<range.end where byte(offset) == 0x7b { return offset }
        return nil
    }
}
