import Analyzer
package import FlaggerAPI
import Model

/// One setting of a Canary that a replay changes: `threshold=99.5`, `interval=30s`, `request-duration.max=300`.
package struct CanaryChange: Sendable, Hashable {
    /// Why a change can't be made.
    package struct Failure: Error, Sendable, Hashable {
        /// What was asked for, what is wrong with it, and what can be asked for.
        package var message: String

        /// A failure.
        package init(message: String) { self.message = message }
    }

    /// What is changed: a setting of the analysis, or `METRIC.` and a setting of that metric.
    package let key: String
    /// The new value as written.
    package let value: String

    /// The keys that belong to no metric.
    package static let keys = [
        "threshold", "interval", "failed-checks", "step-weight", "max-weight", "minimum-requests",
    ]
    /// The keys that belong to one metric.
    package static let metricKeys = ["threshold", "min", "max", "interval"]

    /// A change written as `KEY=VALUE`.
    package init(_ text: String) throws(Failure) {
        guard let sign = text.firstIndex(of: "="), sign != text.startIndex else {
            throw Failure(message: "\"\(text)\": wanted KEY=VALUE, such as threshold=99.5")
        }
        key = String(text[..<sign])
        value = String(text[text.index(after: sign)...])
    }

    /// Makes the change.
    package func apply(to canary: inout Canary) throws(Failure) {
        var analysis = canary.analysis ?? CanaryAnalysis()
        switch key {
        case "threshold": try setLimit(of: &analysis)
        case "interval": analysis.interval = try duration()
        case "failed-checks": analysis.threshold = try count()
        case "step-weight":
            analysis.stepWeight = try count()
            analysis.stepWeights = []
        case "max-weight": analysis.maxWeight = try count()
        case "minimum-requests": canary.annotations[Annotation.minimumRequests] = "\(try number())"
        default: try setMetric(of: &analysis)
        }
        canary.analysis = analysis
    }

    /// `threshold`: the limit of the metrics that have a lower one (success rates), or of the only metric.
    private func setLimit(of analysis: inout CanaryAnalysis) throws(Failure) {
        let limit = try number()
        var indices = Array(analysis.metrics.indices).filter { Self.hasLowerLimit(analysis.metrics[$0]) }
        if indices.isEmpty, analysis.metrics.count == 1 { indices = [0] }
        guard !indices.isEmpty else {
            let names = analysis.metrics.map { "\($0.name).threshold" }.joined(separator: ", ")
            throw failure("no metric has a lower limit; say which is meant: \(names)")
        }
        for index in indices { try Self.set(limit, of: &analysis.metrics[index], failure) }
    }

    /// `METRIC.threshold` and the like; the metric's name may have dots of its own.
    private func setMetric(of analysis: inout CanaryAnalysis) throws(Failure) {
        guard let dot = key.lastIndex(of: "."), Self.metricKeys.contains(String(key[key.index(after: dot)...])) else {
            let known = Self.keys + Self.metricKeys.map { "METRIC.\($0)" }
            throw failure("unknown key; there are \(known.joined(separator: ", "))")
        }
        let name = String(key[..<dot])
        let indices = analysis.metrics.indices.filter { analysis.metrics[$0].name.equalsByBytes(name) }
        guard !indices.isEmpty else {
            let names = analysis.metrics.map { "\"\($0.name)\"" }.joined(separator: ", ")
            throw failure("the Canary has no metric \"\(name)\"; it has \(names.isEmpty ? "none" : names)")
        }
        for index in indices { try change(&analysis.metrics[index], String(key[key.index(after: dot)...])) }
    }

    private func change(_ metric: inout CanaryMetric, _ setting: String) throws(Failure) {
        switch setting {
        case "interval":
            _ = try duration()
            metric.interval = value
        case "min": metric.range = ThresholdRange(min: try number(), max: metric.range?.max)
        case "max": metric.range = ThresholdRange(min: metric.range?.min, max: try number())
        default: try Self.set(try number(), of: &metric, failure)
        }
    }

    private static func hasLowerLimit(_ metric: CanaryMetric) -> Bool {
        if let range = metric.range { return range.min != nil }
        return metric.name == Builtin.requestSuccessRate.rawValue && metric.template == nil
    }

    /// Sets the one limit that a metric has, on the side where it is.
    private static func set(
        _ limit: Double, of metric: inout CanaryMetric, _ failure: (String) -> Failure
    ) throws(Failure) {
        guard let range = metric.range else {
            metric.threshold = limit
            return
        }
        switch (range.min, range.max) {
        case (_?, _?):
            throw failure("\"\(metric.name)\" has two limits; say \(metric.name).min or \(metric.name).max")
        case (_?, nil): metric.range = ThresholdRange(min: limit)
        case (nil, _): metric.range = ThresholdRange(max: limit)
        }
    }

    private func failure(_ reason: String) -> Failure { Failure(message: "\(key)=\(value): \(reason)") }

    private func number() throws(Failure) -> Double {
        guard let number = Double(value), number.isFinite else { throw failure("wanted a number") }
        return number
    }

    private func count() throws(Failure) -> Int {
        guard let number = Int(value), (0...1_000_000).contains(number) else {
            throw failure("wanted a whole number, 0 or more")
        }
        return number
    }

    private func duration() throws(Failure) -> Milliseconds {
        guard let length = try? PrometheusDuration.parse(value), length > 0 else {
            throw failure("wanted a duration such as 30s")
        }
        return length
    }
}
