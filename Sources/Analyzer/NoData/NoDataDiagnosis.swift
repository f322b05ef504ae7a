import FlaggerAPI
package import Model
package import PromQL

/// Finds out why a query has no value, in two pure steps: which diagnostic queries to ask, and what their answers mean.
///
/// Per selector the store is asked for the series that match it, for those that would match without each one of its
/// matchers, and for those that match only its workload labels (`namespace`, `deployment`, ...).
package struct NoDataDiagnosis: Sendable {
    /// Labels that say which workload a series belongs to.
    package static let workloadLabels: Set<String> = [
        "namespace", "deployment", "daemonset", "statefulset", "replicaset", "k8s_job", "job_name", "pod",
    ]
    /// Selectors beyond these are not looked at: the first ones explain enough.
    private static let selectorsMax = 8

    /// The selectors under examination.
    package let selectors: [QuerySelector]

    /// The diagnosis of a query evaluated at `time`.
    package init(_ expr: Expr, at time: Timestamp, lookback: Milliseconds = 300_000) {
        selectors = Array(QuerySelector.all(in: expr, at: time, lookback: lookback).prefix(Self.selectorsMax))
    }

    /// The queries to ask, all at one moment. Answers come in the same order.
    package var queries: [DiagnosticQuery] { selectors.flatMap { SelectorQueries($0).all } }

    /// What the answers mean.
    package func reason(_ answers: [DiagnosticAnswer]) -> InconclusiveReason { finding(answers).reason }

    /// The reason that follows from the answers; `missing` is a selector without any sample in its window, for which the
    /// time around the window should be searched, too.
    func finding(_ answers: [DiagnosticAnswer]) -> (reason: InconclusiveReason, missing: QuerySelector?) {
        var rest = answers[...]
        var findings: [SelectorFinding] = []
        for selector in selectors {
            let queries = SelectorQueries(selector)
            findings.append(SelectorFinding(queries, Array(rest.prefix(queries.all.count))))
            rest = rest.dropFirst(queries.all.count)
        }
        let empty = findings.filter { $0.series == 0 }
        // When everything is empty the widest selector explains most; when only some are, the first of them.
        let worst =
            empty.count == findings.count
            ? empty.min { $0.selector.matchers.count < $1.selector.matchers.count } : empty.first
        if let worst {
            switch worst.reason {
            case .noSuchWorkload, .noMatchingSeries(_, []): return (worst.reason, worst.selector)
            default: return (worst.reason, nil)
            }
        }
        if let thin = findings.first(where: { $0.selector.isRange && $0.samplesMost < 2 }) {
            let window = thin.selector.window
            let reason = InconclusiveReason.fewerThanTwoSamples(
                selector: thin.selector.text, most: thin.samplesMost, window: window.end &- window.start)
            return (reason, nil)
        }
        return (.nothingLeft, nil)
    }
}

/// The diagnostic queries about one selector.
private struct SelectorQueries {
    /// Matchers beyond these are not left out one by one.
    private static let matchersMax = 16

    let selector: QuerySelector
    /// Matchers that are left out, one per query.
    let suspects: [Matcher]
    let workload: [Matcher]
    /// What the selector matches; then what it would match without each suspect; then the workload, if it names one.
    let all: [DiagnosticQuery]

    init(_ selector: QuerySelector) {
        self.selector = selector
        var queries = [DiagnosticQuery(selector.matchers, selector.window, countsSamples: selector.isRange)]
        var suspects: [Matcher] = []
        for (index, matcher) in selector.matchers.prefix(Self.matchersMax).enumerated() {
            var others = selector.matchers
            others.remove(at: index)
            // Without any matcher that demands something, the query would walk through the whole store.
            guard others.contains(where: { !$0.matchesEmpty }) else { continue }
            suspects.append(matcher)
            queries.append(DiagnosticQuery(others, selector.window))
        }
        workload = selector.matchers.filter {
            NoDataDiagnosis.workloadLabels.contains($0.name) && !$0.matchesEmpty
        }
        if !workload.isEmpty { queries.append(DiagnosticQuery(workload, selector.window)) }
        self.suspects = suspects
        all = queries
    }
}

/// The answers about one selector.
private struct SelectorFinding {
    let selector: QuerySelector
    let series: Int
    let samplesMost: Int
    /// Matchers without which there would be series.
    private let culprits: [Matcher]
    private let workload: [Matcher]
    private let workloadSeries: Int

    init(_ queries: SelectorQueries, _ answers: [DiagnosticAnswer]) {
        selector = queries.selector
        series = answers.first?.series ?? 0
        samplesMost = answers.first?.samplesMost ?? 0
        culprits = zip(queries.suspects, answers.dropFirst()).filter { $0.1.series > 0 }.map(\.0)
        workload = queries.workload
        workloadSeries = answers.last?.series ?? 0
    }

    var reason: InconclusiveReason {
        if !workload.isEmpty, workloadSeries == 0 {
            return .noSuchWorkload(matchers: workload.map(\.description).joined(separator: ", "))
        }
        // What such a matcher alone leaves out is all that the workload has; other culprits name other workloads.
        if culprits.contains(where: HealthProbeTraffic.isExcluded) { return .onlyProbes(selector: selector.text) }
        return .noMatchingSeries(selector: selector.text, culprits: culprits.map(\.description))
    }
}
