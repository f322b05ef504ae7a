internal import Model

/// The lines of a target's last body without their values: what the next body will very likely repeat.
///
/// A sample line is stored up to its value's first byte, and of that only the middle that it does not share, at its
/// beginning or end, with the sample line before it, nor in its midst with an earlier one: a proxy's 400-byte line takes
/// about 15 bytes. Any other line is stored as its hash, 8 bytes, under a seed that nobody outside knows. Value type; some
/// four bytes a line (`TemplateLine`) plus the middles.
struct BodyTemplate: Sendable {
    /// Lines longer than this are read anew each time.
    static let prefixMax = Int(UInt16.max)

    /// Lines kept; those behind them are read anew each time. Twice what a store takes of one target.
    static let linesMax = 400_000
    /// Bytes kept, likewise.
    static let bytesMax = 20 << 20

    /// Shorter common endings are not worth a comparison of their own.
    private static let suffixMin = 12

    /// The format the lines were read in.
    var format: ExpositionFormat
    /// Number of lines.
    private(set) var lineCount = 0
    /// The lines in the order of the body (`TemplateLine`).
    private(set) var bytes: [UInt8] = []
    /// One more than the highest column.
    private(set) var columnCount = 0
    /// Where the lines stand in the body they are added from, while that goes on.
    private var spans: [LineSpan] = []
    /// The number of the last sample line, likewise; `nil` when there is none.
    private var lastSample: Int?
    /// What the lines so far share with those to come.
    private var stretches = StretchIndex()
    private var writer = TemplateLineWriter()

    /// No lines.
    init(format: ExpositionFormat) { self.format = format }

    /// Those of the `lines` of another template that the walk found in the body that is read now.
    init(_ other: BodyTemplate, _ lines: [TemplateLine], _ walk: TemplateWalk) {
        format = other.format
        bytes.reserveCapacity(other.bytes.count)
        bytes += other.bytes[..<walk.templateBytes]
        columnCount = other.columnCount
        spans = walk.spans
        for line in lines[..<walk.line] {
            writer.pass(line)
            if line.slot.isSample {
                lastSample = lineCount
                addStretches(line, spans[lineCount].range, of: walk.bytes)
            }
            lineCount += 1
        }
    }

    /// The lines, decoded. O(lines).
    var lines: [TemplateLine] {
        var out: [TemplateLine] = []
        out.reserveCapacity(lineCount)
        unsafe bytes.withUnsafeBytes { raw in
            let bytes = unsafe BodyBytes(raw)
            var reader = TemplateLineReader()
            for _ in 0..<lineCount { out.append(reader.next(bytes)) }
        }
        return out
    }

    /// Whether further lines are left out: those that are there begin the body, and that is all a walk needs.
    private var isFull: Bool { lineCount >= Self.linesMax || bytes.count >= Self.bytesMax }

    /// Adds the head of a line; its middle is to follow.
    private mutating func put(_ line: TemplateLine, at range: ByteRange) {
        writer.put(line, into: &bytes)
        spans.append(LineSpan(range))
        lineCount += 1
    }

    /// Adds a line that must be read anew each time.
    mutating func appendUnstable() {
        if isFull { return }
        put(TemplateLine(slot: .unstable), at: ByteRange(0, 0))
    }

    /// Adds a line without sample.
    mutating func append(comment hash: UInt64, _ slot: Slot) {
        if isFull { return }
        put(TemplateLine(middle: 8, slot: slot), at: ByteRange(0, 0))
        unsafe withUnsafeBytes(of: hash) { unsafe self.bytes.append(contentsOf: $0) }
    }

    /// Adds a sample line that stands, up to its value, at `range` of `body`. All lines of one template come from one
    /// body, in order. Whatever follows these bytes, their series must be the same unless it is a blank, `{` or the line's
    /// end.
    mutating func append(_ range: ByteRange, _ slot: Slot, context: MetricType.NumberLabel, of body: BodyBytes) {
        if isFull { return }
        guard range.count <= Self.prefixMax else { return appendUnstable() }
        var prefix = 0
        var suffix = 0
        if let lastSample {
            let last = spans[lastSample].range
            prefix = body.commonPrefix(last, range)
            let rest = ByteRange(range.start + prefix, range.end)
            suffix = body.commonSuffix(ByteRange(last.start + min(prefix, last.count), last.end), rest)
            if suffix < Self.suffixMin { suffix = 0 }
        }
        let split = split(range, prefix: prefix, suffix: &suffix, of: body)
        let middle = split?.size ?? range.count - prefix - suffix
        let line = TemplateLine(
            prefix: UInt16(prefix), middle: UInt16(middle), suffix: UInt16(suffix), context: context,
            isSplit: split != nil, slot: slot)
        addStretches(line, range, of: body)
        lastSample = lineCount
        put(line, at: range)
        if let split {
            split.putHead(into: &bytes)
            body.append(ByteRange(range.start + prefix, range.start + prefix + split.lead), to: &bytes)
            body.append(ByteRange(range.end - suffix - split.rest, range.end - suffix), to: &bytes)
        } else {
            body.append(ByteRange(range.start + prefix, range.end - suffix), to: &bytes)
        }
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
            range, after: last, back: lineCount - lastSample, prefix: prefix, suffix: &nearSuffix, of: bytes)
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
                lead: stretch.part.start - range.start - prefix, back: lineCount - stretch.line, from: stretch.from,
                inner: stretch.part.count, rest: range.end - stretch.part.end - farSuffix, insteadOf: middle)
        }
        if let far, far.size < near?.size ?? .max {
            suffix = farSuffix
            return far
        }
        if near != nil { suffix = nearSuffix }
        return near
    }

    /// Remembers for later lines what a sample line, the next one to be added, has that no earlier one had.
    private mutating func addStretches(_ line: TemplateLine, _ range: ByteRange, of body: BodyBytes) {
        guard Int(line.middle) >= SplitMiddle.worthwhile else { return }
        stretches.add(
            ByteRange(range.start + Int(line.prefix), range.end - Int(line.suffix)), line: lineCount, of: body)
    }

    /// Gives back memory that growing reserved in excess.
    mutating func shrinkToFit() {
        spans = []
        stretches = StretchIndex()
        bytes.shrinkToFit()
    }
}
