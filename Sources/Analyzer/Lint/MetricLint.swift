import FlaggerAPI
import Model

/// Finds what is doubtful about a metric of a Canary before its query is looked at.
enum MetricLint {
    /// What is doubtful, each a sentence.
    static func messages(_ metric: CanaryMetric) -> [String] {
        var messages = thresholds(metric) + units(metric)
        if Builtin(rawValue: metric.name) != nil, metric.template != nil {
            messages.append(
                "\"\(metric.name)\" is a builtin and is evaluated besides the template: give the metric another name")
        }
        return messages
    }

    /// Why a window makes its query unreadable; `nil` where it does not.
    static func interval(_ window: String?) -> String? {
        guard let window, (try? PrometheusDuration.parse(window)) == nil else { return nil }
        return "the metric's interval \(GoQuote.quoted(window)) is no duration: write \(IntervalText.cure(window))"
    }

    private static func thresholds(_ metric: CanaryMetric) -> [String] {
        guard let range = metric.range else {
            if metric.threshold != nil { return ["threshold is deprecated: write thresholdRange with min or max"] }
            let meaning = metric.name == Builtin.requestSuccessRate.rawValue ? "always passes" : "fails above 0"
            return ["metric \"\(metric.name)\" has no thresholdRange and \(meaning)"]
        }
        if metric.threshold != nil { return ["threshold is ignored because thresholdRange is there"] }
        return range.min == nil && range.max == nil ? ["thresholdRange is empty: every value passes"] : []
    }

    /// Limits of the builtins in another unit than theirs: a ratio for per cents, seconds for milliseconds.
    private static func units(_ metric: CanaryMetric) -> [String] {
        switch Builtin(rawValue: metric.name)?.unit {
        case .percent?:
            if let max = metric.range?.max, metric.range?.min == nil, max < 100 {
                let shown = FloatText.shortest(max)
                return [
                    "up to \(shown) is accepted, and a healthy canary has 100: it fails; write min: \(shown) for the least"
                ]
            }
            guard let min = metric.range?.min ?? metric.threshold else { return [] }
            if min > 100 { return [QueryShapeLint.impossible(min)] }
            return min > 0 && min < 1 ? [QueryShapeLint.percentage(min)] : []
        case .milliseconds?:
            guard let max = metric.range?.max ?? metric.threshold, max > 0, max < 1 else { return [] }
            return [
                "\(metric.name) is in milliseconds, and a limit of \(FloatText.shortest(max)) is cut to 0: nothing passes; "
                    + "write \(FloatText.shortest((max * 1e6).rounded() / 1e3)) for \(FloatText.shortest(max)) s"
            ]
        case nil: return []
        }
    }
}
