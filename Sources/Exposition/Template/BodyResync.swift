internal import Model

/// The slow path of reading a body: reads the lines behind the first one that differs from the template, and makes the new
/// template on the way.
///
/// Lines appear, vanish and change their order when a target gets new series, and most lines are still known. So each line is
/// tried in three ways, cheapest first: it is the line that follows the last matched one in the old template; it is found by
/// its hash in the old template (`ExpandedTemplate`); it goes through the full parser, and the resolver gives its slot. The
/// metadata lines of the body are hashed, so that unchanged metadata is not collected again.
struct BodyResync {
    let bytes: BodyBytes
    let options: BodyReader.Options
    private let lines: LineReader
    /// The old template.
    private let known: ExpandedTemplate
    /// The new template.
    private var template: BodyTemplate
    private var parser: ExpositionParser
    /// Offset of the next line in the body.
    private var position: Int
    /// Number of the old template's line that should come next.
    private var expected: Int
    private var firstError: LineError?
    private var hasReadableLine: Bool
    private let seed: UInt64
    /// Sum of the hashes of all lines without sample.
    private(set) var commentHash: UInt64 = 0

    /// Goes on where a walk along the template `old` stopped.
    init(bytes: BodyBytes, options: BodyReader.Options, old: BodyTemplate, walk: TemplateWalk, seed: UInt64) {
        self.bytes = bytes
        self.options = options
        self.seed = seed
        lines = LineReader(bytes: bytes, format: old.format, honorsTimestamps: options.honorsTimestamps)
        let oldLines = old.lines
        known = ExpandedTemplate(old, oldLines, seed: seed)
        template = BodyTemplate(old, oldLines, walk)
        parser = ExpositionParser(bytes, format: old.format, mode: options.mode)
        parser.currentType = walk.type
        position = walk.position
        expected = walk.line
        hasReadableLine = known.slots[..<walk.line].contains(where: Self.isReadable)
        for line in 0..<walk.line where !known.slots[line].isSample {
            countComment(known.hashes[line])
        }
    }

    /// The template of the body that was read.
    consuming func finishedTemplate() -> BodyTemplate {
        template.finish()
        return template
    }

    /// Reads to the end of the body.
    mutating func run(
        into row: inout SampleRow, result: inout BodyResult, resolve: BodyReader.Resolver
    ) throws(BodyError) {
        let text = known.text
        var failure: BodyError?
        unsafe text.withUnsafeBytes { raw in
            let expanded = unsafe BodyBytes(raw)
            do throws(BodyError) {
                while try readLine(expanded, into: &row, result: &result, resolve: resolve) {}
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        if let firstError, !hasReadableLine {
            throw .notExposition(first: firstError, excerpt: bytes.text(ByteRange(0, min(bytes.count, 60))))
        }
    }

    /// Reads one line; false at the end of the body. `expanded` is the text of `known`.
    private mutating func readLine(
        _ expanded: BodyBytes, into row: inout SampleRow, result: inout BodyResult, resolve: BodyReader.Resolver
    ) throws(BodyError) -> Bool {
        if position >= bytes.count, template.format == .text || parser.hasEnded { return false }
        if matchExpected(expanded, into: &row, result: &result) { return true }
        if matchByHash(expanded, into: &row, result: &result) { return true }
        return try parseLine(into: &row, result: &result, resolve: resolve)
    }

    /// Tries the line that follows the last matched one in the old template.
    private mutating func matchExpected(
        _ expanded: BodyBytes, into row: inout SampleRow, result: inout BodyResult
    ) -> Bool {
        guard expected < known.count, known.slots[expected] != .unstable, known.slots[expected] != .end else {
            return false
        }
        let slot = known.slots[expected]
        guard slot.isSample else { return matchExpectedComment(slot) }
        let line = known.range(expected)
        guard known.contexts[expected] == parser.currentType.numberLabel,
            bytes.equals(position, expanded, line.start, length: line.count)
        else { return false }
        return readMatched(expected, slot, ByteRange(position, position + line.count), into: &row, result: &result)
    }

    private mutating func matchExpectedComment(_ slot: Slot) -> Bool {
        let end = bytes.lineEnd(from: position)
        let hash = bytes.hash(ByteRange(position, end), seed: seed)
        guard hash == known.hashes[expected],
            let next = lines.passComment(slot, endingAt: end, type: &parser.currentType)
        else { return false }
        append(comment: hash, slot)
        position = next
        expected += 1
        return true
    }

    /// Looks the line up in the old template. Only a line without timestamp can be found, which is nearly every one.
    private mutating func matchByHash(
        _ expanded: BodyBytes, into row: inout SampleRow, result: inout BodyResult
    ) -> Bool {
        var valueStart = bytes.lineEnd(from: position)
        while valueStart > position, !Self.endsSeries(bytes.byte(valueStart - 1)) { valueStart -= 1 }
        guard valueStart > position else { return false }
        let range = ByteRange(position, valueStart)
        guard let line = known.find(range, of: bytes, type: parser.currentType, in: expanded) else { return false }
        return readMatched(line, known.slots[line], range, into: &row, result: &result)
    }

    private static func endsSeries(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x7d || byte == 0x09 }

    /// Reads the value of the body's line at `range`, which matches a line of the old template; false when its rest makes it
    /// another line.
    private mutating func readMatched(
        _ line: Int, _ slot: Slot, _ range: ByteRange, into row: inout SampleRow, result: inout BodyResult
    ) -> Bool {
        guard let next = lines.readSample(slot, at: range.end, into: &row, result: &result) else { return false }
        template.append(range, slot, context: parser.currentType.numberLabel, of: bytes)
        position = next
        expected = line + 1
        hasReadableLine = true
        return true
    }

    /// Reads a line with the full parser; false at the end of the body. A new series gets its slot from the resolver.
    private mutating func parseLine(
        into row: inout SampleRow, result: inout BodyResult, resolve: BodyReader.Resolver
    ) throws(BodyError) -> Bool {
        if template.format == .text, bytes.byte(position) == 0x0a {
            append(comment: bytes.hash(ByteRange(position, position), seed: seed), .comment)
            position += 1
            return true
        }
        parser.move(to: position)
        let entry: Entry?
        do throws(LineError) {
            entry = try parser.next()
        } catch {
            let start = parser.position
            parser.skipLine()
            try skipBadLine(start, error, result: &result)
            return true
        }
        guard case .sample(let sample) = entry else {
            appendParsedComment(entry.map(Self.slot(of:)) ?? (parser.hasEnded ? .end : .comment))
            position = entry == nil ? bytes.count : parser.position
            return entry != nil
        }
        let series: NewSeries
        do throws(LineError) {
            let isTimed = options.honorsTimestamps && sample.suffix.timestamp != nil
            series = try parser.newSeries(isTimed: isTimed)
        } catch {
            try skipBadLine(position, error, result: &result)
            return true
        }
        guard let slot = resolve(series), lines.storeSample(sample.suffix, slot, into: &row, result: &result)
        else { throw .stopped }
        let range = ByteRange(position, sample.valueStart)
        if ByteClass.isMetricPart(bytes.byte(range.end - 1)) {
            // No blank between name and value, as in `foo+5`: a later line with the same bytes may have a longer name (`foo7`).
            template.appendUnstable()
        } else {
            template.append(range, slot, context: parser.currentType.numberLabel, of: bytes)
        }
        hasReadableLine = true
        position = parser.position
        return true
    }

    /// Adds the line without sample that was just parsed to the template. It stands between `position` and the parser's
    /// position; where blank lines come before it, the whole is parsed each time.
    private mutating func appendParsedComment(_ slot: Slot) {
        let end = bytes.lineEnd(from: position)
        if min(end + 1, bytes.count) == parser.position {
            append(comment: bytes.hash(ByteRange(position, end), seed: seed), slot)
        } else {
            hasReadableLine = hasReadableLine || Self.isReadable(slot)
            commentHash &+= bytes.hash(ByteRange(position, parser.position), seed: seed)
            template.appendUnstable()
        }
    }

    private mutating func append(comment hash: UInt64, _ slot: Slot) {
        hasReadableLine = hasReadableLine || Self.isReadable(slot)
        countComment(hash)
        template.append(comment: hash, slot)
    }

    /// Counts a bad line, or several lines in one quoted text, and goes on where the parser stands. Throws for errors that
    /// refuse the whole body.
    private mutating func skipBadLine(
        _ start: Int, _ error: LineError, result: inout BodyResult
    ) throws(BodyError) {
        var start = start
        while start < bytes.count, bytes.byte(start) == 0x0a { start += 1 }
        if error == .unexpectedEnd { throw .missingEnd }
        if options.mode == .strict || error == .dataAfterEnd {
            throw .line(number: lineNumber(of: start), error)
        }
        firstError = firstError ?? error
        result.skippedLineCount += 1
        if result.skippedLines.count < BodyResult.skippedLinesKept {
            let line = TargetStatus.SkippedLine(number: lineNumber(of: start), reason: error.description)
            result.skippedLines.append(line)
        }
        position = parser.position
        template.appendUnstable()
    }

    /// The number of the line at an offset, from 1. O(offset).
    private func lineNumber(of offset: Int) -> Int {
        var number = 1
        var at = bytes.lineEnd(from: 0)
        while at < offset {
            number += 1
            at = bytes.lineEnd(from: at + 1)
        }
        return number
    }

    private mutating func countComment(_ hash: UInt64) { commentHash &+= hash }

    /// Whether a line shows that the body is an exposition: a sample, TYPE or UNIT line. Other comments don't, as style sheets
    /// have lines that begin with `#` too.
    private static func isReadable(_ slot: Slot) -> Bool { slot.isSample || slot.type != nil || slot == .unit }

    private static func slot(of entry: Entry) -> Slot {
        switch entry {
        case .type(_, let type): .typeLine(type)
        case .unit: .unit
        case .sample, .help, .comment: .comment
        }
    }
}
