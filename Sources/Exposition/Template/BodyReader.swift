package import Model

/// Reads the scrape bodies of one target into rows, each with the help of the one before.
///
/// Bodies of a target differ in their values only, nearly always. So a body is first walked along the template of the last
/// one (`TemplateWalk`): bytes are compared, digits parsed, nothing else. At the first line that differs the rest is
/// resynchronised line by line (`BodyResync`): known lines are found by hash, new ones go through the full parser
/// (`ExpositionParser`), and a new template is made. Invariant, held by `BodyReaderTests` and a fuzz test: row and result are
/// the same as when the full parser reads every line.
///
/// Keeps about 50 bytes per line of the last good body. One caller at a time.
package struct BodyReader: Sendable {
    /// How bodies are read.
    package struct Options: Sendable {
        /// What a bad line does.
        package var mode: ParsingMode
        /// Whether timestamps of lines count; otherwise they are ignored.
        package var honorsTimestamps: Bool

        /// Options.
        package init(mode: ParsingMode = .lenient, honorsTimestamps: Bool = true) {
            self.mode = mode
            self.honorsTimestamps = honorsTimestamps
        }
    }

    /// Gives a new series its slot: a timed slot exactly if the series is timed. `nil` stops the reading.
    package typealias Resolver = (NewSeries) -> Slot?

    private let options: Options
    private var template: BodyTemplate?
    /// Sum of the hashes of the template's comment lines. While it stays the same, so does the metadata.
    private var commentHash: UInt64 = 0
    /// Whether the last body ended with `# EOF`.
    private var expectsEnd = false
    private let seed: UInt64

    /// Metadata by family name: what the TYPE, HELP and UNIT lines of the last good body say.
    package private(set) var metadata: [ExactText: MetricMetadata] = [:]
    /// Counts and lists of the last body.
    package private(set) var result = BodyResult()
    /// Whether the last body's metadata differs from the one before.
    package private(set) var metadataChanged = false

    /// A reader without template.
    ///
    /// - Parameter hashSeed: the seed of the hashes by which lines are found again. It should be random and unknown to the
    ///   target, so that nobody can write lines whose hashes collide.
    package init(_ options: Options = Options(), hashSeed: UInt64) {
        self.options = options
        seed = hashSeed
    }

    /// Bytes the reader keeps between bodies, roughly, without metadata.
    package var keptBytes: Int { template?.bytes.count ?? 0 }

    /// Drops the template, so that the resolver is asked for every series again. To be called when slots that it gave are no
    /// longer right.
    package mutating func forget() {
        template = nil
        commentHash = 0
    }

    /// Replaces `metadata` by an equal value that other readers hold too, so that it is in memory once.
    package mutating func replaceMetadata(_ value: [ExactText: MetricMetadata]) { metadata = value }

    /// Reads a body into a row, which must be empty and is given room for the columns it needs. O(bytes).
    ///
    /// - Parameters:
    ///   - isComplete: whether the transport vouches for the last byte (length or chunks agree). Otherwise a last line
    ///     without line end counts as truncated.
    ///   - resolve: is asked for the slot of each series that the template doesn't have.
    /// - Throws: `BodyError`. The row then holds a part of the body and must not be used. The last good body's template stays.
    package mutating func read(
        _ bytes: BodyBytes, format: ExpositionFormat, isComplete: Bool, into row: inout SampleRow, resolve: Resolver
    ) throws(BodyError) {
        result.reset()
        metadataChanged = false
        if template?.format != format { forget() }
        let old = template ?? BodyTemplate(format: format)
        row.grow(columnCount: old.columnCount)
        let reader = LineReader(bytes: bytes, format: format, honorsTimestamps: options.honorsTimestamps)
        var walk = TemplateWalk(bytes: bytes, reader: reader, seed: seed)
        walk.run(old, into: &row, result: &result)
        if walk.line == old.lineCount, walk.position == bytes.count, old.lineCount > 0 {
            if format == .text { try checkEnd(bytes, isComplete: isComplete) }
            result.isRepetition = true
            return
        }
        var resync = BodyResync(bytes: bytes, options: options, old: old, walk: walk, seed: seed)
        try resync.run(into: &row, result: &result, resolve: resolve)
        if format == .text { try checkEnd(bytes, isComplete: isComplete) }
        if resync.commentHash != commentHash || template == nil {
            metadata = Self.collectMetadata(bytes, format: format, mode: options.mode)
            metadataChanged = true
        }
        commentHash = resync.commentHash
        template = resync.finishedTemplate()
    }

    /// Refuses a truncated text body. Where the transport vouches for the last byte nothing is truncated: no line of a text
    /// promises `# EOF`, and a target may stop writing it. Where it does not, a last line without line end is told, and the end
    /// mark that the body before had; the latter only once, since a second body without it in a row is taken for that of another
    /// program behind the address.
    private mutating func checkEnd(_ bytes: BodyBytes, isComplete: Bool) throws(BodyError) {
        if !isComplete, bytes.count > 0, bytes.byte(bytes.count - 1) != 0x0a { throw .unfinishedLine }
        let hasEnd = Self.endsWithMark(bytes)
        let isMissing = !isComplete && expectsEnd && !hasEnd
        expectsEnd = hasEnd
        if isMissing { throw .missingEnd }
    }

    private static func endsWithMark(_ bytes: BodyBytes) -> Bool {
        var end = bytes.count
        while end > 0, bytes.byte(end - 1) == 0x0a { end -= 1 }
        return bytes.has("# EOF", at: end - 5) && (end == 5 || bytes.byte(end - 6) == 0x0a)
    }

    private static func collectMetadata(
        _ bytes: BodyBytes, format: ExpositionFormat, mode: ParsingMode
    ) -> [ExactText: MetricMetadata] {
        var collector = MetadataCollector(format: format)
        var parser = ExpositionParser(bytes, format: format, mode: mode)
        var position = 0
        while position < bytes.count {
            let end = bytes.lineEnd(from: position)
            if bytes.byte(position) == 0x23 {
                parser.move(to: position)
                if let entry = try? parser.next() { collector.add(entry, of: bytes) }
            }
            position = end + 1
        }
        return collector.families
    }
}
