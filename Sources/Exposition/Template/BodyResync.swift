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
        let known = old.lines
        flat = FlatTemplate(old, known, seed: seed)
        template = BodyTemplate(old, known, walk)
        parser = ExpositionParser(bytes, format: old.format, mode: options.mode)
        parser.currentType = walk.type
        position = walk.position
        expected = walk.line
        hasReadableLine = flat.slots[..<walk.line].contains(where: Self.isReadable)
        for line in 0..<walk.line where !flat.slots[line].isSample {
            countComment(flat.hashes[line], flat.slots[line])
        }
    }

    /// The template of the body just read.
    consuming func finishedTemplate() -> BodyTemplate {
        template.shrinkToFit()
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
        let slot = flat.slots[expected]
        guard slot.isSample else { return takeComment(slot) }
        let line = flat.range(expected)
        guard flat.contexts[expected] == parser.currentType.numberLabel,
            bytes.equals(position, known, line.start, length: line.count)
        else { return false }
        return take(expected, slot, ByteRange(position, position + line.count), into: &row, result: &result)
    }

    private mutating func takeComment(_ slot: Slot) -> Bool {
        let end = bytes.lineEnd(from: position)
        let hash = bytes.hash(ByteRange(position, end), seed: seed)
        guard hash == flat.hashes[expected],
            let next = lines.passComment(slot, endingAt: end, type: &parser.currentType)
        else { return false }
        append(comment: hash, slot)
        position = next
        expected += 1
        return true
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
        guard let next = lines.read(slot, at: range.end, into: &row, result: &result) else { return false }
        template.append(range, slot, context: parser.currentType.numberLabel, of: bytes)
        position = next
        expected = line + 1
        hasReadableLine = true
        return true
    }

    /// Sends the line through the full parser.
    private mutating func takeParsed(
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
            try skip(start, error, result: &result)
            return true
        }
        guard case .sample(let sample) = entry else {
            appendComment(entry.map(Self.slot(of:)) ?? (parser.hasEnded ? .end : .comment))
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
        let range = ByteRange(position, sample.valueStart)
        if ByteClass.isMetricPart(bytes.byte(range.end - 1)) {
            // `foo+5`: a next line that begins with these bytes may have a longer name, as `foo7` has.
            template.appendUnstable()
        } else {
            template.append(range, slot, context: parser.currentType.numberLabel, of: bytes)
        }
        hasReadableLine = true
        position = parser.position
        return true
    }

    /// Adds the line without sample that was just parsed, from `position` to the parser's place. Lines of blanks
    /// before it make it one that is read anew.
    private mutating func appendComment(_ slot: Slot) {
        let end = bytes.lineEnd(from: position)
        if min(end + 1, bytes.count) == parser.position {
            append(comment: bytes.hash(ByteRange(position, end), seed: seed), slot)
        } else {
            if slot == .unit { hasUnits = true }
            hasReadableLine = hasReadableLine || Self.isReadable(slot)
            commentHash &+= bytes.hash(ByteRange(position, parser.position), seed: seed)
            template.appendUnstable()
        }
    }

    private mutating func append(comment hash: UInt64, _ slot: Slot) {
        hasReadableLine = hasReadableLine || Self.isReadable(slot)
        countComment(hash, slot)
        template.append(comment: hash, slot)
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
        template.appendUnstable()
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

    private mutating func countComment(_ hash: UInt64, _ slot: Slot) {
        if slot == .unit { hasUnits = true }
        commentHash &+= hash
    }

    /// Whether a line shows that the body is an exposition. Comments don't: a style sheet has such lines too.
    private static func isReadable(_ slot: Slot) -> Bool { slot.isSample || slot.type != nil || slot == .unit }

    private static func slot(of entry: Entry) -> Slot {
        switch entry {
        case .type(_, let type): .typeLine(type)
        case .unit: .unit
        case .sample, .help, .comment: .comment
        }
    }
}
