/// One line of a template, front-coded: the bytes that it shares with the preceding sample line are counts, only the middle
/// between them is stored.
///
///     +-------+----------+--------+----------+--------+--------------+
///     | flags | [prefix] | middle | [suffix] | [slot] | middle bytes |
///     +-------+----------+--------+----------+--------+--------------+
///
/// Bits of `flags`: 1 and 2 hold the context, 4 says that the middle is a `SharedSegment`. The others say which fields are
/// there: 8 the prefix (absent: that of the preceding line), 16 the suffix (absent: 0), 32 the slot in four bytes (absent:
/// the column after that of the preceding line). A count below 255 is one byte, a larger one the byte 255 and two more.
struct TemplateLine: Sendable {
    /// Bytes at the beginning that the preceding sample line has as well.
    var prefix: UInt16 = 0
    /// Bytes of the stored middle.
    var middle: UInt16 = 0
    /// Bytes at the end that the preceding sample line has as well.
    var suffix: UInt16 = 0
    /// Which label the TYPE line in force makes a number. The same bytes under another TYPE may be another series.
    var context = MetricType.NumberLabel.none
    /// Whether the middle is a `SharedSegment`.
    var hasSharedSegment = false
    /// Where the line's sample goes, or what kind of line it is.
    var slot: Slot
    /// Offset of the middle in the template.
    var middleOffset: UInt32 = 0
}

/// The fields of a line that the next line may leave out.
private struct LineState: Sendable {
    var prefix: UInt16 = 0
    var column: Int32 = -1

    mutating func note(_ line: TemplateLine) {
        prefix = line.prefix
        column = line.slot.columnCode
    }
}

/// Bits of a line's first byte.
private enum HeadFlag {
    static let context: UInt8 = 3
    static let sharedSegment: UInt8 = 4
    static let prefix: UInt8 = 8
    static let suffix: UInt8 = 16
    static let slot: UInt8 = 32
}

/// Encodes the heads of template lines, one after the other.
struct TemplateLineWriter: Sendable {
    private var state = LineState()

    /// Goes on behind a line that the template has already.
    mutating func pass(_ line: TemplateLine) { state.note(line) }

    /// Appends the head of a line. The bytes of its middle are to follow.
    mutating func appendHead(of line: TemplateLine, to out: inout [UInt8]) {
        let hasPrefix = line.prefix != state.prefix
        let hasSlot = line.slot.columnCode != state.column &+ 1 || line.slot.columnCode < 0
        var flags = line.context.rawValue
        if line.hasSharedSegment { flags |= HeadFlag.sharedSegment }
        if hasPrefix { flags |= HeadFlag.prefix }
        if line.suffix > 0 { flags |= HeadFlag.suffix }
        if hasSlot { flags |= HeadFlag.slot }
        out.append(flags)
        if hasPrefix { Self.append(line.prefix, to: &out) }
        Self.append(line.middle, to: &out)
        if line.suffix > 0 { Self.append(line.suffix, to: &out) }
        if hasSlot {
            out.appendShort(Int(line.slot.columnCode))
            out.appendShort(Int(line.slot.columnCode >> 16))
        }
        state.note(line)
    }

    private static func append(_ count: UInt16, to out: inout [UInt8]) {
        if count < 255 { return out.append(UInt8(count)) }
        out.append(255)
        out.appendShort(Int(count))
    }
}

/// Decodes template lines, one after the other.
struct TemplateLineReader {
    /// Offset of the next line in the template.
    private(set) var at = 0
    private var state = LineState()

    /// The next line. There must be one.
    @inline(__always)
    mutating func next(_ bytes: BodyBytes) -> TemplateLine {
        let flags = bytes.byte(at)
        at += 1
        let prefix = flags & HeadFlag.prefix == 0 ? state.prefix : count(bytes)
        let middle = count(bytes)
        let suffix = flags & HeadFlag.suffix == 0 ? 0 : count(bytes)
        var slot = state.column &+ 1
        if flags & HeadFlag.slot != 0 {
            slot = Int32(bitPattern: UInt32(bytes.short(at)) | UInt32(bytes.short(at + 2)) << 16)
            at += 4
        }
        let line = TemplateLine(
            prefix: prefix, middle: middle, suffix: suffix,
            context: MetricType.NumberLabel(rawValue: flags & HeadFlag.context) ?? .none,
            hasSharedSegment: flags & HeadFlag.sharedSegment != 0, slot: Slot(code: slot),
            middleOffset: UInt32(truncatingIfNeeded: at))
        at += Int(middle)
        state.note(line)
        return line
    }

    @inline(__always)
    private mutating func count(_ bytes: BodyBytes) -> UInt16 {
        let first = bytes.byte(at)
        at += 1
        if first < 255 { return UInt16(first) }
        at += 2
        return UInt16(bytes.short(at - 2))
    }
}
