package import Model

/// `{{schema:0 sum:5 count:4 buckets:[1 2 1]}}`: a native histogram as scripts write it.
package struct HistogramLiteral: Sendable {
    /// The histogram.
    package var histogram = FloatHistogram()
    /// Whether `counter_reset_hint` was written.
    package var hintWritten = false

    /// Reads a literal that is the whole text.
    package init(_ text: String) throws(ScriptError) {
        var reader = NotationReader(text)
        do throws(NotationError) {
            try self.init(&reader)
        } catch {
            throw ScriptError(line: 1, error.message)
        }
        guard reader.isAtEnd else { throw ScriptError(line: 1, "text behind a histogram literal") }
    }

    /// Reads a literal from `{{` to `}}`.
    init(_ reader: inout NotationReader) throws(NotationError) {
        guard reader.accept("{{") else { throw NotationError("expected \"{{\"") }
        var keys: Set<String> = []
        var layout = Layout()
        if reader.skipSpace() {
            guard reader.accept("}}") else { throw NotationError("expected \"}}\"") }
            return
        }
        while !reader.accept("}}") {
            if !keys.isEmpty {
                guard reader.skipSpace() else { throw NotationError("expected a blank between histogram keys") }
                if reader.accept("}}") { break }
            }
            let key = reader.take(while: NotationReader.isLetter).lowercased()
            guard reader.accept(":") else { throw NotationError("expected a histogram key and ':'") }
            guard keys.insert(key).inserted else { throw NotationError("duplicate key \"\(key)\" in histogram") }
            try read(key, &reader, &layout)
        }
        histogram.positiveSpans = layout.positive.spans
        histogram.positiveBuckets = layout.positive.buckets
        histogram.negativeSpans = layout.negative.spans
        histogram.negativeBuckets = layout.negative.buckets
    }

    /// The histogram as a value of a series.
    var value: SequenceValue { .histogram(histogram, hintWritten: hintWritten) }

    /// Offset and buckets may come in any order.
    private struct Layout {
        struct Side {
            var offset: Int32 = 0
            var buckets: [Double] = []

            var spans: [FloatHistogram.Span] {
                buckets.isEmpty ? [] : [FloatHistogram.Span(offset: offset, length: UInt32(buckets.count))]
            }
        }

        var positive = Side()
        var negative = Side()
    }

    private mutating func read(
        _ key: String, _ reader: inout NotationReader, _ layout: inout Layout
    ) throws(NotationError) {
        switch key {
        case "schema": histogram.schema = try reader.integer()
        case "sum": histogram.sum = try reader.signedNumber(words: false)
        case "count": histogram.count = try reader.signedNumber(words: false)
        case "z_bucket": histogram.zeroCount = try reader.signedNumber(words: false)
        case "z_bucket_w": histogram.zeroThreshold = try reader.signedNumber(words: false)
        case "custom_values": histogram.customValues = try Self.list(&reader)
        case "buckets": layout.positive.buckets = try Self.list(&reader)
        case "offset": layout.positive.offset = try reader.integer()
        case "n_buckets": layout.negative.buckets = try Self.list(&reader)
        case "n_offset": layout.negative.offset = try reader.integer()
        case "counter_reset_hint":
            let name = reader.take(while: NotationReader.isLetter).lowercased()
            guard let hint = Self.hints.first(where: { $0.name == name })?.hint else {
                throw NotationError("unknown counter reset hint \(GoQuote.quoted(name))")
            }
            histogram.counterResetHint = hint
            hintWritten = true
        default: throw NotationError("bad histogram descriptor found: \(GoQuote.quoted(key))")
        }
    }

    private static let hints: [(name: String, hint: FloatHistogram.ResetHint)] = [
        ("unknown", .unknown), ("reset", .reset), ("not_reset", .notReset), ("gauge", .gauge),
    ]

    private static func list(_ reader: inout NotationReader) throws(NotationError) -> [Double] {
        guard reader.accept("[") else { throw NotationError("expected \"[\"") }
        var values = [try reader.signedNumber(words: false)]
        while !reader.accept("]") {
            guard reader.skipSpace() else { throw NotationError("expected a blank between bucket counts") }
            if reader.accept("]") { break }
            values.append(try reader.signedNumber(words: false))
            if values.count > 100_000 { throw NotationError("more than 100000 buckets") }
        }
        return values
    }

    /// A histogram in the notation, for messages. Runs of buckets are joined by zeros.
    package static func text(_ histogram: FloatHistogram) -> String {
        var parts: [String] = []
        func add(_ key: String, _ value: Double) {
            if value != 0 { parts.append("\(key):\(FloatText.shortest(value))") }
        }
        if histogram.schema != 0 { parts.append("schema:\(histogram.schema)") }
        add("count", histogram.count)
        add("sum", histogram.sum)
        add("z_bucket", histogram.zeroCount)
        add("z_bucket_w", histogram.zeroThreshold)
        func list(_ values: [Double]) -> String {
            "[" + values.map(FloatText.shortest).joined(separator: " ") + "]"
        }
        if histogram.schema == FloatHistogram.customSchema {
            parts.append("custom_values:" + list(histogram.customValues))
        }
        if histogram.counterResetHint != .unknown,
            let name = hints.first(where: { $0.hint == histogram.counterResetHint })
        {
            parts.append("counter_reset_hint:\(name.name)")
        }
        for (prefix, buckets) in [
            ("", HistogramBuckets(histogram.positiveSpans, histogram.positiveBuckets)),
            ("n_", HistogramBuckets(histogram.negativeSpans, histogram.negativeBuckets)),
        ] {
            guard let first = buckets.indices.first, let last = buckets.indices.last else { continue }
            if first != 0 { parts.append("\(prefix)offset:\(first)") }
            let shown = last - first < 1000 ? buckets.dense : buckets.counts
            parts.append("\(prefix)buckets:" + list(shown))
        }
        return "{{" + parts.joined(separator: " ") + "}}"
    }
}
