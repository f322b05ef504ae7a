/// One line of a template. In the template it stands as its head, then its middle:
///
///     +-------+----------+--------+----------+--------+--------------+
///     | flags | [prefix] | middle | [suffix] | [slot] | middle bytes |
///     +-------+----------+--------+----------+--------+--------------+
///
/// flags: 1 and 2 the context, 4 the middle is split, then what follows: 8 the prefix (else that of the line before), 16 the
/// suffix (else none), 32 the slot in four bytes (else the column behind that of the line before). Numbers below 255
/// are a byte, others the byte 255 and two more.
struct TemplateLine: Sendable {
    /// Leading bytes that agree with the sample line before.
    var prefix: UInt16 = 0
    /// Bytes that follow them.
    var middle: UInt16 = 0
    /// Trailing bytes that agree with the sample line before.
    var suffix: UInt16 = 0
    /// What the TYPE line in force says of the line, which is part of what a sample line means.
    var context = MetricType.NumberLabel.none
    /// The middle is a `SplitMiddle`.
    var isSplit = false
    /// What the line is.
    var slot: Slot
    /// Where its middle begins in the template.
    var middleAt: UInt32 = 0
}

/// What the head of a line leaves to the line before.
private struct LineState: Sendable {
    var prefix: UInt16 = 0
    var column: Int32 = -1

    mutating func note(_ line: TemplateLine) {
        prefix = line.prefix
        column = line.slot.columnCode
    }
}

/// Bits of a head's first byte.
private enum HeadFlag {
    static let context: UInt8 = 3
    static let split: UInt8 = 4
    static let prefix: UInt8 = 8
    static let suffix: UInt8 = 16
    static let slot: UInt8 = 32
}

/// Writes lines one after the other.
struct TemplateLineWriter: Sendable {
    private var state = LineState()

    /// Takes note of a line that was written before.
    mutating func pass(_ line: TemplateLine) { state.note(line) }

    /// Appends the head of a line; its middle is to follow.
    mutating func put(_ line: TemplateLine, into out: inout [UInt8]) {
        let hasPrefix = line.prefix != state.prefix
        let hasSlot = line.slot.columnCode != state.column &+ 1 || line.slot.columnCode < 0
        var flags = line.context.rawValue
        if line.isSplit { flags |= HeadFlag.split }
        if hasPrefix { flags |= HeadFlag.prefix }
        if line.suffix > 0 { flags |= HeadFlag.suffix }
        if hasSlot { flags |= HeadFlag.slot }
        out.append(flags)
        if hasPrefix { Self.put(line.prefix, into: &out) }
        Self.put(line.middle, into: &out)
        if line.suffix > 0 { Self.put(line.suffix, into: &out) }
        if hasSlot {
            out.putShort(Int(line.slot.columnCode))
            out.putShort(Int(line.slot.columnCode >> 16))
        }
        state.note(line)
    }

    private static func put(_ number: UInt16, into out: inout [UInt8]) {
        if number < 255 { return out.append(UInt8(number)) }
        out.append(255)
        out.putShort(Int(number))
    }
}

/// Reads lines one after the other.
struct TemplateLineReader {
    /// Where the next line begins.
    private(set) var at = 0
    private var state = LineState()

    /// The next line. There must be one.
    @inline(__always)
    mutating func next(_ bytes: BodyBytes) -> TemplateLine {
        let flags = bytes.byte(at)
        at += 1
        let prefix = flags & HeadFlag.prefix == 0 ? state.prefix : number(bytes)
        let middle = number(bytes)
        let suffix = flags & HeadFlag.suffix == 0 ? 0 : number(bytes)
        var slot = state.column &+ 1
        if flags & HeadFlag.slot != 0 {
            slot = Int32(bitPattern: UInt32(bytes.short(at)) | UInt32(bytes.short(at + 2)) << 16)
            at += 4
        }
        let line = TemplateLine(
            prefix: prefix, middle: middle, suffix: suffix,
            context: MetricType.NumberLabel(rawValue: flags & HeadFlag.context) ?? .none,
            isSplit: flags & HeadFlag.split != 0, slot: Slot(code: slot),
            middleAt: UInt32(truncatingIfNeeded: at))
        at += Int(middle)
        state.note(line)
        return line
    }

    @inline(__always)
    private mutating func number(_ bytes: BodyBytes) -> UInt16 {
        let first = bytes.byte(at)
        at += 1
        if first < 255 { return UInt16(first) }
        at += 2
        return UInt16(bytes.short(at - 2))
    }
}
