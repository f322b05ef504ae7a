internal import Model

/// The slow path: reads the rest of a body whose lines are no longer those of the template, finding known lines by
/// hash, and makes the new template on the way.
struct BodyResync {
    let bytes: BodyBytes
    let options: BodyReader.Options
    private let lines: LineReader
    private let flat: FlatTemplate
    private var template: BodyTemplate
    private var parser: ExpositionParser
    private var position: Int
    /// The line of the old template that should come next.
    private var expected: Int
    private var firstError: LineError?
    private var hasReadableLine: Bool
    private let seed: UInt64
    /// Whether a UNIT line was read, which only encoders with an end mark write.
    private(set) var hasUnits = false
    /// Sum of the hashes of all comment lines.
    private(set) var commentHash: UInt64 = 0

    /// Goes on where the walk stopped.
    init(bytes: BodyBytes, options: BodyReader.Options, old: BodyTemplate, walk: TemplateWalk, seed: UInt64) {
        self.bytes = bytes
        self.options = options
        self.seed = seed
        lines = LineReader(bytes: bytes, format: old.format, honorsTimestamps: options.honorsTimestamps)
        flat = FlatTemplate(old, seed: seed)
        template = BodyTemplate(old, lines: walk.line, middleBytes: walk.middleBytes, lastLine: walk.lastLine)
        parser = ExpositionParser(bytes, format: old.format, mode: options.mode)
        parser.currentType = walk.type
        position = walk.position
        expected = walk.line
        hasReadableLine = flat.slots[..<walk.line].contains(where: Self.isReadable)
        unsafe flat.text.withUnsafeBytes { raw in
            let text = unsafe BodyBytes(raw)
            for line in 0..<walk.line where !flat.slots[line].isSample {
                countComment(text, flat.range(line), flat.slots[line])
            }
        }
    }

    /// The template of the body just read.
    consuming func finishedTemplate() -> BodyTemplate {
        template.trim()
        return template
    }

    /// Reads to the end of the body.
    mutating func run(
        into row: inout SampleRow, result: inout BodyResult, resolve: BodyReader.Resolver
    ) throws(BodyError) {
        let text = flat.text
        var failure: BodyError?
        unsafe text.withUnsafeBytes { raw in
            let known = unsafe BodyBytes(raw)
            do throws(BodyError) {
                while try step(known, into: &row, result: &result, resolve: resolve) {}
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        if let firstError, !hasReadableLine {
            throw .notExposition(first: firstError, excerpt: bytes.text(ByteRange(0, min(bytes.count, 60))))
        }
    }

    /// One line; false at the end.
    private mutating func step(
        _ known: BodyBytes, into row: inout SampleRow, result: inout BodyResult, resolve: BodyReader.Resolver
    ) throws(BodyError) -> Bool {
        if position >= bytes.count, template.format == .text || parser.hasEnded { return false }
        if takeExpected(known, into: &row, result: &result) { return true }
        if takeByHash(known, into: &row, result: &result) { return true }
        return try takeParsed(into: &row, result: &result, resolve: resolve)
    }

    /// Tries the line that followed the last known one.
    private mutating func takeExpected(
        _ known: BodyBytes, into row: inout SampleRow, result: inout BodyResult
    ) -> Bool {
        guard expected < flat.count, flat.slots[expected] != .unstable, flat.slots[expected] != .end else {
            return false
        }
        let line = flat.range(expected)
        let slot = flat.slots[expected]
        guard !slot.isSample || flat.contexts[expected] == parser.currentType.numberLabel,
            bytes.equals(position, known, line.start, length: line.count)
        else { return false }
        return take(expected, slot, ByteRange(position, position + line.count), into: &row, result: &result)
    }

    /// Looks the line up. Only a line without timestamp can be found, which is nearly every one.
    private mutating func takeByHash(
        _ known: BodyBytes, into row: inout SampleRow, result: inout BodyResult
    ) -> Bool {
        var valueStart = bytes.lineEnd(from: position)
        while valueStart > position, !Self.endsSeries(bytes.byte(valueStart - 1)) { valueStart -= 1 }
        guard valueStart > position else { return false }
        let range = ByteRange(position, valueStart)
        guard let line = flat.find(range, of: bytes, type: parser.currentType, in: known) else { return false }
        return take(line, flat.slots[line], range, into: &row, result: &result)
    }

    private static func endsSeries(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x7d || byte == 0x09 }

    private mutating func take(
        _ line: Int, _ slot: Slot, _ range: ByteRange, into row: inout SampleRow, result: inout BodyResult
    ) -> Bool {
        guard let next = lines.read(slot, at: range.end, type: &parser.currentType, into: &row, result: &result)
        else { return false }
        if !slot.isSample { countComment(bytes, range, slot) }
        template.append(range, slot, of: bytes)
        position = next
        expected = line + 1
        hasReadableLine = hasReadableLine || Self.isReadable(slot)
        return true
    }

    /// Sends the line through the full parser.
    private mutating func takeParsed(
        into row: inout SampleRow, result: inout BodyResult, resolve: BodyReader.Resolver
    ) throws(BodyError) -> Bool {
        parser.move(to: position)
        let entry: Entry?
        do throws(LineError) {
            entry = try parser.next()
        } catch {
            let start = parser.position
            parser.skipLine()
            try skip(start, error, result: &result)
            return true
        }
        guard case .sample(let sample) = entry else {
            append(commentLine(), entry.map(Self.slot(of:)) ?? (parser.hasEnded ? .end : .comment))
            position = entry == nil ? bytes.count : parser.position
            return entry != nil
        }
        let series: NewSeries
        do throws(LineError) {
            let isTimed = options.honorsTimestamps && sample.suffix.timestamp != nil
            series = try parser.newSeries(isTimed: isTimed)
        } catch {
            try skip(position, error, result: &result)
            return true
        }
        guard let slot = resolve(series), lines.store(sample.suffix, slot, into: &row, result: &result)
        else { throw .stopped }
        append(ByteRange(position, sample.valueStart), slot)
        position = parser.position
        return true
    }

    /// From `position` to the end of the comment just parsed, without its line feed.
    private func commentLine() -> ByteRange {
        let end = parser.position
        return ByteRange(position, end > position && bytes.byte(end - 1) == 0x0a ? end - 1 : end)
    }

    private mutating func append(_ range: ByteRange, _ slot: Slot) {
        hasReadableLine = hasReadableLine || Self.isReadable(slot)
        if !slot.isSample { countComment(bytes, range, slot) }
        template.append(range, slot, of: bytes)
    }

    /// Counts a bad line, or several in one quoted text, and goes on where the parser stands.
    private mutating func skip(
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
        template.append(ByteRange(start, position), .unstable, of: bytes)
    }

    private func lineNumber(of offset: Int) -> Int {
        var number = 1
        var at = bytes.lineEnd(from: 0)
        while at < offset {
            number += 1
            at = bytes.lineEnd(from: at + 1)
        }
        return number
    }

    private mutating func countComment(_ source: BodyBytes, _ range: ByteRange, _ slot: Slot) {
        if slot == .unit { hasUnits = true }
        commentHash &+= source.hash(range, seed: seed)
    }

    /// Whether a line shows that the body is an exposition. Comments don't: a style sheet has such lines too.
    private static func isReadable(_ slot: Slot) -> Bool { slot.isSample || slot.type != nil || slot == .unit }

    private static func slot(of entry: Entry) -> Slot {
        switch entry {
        case .type(_, let type): .type(type)
        case .unit: .unit
        case .sample, .help, .comment: .comment
        }
    }
}
