package import Model

/// The full parser of expositions: reads the entries of a body one after the other.
///
/// `.text` reads Prometheus text 0.0.4. That covers the dialect of Linkerd proxies, which lies between the two formats: it has
/// `# UNIT` lines and ends with `# EOF` (comments in text 0.0.4), and its TYPE lines name counters without the `_total` of
/// their samples. Lines and labels may come in any order. `.openMetrics` reads OpenMetrics 1.0, which must end with `# EOF`.
///
/// `next()` throws for a bad line and then stands at its beginning: a lenient caller calls `skipLine()` and goes on.
/// Allocates only for the label ranges, and reuses those.
package struct ExpositionParser {
    /// The body.
    package let bytes: BodyBytes
    /// The format read.
    package let format: ExpositionFormat
    /// How much may deviate.
    package let mode: ParsingMode
    /// Names and labels of the last sample.
    package private(set) var series = SeriesRanges()
    /// Offset of the next entry.
    package private(set) var position = 0
    /// The type of the last TYPE line. It decides whether `le` and `quantile` are normalised.
    package internal(set) var currentType: MetricType = .unknown
    /// Whether OpenMetrics' `# EOF` was read.
    package private(set) var hasEnded = false

    /// A parser at the beginning of a body.
    package init(_ bytes: BodyBytes, format: ExpositionFormat, mode: ParsingMode) {
        self.bytes = bytes
        self.format = format
        self.mode = mode
    }

    /// Continues at another line. `position` must be the beginning of one.
    mutating func move(to position: Int) { self.position = position }

    /// Skips the physical line at `position`.
    package mutating func skipLine() { position = min(bytes.lineEnd(from: position) + 1, bytes.count) }

    /// The next entry; `nil` at the end of a text body, and after OpenMetrics' `# EOF`.
    package mutating func next() throws(LineError) -> Entry? {
        format == .text ? try nextTextEntry() : try nextOpenMetricsEntry()
    }

    private mutating func nextTextEntry() throws(LineError) -> Entry? {
        while true {
            var at = position
            while ByteClass.isBlank(bytes.byte(at)) { at += 1 }
            guard at < bytes.count else {
                position = bytes.count
                return nil
            }
            switch bytes.byte(at) {
            case 0x0a:
                position = at + 1
                continue
            case 0x23: return try textComment(at: at)
            default: return try sample(at: at, rules: .text)
            }
        }
    }

    private mutating func nextOpenMetricsEntry() throws(LineError) -> Entry? {
        if hasEnded { return nil }
        guard position < bytes.count else { throw .unexpectedEnd }
        guard bytes.byte(position) == 0x23 else { return try sample(at: position, rules: .openMetrics) }
        if bytes.has("# EOF", at: position) {
            let end = bytes.byte(position + 5) == 0x0a ? position + 6 : position + 5
            guard end == bytes.count else { throw .dataAfterEnd }
            position = end
            hasEnded = true
            return nil
        }
        return try openMetricsComment()
    }

    private mutating func textComment(at start: Int) throws(LineError) -> Entry? {
        let end = bytes.lineEnd(from: start)
        var scanner = MetadataScanner(bytes: bytes, at: start + 1, end: end)
        guard let entry = try scanner.scanText(mode: mode) else {
            position = min(end + 1, bytes.count)
            return .comment(ByteRange(start, end))
        }
        if case .type(_, let type) = entry { currentType = type }
        position = min(end + 1, bytes.count)
        return entry
    }

    private mutating func openMetricsComment() throws(LineError) -> Entry {
        let end = bytes.lineEnd(from: position)
        guard end < bytes.count else { throw .unexpectedEnd }
        var scanner = MetadataScanner(bytes: bytes, at: position + 1, end: end)
        let entry = try scanner.scanOpenMetrics()
        if case .type(_, let type) = entry { currentType = type }
        position = end + 1
        return entry
    }

    private mutating func sample(at start: Int, rules: LabelScanner.Rules) throws(LineError) -> Entry {
        series.reset()
        var at = start
        if bytes.byte(at) != 0x7b {
            guard ByteClass.isMetricStart(bytes.byte(at)) else { throw .unexpectedStart(bytes.byte(at)) }
            while ByteClass.isMetricPart(bytes.byte(at)) { at += 1 }
            series.name = ByteRange(start, at)
        }
        var seriesEnd = at
        if rules.allowsBlanks {
            while ByteClass.isBlank(bytes.byte(at)) { at += 1 }
        }
        if bytes.byte(at) == 0x7b {
            var scanner = LabelScanner(bytes: bytes, rules: rules, at: at + 1)
            try scanner.scan(into: &series)
            at = scanner.at
            seriesEnd = at
        }
        guard let name = series.name else { throw .nameMissing }
        guard name.count > 0 else { throw .emptyName }
        if rules.allowsBlanks {
            while ByteClass.isBlank(bytes.byte(at)) { at += 1 }
        } else {
            guard bytes.byte(at) == 0x20 else { throw .expectedValue }
            at += 1
        }
        let suffix = try SuffixScanner(bytes: bytes, format: format).scan(from: at)
        position = suffix.end
        return .sample(SampleEntry(series: ByteRange(start, seriesEnd), valueStart: at, suffix: suffix))
    }

    /// The label set of the last sample: escapes resolved, empty values dropped, `le` of histograms and `quantile`
    /// of summaries brought to Prometheus 3's form (`"1"` becomes `"1.0"`). Allocates.
    package func labels() throws(LineError) -> Labels {
        try LabelBuilder(bytes: bytes, type: currentType).labels(of: series).labels
    }

    /// The last sample's series, for the resolver.
    func newSeries(isTimed: Bool) throws(LineError) -> NewSeries {
        let (labels, emptyNames) = try LabelBuilder(bytes: bytes, type: currentType).labels(of: series)
        return NewSeries(labels: labels, emptyNames: emptyNames, isTimed: isTimed)
    }
}
