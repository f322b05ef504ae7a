package import Documents
package import FlaggerAPI
package import Model

/// An analysis as it is asked for: a target, the metrics that judge it, and the time between two evaluations.
///
/// `CheckPlanner` makes checks of it and sees nothing else of the objects that users write. Two makers: a Flagger Canary
/// with its MetricTemplates (`AnalysisRequest+Canary.swift`) today, and Argo Rollouts' AnalysisTemplate later.
package struct AnalysisRequest: Sendable {
    /// The workload that is analysed.
    package var target: AnalysisTarget
    /// The metrics, in order.
    package var metrics: [RequestedMetric]
    /// The queries that metrics refer to; of two of one name the last counts.
    package var templates: [ObjectReference: MetricTemplate]
    /// Time between two evaluations, in milliseconds; also the length of a step of a sequential test.
    package var interval: Milliseconds
    /// How many steps a release has, at least 1: a sequential test shares its error rates out over them.
    package var stepCount: Int
    /// Fewest requests in a window that allow a judgement; 0 asks for none.
    package var requestsMin: Double
    /// Whether series may be taken to begin at 0; an option of planning can switch it off as well.
    package var zeroStart: Bool
    /// Whether templates are to be asked at their own address.
    package var asksTemplateAddresses: Bool
    /// Where the kind of the target is written, for problems with it.
    package var kindPath: NodePath
}

/// One metric of a request: what is asked, over which window, and what is accepted.
package struct RequestedMetric: Sendable {
    /// The name; that of a builtin asks for the builtin's query.
    package var name: String
    /// Where the metric is written, for problems with it.
    package var path: NodePath
    /// The window as written, `nil` when left out.
    package var window: String?
    /// The deprecated single threshold.
    package var threshold: Double?
    /// Accepted range, both ends inclusive.
    package var range: ThresholdRange?
    /// The metric's own query, a template; `nil` or empty without one.
    package var query: String?
    /// The template that has the query, an index of ``AnalysisRequest/templates``.
    package var template: ObjectReference?
    /// Values of `{{ variables.KEY }}`.
    package var variables: [String: String]
    /// The comparison with the primary that is asked for.
    package var comparison: Comparison?
    /// The sequential test that is asked for in place of the threshold.
    package var sequential: SequentialRates?
    /// The fault of the request, and so of every check of this metric.
    package var problem: SpecProblem?
}
