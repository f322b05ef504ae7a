internal import Model

/// The lines of a target's last body without their values: what the next body will very likely repeat.
///
/// A sample line is stored up to its value's first byte, and of that only the middle that it does not share, at its
/// beginning, end or in its midst, with the sample line before it: a proxy's 400-byte line takes about 30 bytes. Any other line is
/// stored as its hash, 8 bytes, under a seed that nobody outside knows. Value type; 12 bytes a line plus the middles.
struct BodyTemplate: Sendable {
    /// One line.
    struct Line: Sendable {
        /// Leading bytes that agree with the sample line before.
        var prefix: UInt16
        /// Bytes that follow them, in `middles`.
        var middle: UInt16
        /// Trailing bytes that agree with the sample line before.
        var suffix: UInt16
        /// What the TYPE line in force says of the line, which is part of what a sample line means.
        var context: MetricType.NumberLabel
        /// The middle is a `SplitMiddle`.
        var isSplit = false
        /// What the line is.
        var slot: Slot
    }

    /// Lines longer than this are read anew each time.
    static let prefixMax = Int(UInt16.max)

    /// Lines kept; those behind them are read anew each time. Twice what a store takes of one target.
    static let linesMax = 400_000
    /// Bytes of `middles` kept, likewise.
    static let middleBytesMax = 16 << 20

    /// Shorter common endings are not worth a comparison of their own.
    private static let suffixMin = 12

    /// The format the lines were read in.
    var format: ExpositionFormat
    /// Lines in the order of the body.
    private(set) var lines: [Line] = []
    /// The middles of all lines, one after the other.
    private(set) var middles: [UInt8] = []
    /// One more than the highest column.
    private(set) var columnCount = 0
    /// The last sample line as a range of the body it was added from, for sharing with the next; `nil` when unknown.
    private var lastLine: ByteRange?

    /// No lines.
    init(format: ExpositionFormat) { self.format = format }

    /// The first lines of another template, whose last sample line stands at `lastLine` of the body that is read now.
    init(_ other: BodyTemplate, lines count: Int, middleBytes: Int, lastLine: ByteRange?) {
        format = other.format
        lines.reserveCapacity(other.lines.count)
        middles.reserveCapacity(other.middles.count)
        lines += other.lines[..<count]
        middles += other.middles[..<middleBytes]
        columnCount = other.columnCount
        self.lastLine = lastLine
    }

    /// Whether further lines are left out: those that are there begin the body, and that is all a walk needs.
    private var isFull: Bool { lines.count >= Self.linesMax || middles.count >= Self.middleBytesMax }

    /// Adds a line that must be read anew each time.
    mutating func appendUnstable() {
        if isFull { return }
        lines.append(Line(prefix: 0, middle: 0, suffix: 0, context: .none, slot: .unstable))
    }

    /// Adds a line without sample.
    mutating func append(comment hash: UInt64, _ slot: Slot) {
        if isFull { return }
        lines.append(Line(prefix: 0, middle: 8, suffix: 0, context: .none, slot: slot))
        unsafe withUnsafeBytes(of: hash) { unsafe middles.append(contentsOf: $0) }
    }

    /// Adds a sample line that stands, up to its value, at `range` of `bytes`. All lines of one template come from one
    /// body, in order.
    mutating func append(_ range: ByteRange, _ slot: Slot, context: MetricType.NumberLabel, of bytes: BodyBytes) {
        if isFull { return }
        guard range.count <= Self.prefixMax else { return appendUnstable() }
        var prefix = 0
        var suffix = 0
        if let lastLine {
            prefix = bytes.commonPrefix(lastLine, range)
            let rest = ByteRange(range.start + prefix, range.end)
            let lastRest = ByteRange(lastLine.start + min(prefix, lastLine.count), lastLine.end)
            suffix = bytes.commonSuffix(lastRest, rest)
            if suffix < Self.suffixMin { suffix = 0 }
        }
        let before = middles.count
        let split = lastLine.flatMap {
            SplitMiddle(range, after: $0, prefix: prefix, suffix: &suffix, of: bytes)
        }
        if let split {
            split.putHead(into: &middles)
            bytes.append(ByteRange(range.start + prefix, range.start + prefix + split.lead), to: &middles)
            bytes.append(ByteRange(range.end - suffix - split.rest, range.end - suffix), to: &middles)
        } else {
            bytes.append(ByteRange(range.start + prefix, range.end - suffix), to: &middles)
        }
        lines.append(
            Line(
                prefix: UInt16(prefix), middle: UInt16(middles.count - before), suffix: UInt16(suffix),
                context: context, isSplit: split != nil, slot: slot))
        lastLine = range
        columnCount = max(columnCount, Int(slot.columnCode) + 1)
    }

    /// Gives back memory that growing reserved in excess.
    mutating func fit() {
        lastLine = nil
        middles.fit()
        lines.fit()
    }
}
