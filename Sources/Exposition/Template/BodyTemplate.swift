internal import Model

/// A template: the lines of a target's last body without their values, which the next body will very likely repeat.
///
/// Scrape bodies change in their values only, so a body that is compared with a template needs no parsing
/// (`TemplateWalk`). Targets have hundreds of thousands of lines, so templates are compressed: each sample line is
/// front-coded against the preceding one (`TemplateLine`: common prefix and suffix are counts), and a long remainder may
/// repeat a segment of any earlier line (`SharedSegment`). A proxy's line of 400 bytes takes about 15. A sample line is stored
/// up to its value's first byte, any other line as its hash of 8 bytes under a seed that nobody outside knows.
///
/// Invariant: the template's lines are the first lines of one body, in order, without gaps.
struct BodyTemplate: Sendable {
    /// Bytes of a line, up to its value, beyond which the line is not stored but parsed each time.
    static let prefixMax = Int(UInt16.max)

    /// Lines stored at most; further lines are parsed each time. Twice the series that the store takes of one target.
    static let linesMax = 400_000
    /// Bytes stored at most; likewise.
    static let bytesMax = 20 << 20

    /// Bytes a common suffix must have to be worth a comparison of its own.
    private static let suffixMin = 12

    /// The format the lines were read in.
    var format: ExpositionFormat
    /// Number of lines.
    private(set) var lineCount = 0
    /// The encoded lines in the order of the body (`TemplateLine`).
    private(set) var bytes: [UInt8] = []
    /// One more than the highest column of a sample.
    private(set) var columnCount = 0
    /// The range of each line in the body that lines are added from. Empty when the template is finished.
    private var spans: [LineSpan] = []
    /// Number of the last sample line; `nil` when there is none.
    private var lastSample: Int?
    /// The labels of the lines so far, for segments that later lines share. Empty when the template is finished.
    private var runs = RunIndex()
    private var writer = TemplateLineWriter()

    /// A template without lines.
    init(format: ExpositionFormat) { self.format = format }

    /// The lines of another template that a walk found in the body that is being read: `lines`, decoded, as far as the walk
    /// came.
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
                addRuns(line, spans[lineCount].range, of: walk.bytes)
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

    /// Whether a limit is reached. Further lines are left out; the lines that are there still begin the body, which is all
    /// that a walk needs.
    private var isFull: Bool { lineCount >= Self.linesMax || bytes.count >= Self.bytesMax }

    /// Adds the head of a line at a range of the body. The bytes of its middle are to follow.
    private mutating func appendHead(of line: TemplateLine, at range: ByteRange) {
        writer.appendHead(of: line, to: &bytes)
        spans.append(LineSpan(range))
        lineCount += 1
    }

    /// Adds a line that must be parsed each time.
    mutating func appendUnstable() {
        if isFull { return }
        appendHead(of: TemplateLine(slot: .unstable), at: ByteRange(0, 0))
    }

    /// Adds a line without sample by its hash.
    mutating func append(comment hash: UInt64, _ slot: Slot) {
        if isFull { return }
        appendHead(of: TemplateLine(middle: 8, slot: slot), at: ByteRange(0, 0))
        unsafe withUnsafeBytes(of: hash) { unsafe self.bytes.append(contentsOf: $0) }
    }

    /// Adds a sample line.
    ///
    /// - Parameters:
    ///   - range: the line in `body` up to its value. All lines of a template come from one body, in order. The bytes must
    ///     determine the series whatever value follows them, except for a blank, a `{` or the line's end.
    ///   - context: which label the TYPE line in force makes a number.
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
        let segment = sharedSegment(range, prefix: prefix, suffix: &suffix, of: body)
        let middle = segment?.size ?? range.count - prefix - suffix
        let line = TemplateLine(
            prefix: UInt16(prefix), middle: UInt16(middle), suffix: UInt16(suffix), context: context,
            hasSharedSegment: segment != nil, slot: slot)
        addRuns(line, range, of: body)
        lastSample = lineCount
        appendHead(of: line, at: range)
        if let segment {
            segment.appendHead(to: &bytes)
            body.append(ByteRange(range.start + prefix, range.start + prefix + segment.leadCount), to: &bytes)
            body.append(ByteRange(range.end - suffix - segment.tailCount, range.end - suffix), to: &bytes)
        } else {
            body.append(ByteRange(range.start + prefix, range.end - suffix), to: &bytes)
        }
        columnCount = max(columnCount, Int(slot.columnCode) + 1)
    }

    /// The shared segment that makes a long middle shortest: from the preceding sample line, or from any earlier line.
    /// `nil` when none saves enough. `suffix` is set to the bytes of the common suffix that goes with the segment.
    private func sharedSegment(
        _ range: ByteRange, prefix: Int, suffix: inout Int, of bytes: BodyBytes
    ) -> SharedSegment? {
        let middle = range.count - prefix - suffix
        guard middle >= SharedSegment.middleMin, let lastSample else { return nil }
        let last = spans[lastSample].range
        var nearSuffix = suffix
        let near = SharedSegment(
            range, after: last, linesBack: lineCount - lastSample, prefix: prefix, suffix: &nearSuffix, of: bytes)
        var far: SharedSegment?
        var farSuffix = suffix
        if near?.size ?? middle >= SharedSegment.middleMin,
            let run = runs.longestRun(in: ByteRange(range.start + prefix, range.end), lines: spans, of: bytes)
        {
            farSuffix = min(
                bytes.commonSuffix(
                    ByteRange(last.start + min(prefix, last.count), last.end), ByteRange(run.range.end, range.end)),
                range.end - run.range.end)
            far = SharedSegment(
                leadCount: run.range.start - range.start - prefix, linesBack: lineCount - run.line,
                sourceOffset: run.sourceOffset, sharedCount: run.range.count,
                tailCount: range.end - run.range.end - farSuffix, insteadOf: middle)
        }
        if let far, far.size < near?.size ?? .max {
            suffix = farSuffix
            return far
        }
        if near != nil { suffix = nearSuffix }
        return near
    }

    /// Indexes the labels of the sample line that is added next, for segments that later lines share with it. Only labels in
    /// a long middle are new; the others are in an earlier line.
    private mutating func addRuns(_ line: TemplateLine, _ range: ByteRange, of body: BodyBytes) {
        guard Int(line.middle) >= SharedSegment.middleMin else { return }
        runs.add(
            ByteRange(range.start + Int(line.prefix), range.end - Int(line.suffix)), line: lineCount, of: body)
    }

    /// Finishes the template: drops what only adding lines needs, and memory reserved in excess.
    mutating func finish() {
        spans = []
        runs = RunIndex()
        bytes.shrinkToFit()
    }
}
