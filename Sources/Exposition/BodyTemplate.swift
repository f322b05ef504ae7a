internal import Model

/// The lines of a target's last body without their values: what the next body will very likely repeat.
///
/// A sample line is stored up to its value's first byte, and of that only the middle that it does not share, at its
/// beginning or end, with the sample line before it, nor in its midst with an earlier one: a proxy's 400-byte line takes
/// about 15 bytes. Any other line is stored as its hash, 8 bytes, under a seed that nobody outside knows. Value type; 12
/// bytes a line plus the middles.
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
    /// Where the lines stand in the body they are added from, while that goes on.
    private var spans: [LineSpan] = []
    /// The number of the last sample line, likewise; `nil` when there is none.
    private var lastSample: Int?
    /// What the lines so far share with those to come.
    private var stretches = StretchIndex()

    /// No lines.
    init(format: ExpositionFormat) { self.format = format }

    /// The lines of another template that the walk found in the body that is read now.
    init(_ other: BodyTemplate, _ walk: TemplateWalk) {
        format = other.format
        lines.reserveCapacity(other.lines.count)
        middles.reserveCapacity(other.middles.count)
        lines += other.lines[..<walk.line]
        middles += other.middles[..<walk.middleBytes]
        columnCount = other.columnCount
        spans = walk.spans
        lastSample = lines.lastIndex { $0.slot.isSample }
        for number in lines.indices where lines[number].slot.isSample { addStretches(number, of: walk.bytes) }
    }

    /// Whether further lines are left out: those that are there begin the body, and that is all a walk needs.
    private var isFull: Bool { lines.count >= Self.linesMax || middles.count >= Self.middleBytesMax }

    /// Adds a line that must be read anew each time.
    mutating func appendUnstable() {
        if isFull { return }
        lines.append(Line(prefix: 0, middle: 0, suffix: 0, context: .none, slot: .unstable))
        spans.append(LineSpan(ByteRange(0, 0)))
    }

    /// Adds a line without sample.
    mutating func append(comment hash: UInt64, _ slot: Slot) {
        if isFull { return }
        lines.append(Line(prefix: 0, middle: 8, suffix: 0, context: .none, slot: slot))
        spans.append(LineSpan(ByteRange(0, 0)))
        unsafe withUnsafeBytes(of: hash) { unsafe middles.append(contentsOf: $0) }
    }

    /// Adds a sample line that stands, up to its value, at `range` of `bytes`. All lines of one template come from one
    /// body, in order.
    mutating func append(_ range: ByteRange, _ slot: Slot, context: MetricType.NumberLabel, of bytes: BodyBytes) {
        if isFull { return }
        guard range.count <= Self.prefixMax else { return appendUnstable() }
        var prefix = 0
        var suffix = 0
        if let lastSample {
            let last = spans[lastSample].range
            prefix = bytes.commonPrefix(last, range)
            let rest = ByteRange(range.start + prefix, range.end)
            suffix = bytes.commonSuffix(ByteRange(last.start + min(prefix, last.count), last.end), rest)
            if suffix < Self.suffixMin { suffix = 0 }
        }
        let before = middles.count
        let split = split(range, prefix: prefix, suffix: &suffix, of: bytes)
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
        spans.append(LineSpan(range))
        let number = lines.count - 1
        lastSample = number
        addStretches(number, of: bytes)
        columnCount = max(columnCount, Int(slot.columnCode) + 1)
    }

    /// The best way to write a long middle with a stretch of an earlier line, if any pays; then `suffix` is set to what goes
    /// with it.
    private func split(
        _ range: ByteRange, prefix: Int, suffix: inout Int, of bytes: BodyBytes
    ) -> SplitMiddle? {
        let middle = range.count - prefix - suffix
        guard middle >= SplitMiddle.worthwhile, let lastSample else { return nil }
        let last = spans[lastSample].range
        var nearSuffix = suffix
        let near = SplitMiddle(
            range, after: last, back: lines.count - lastSample, prefix: prefix, suffix: &nearSuffix, of: bytes)
        var far: SplitMiddle?
        var farSuffix = suffix
        if near?.size ?? middle >= SplitMiddle.worthwhile,
            let stretch = stretches.find(ByteRange(range.start + prefix, range.end), in: spans, of: bytes)
        {
            farSuffix = min(
                bytes.commonSuffix(
                    ByteRange(last.start + min(prefix, last.count), last.end),
                    ByteRange(stretch.part.end, range.end)), range.end - stretch.part.end)
            far = SplitMiddle(
                lead: stretch.part.start - range.start - prefix, back: lines.count - stretch.line, from: stretch.from,
                inner: stretch.part.count, rest: range.end - stretch.part.end - farSuffix, insteadOf: middle)
        }
        if let far, far.size < near?.size ?? .max {
            suffix = farSuffix
            return far
        }
        if near != nil { suffix = nearSuffix }
        return near
    }

    /// Remembers for later lines what a sample line has that no earlier one had.
    private mutating func addStretches(_ number: Int, of bytes: BodyBytes) {
        let line = lines[number]
        guard Int(line.middle) >= SplitMiddle.worthwhile else { return }
        let range = spans[number].range
        stretches.add(
            ByteRange(range.start + Int(line.prefix), range.end - Int(line.suffix)), line: number, of: bytes)
    }

    /// Gives back memory that growing reserved in excess.
    mutating func fit() {
        spans = []
        stretches = StretchIndex()
        middles.fit()
        lines.fit()
    }
}
