/// The lines of a target's last body without their values: what the next body will very likely repeat.
///
/// Each line is stored as the number of bytes it shares with the line before it and the rest, so a proxy's 400-byte
/// line takes about 80 bytes. A sample line is stored up to its value's first byte, any other line up to its line
/// feed. Value type; 8 bytes a line plus the tails.
struct BodyTemplate: Sendable {
    /// One line.
    struct Line: Sendable {
        /// Bytes that agree with the line before.
        var shared: UInt16
        /// Bytes that follow them, in `tails`.
        var tail: UInt16
        /// What the line is.
        var slot: Slot
    }

    /// Lines longer than this are read anew each time.
    static let prefixMax = Int(UInt16.max)

    /// The format the lines were read in.
    var format: ExpositionFormat
    /// Lines in the order of the body.
    private(set) var lines: [Line] = []
    /// The tails of all lines, one after the other.
    private(set) var tails: [UInt8] = []
    /// One more than the highest column.
    private(set) var columnCount = 0
    /// The last line as a range of the body it was added from, for sharing with the next; `nil` when unknown.
    private var lastLine: ByteRange?

    /// No lines.
    init(format: ExpositionFormat) { self.format = format }

    /// The first lines of another template, whose last one stands at `lastLine` of the body now read.
    init(_ other: BodyTemplate, lines count: Int, tailBytes: Int, lastLine: ByteRange?) {
        format = other.format
        lines.reserveCapacity(other.lines.count)
        tails.reserveCapacity(other.tails.count)
        lines += other.lines[..<count]
        tails += other.tails[..<tailBytes]
        columnCount = other.columnCount
        self.lastLine = lastLine
    }

    /// Adds a line that stands at `range` of `bytes`. All lines of one template come from one body, in order.
    mutating func append(_ range: ByteRange, _ slot: Slot, of bytes: BodyBytes) {
        guard range.count <= Self.prefixMax, slot != .unstable else {
            lines.append(Line(shared: 0, tail: 0, slot: .unstable))
            lastLine = nil
            return
        }
        let shared = lastLine.map { bytes.commonPrefix($0, range) } ?? 0
        lines.append(Line(shared: UInt16(shared), tail: UInt16(range.count - shared), slot: slot))
        bytes.append(ByteRange(range.start + shared, range.end), to: &tails)
        lastLine = range
        columnCount = max(columnCount, Int(slot.columnCode) + 1)
    }

    /// Gives back memory that growing reserved in excess.
    mutating func trim() {
        lastLine = nil
        if tails.capacity > tails.count + tails.count / 4 { tails = Array(tails[...]) }
        if lines.capacity > lines.count + lines.count / 4 { lines = Array(lines[...]) }
    }
}
