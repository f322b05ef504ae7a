import Model

/// The infos and warnings of one evaluation. Equal texts are kept once, whatever the number of steps, series and
/// expressions they arose from, with the position of the last one.
struct AnnotationLog {
    /// How much a note matters.
    enum Severity: String {
        case info = "PromQL info"
        case warning = "PromQL warning"
    }

    private struct Entry {
        var severity: Severity
        var text: String
        var position: SourceRange
        var fix: MonotonicityFix?
    }

    private var entries: [Entry] = []
    private var indexes: [String: Int] = [:]

    /// Notes a text about an expression. With `keepsFirst` the first of several expressions is the one that is shown.
    mutating func add(_ severity: Severity, _ text: String, at position: SourceRange, keepsFirst: Bool = false) {
        let key = severity.rawValue + ": " + text
        if let index = indexes[key] {
            if !keepsFirst { entries[index].position = position }
            return
        }
        indexes[key] = entries.count
        entries.append(Entry(severity: severity, text: text, position: position))
    }

    /// Notes that the buckets of a classic histogram had to be corrected; several for one metric become one.
    mutating func add(_ fix: MonotonicityFix, metric: String, at position: SourceRange) {
        let text =
            "input to histogram_quantile needed to be fixed for monotonicity (see "
            + "https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)"
            + Self.suffix(metric)
        if let index = indexes[text] {
            entries[index].fix?.merge(fix)
        } else {
            indexes[text] = entries.count
            entries.append(Entry(severity: .info, text: text, position: position, fix: fix))
        }
    }

    /// ` for metric name "m"`, or nothing when the name is not known.
    static func suffix(_ metric: String) -> String {
        metric.isEmpty ? "" : " for metric name \(GoQuote.quoted(metric))"
    }

    /// All notes, worded with positions in `text`, in the order they arose.
    func annotations(in text: String) -> Annotations {
        var out = Annotations()
        for entry in entries {
            let details = entry.fix.map { ", " + $0.description } ?? ""
            let position = Self.lineAndColumn(of: entry.position.start, in: text)
            let line = "\(entry.severity.rawValue): \(entry.text)\(details) (\(position))"
            if entry.severity == .info { out.infos.append(line) } else { out.warnings.append(line) }
        }
        return out
    }

    private static func lineAndColumn(of offset: Int, in text: String) -> String {
        var line = 1
        var column = 1
        for byte in text.utf8.prefix(offset) {
            column += 1
            if byte == 0x0a {
                line += 1
                column = 1
            }
        }
        return "\(line):\(column)"
    }
}

/// What was corrected in the buckets of a classic histogram.
struct MonotonicityFix: CustomStringConvertible {
    /// Lowest and highest upper bound of the corrected buckets.
    var bounds: ClosedRange<Double>
    /// Largest correction.
    var difference: Double
    /// First and last time.
    var times: ClosedRange<Timestamp>
    /// Number of histogram samples concerned.
    var sampleCount = 1

    /// Adds what another sample needed.
    mutating func merge(_ other: MonotonicityFix) {
        bounds = min(bounds.lowerBound, other.bounds.lowerBound)...max(bounds.upperBound, other.bounds.upperBound)
        difference = max(difference, other.difference)
        times = min(times.lowerBound, other.times.lowerBound)...max(times.upperBound, other.times.upperBound)
        sampleCount += other.sampleCount
    }

    /// The part of the message behind the metric's name.
    var description: String {
        "from buckets \(GoFormat.general(bounds.lowerBound)) to \(GoFormat.general(bounds.upperBound))"
            + ", with a max diff of \(GoFormat.general(difference, digits: 2)), over \(sampleCount) samples"
            + " from \(RFC3339.text(times.lowerBound / 1000 * 1000)) to \(RFC3339.text(times.upperBound / 1000 * 1000))"
    }
}
