import Documents
package import FlaggerAPI

extension AnalysisRequest {
    /// The request of a Flagger Canary with its MetricTemplates and our annotations.
    package init(_ canary: Canary, templates: [MetricTemplate]) {
        let annotations = CanaryAnnotations(canary)
        let list = NodePath("spec.analysis.metrics")
        target = AnalysisTarget(canary)
        metrics = (canary.analysis?.metrics ?? []).enumerated().map { index, metric in
            RequestedMetric(
                name: metric.name, path: list.index(index), window: metric.interval, threshold: metric.threshold,
                range: metric.range, query: metric.query, template: metric.template, variables: metric.variables,
                comparison: annotations.comparison(of: metric.name),
                sequential: annotations.sequential(of: metric.name), problem: annotations.problem(of: metric))
        }
        self.templates = Dictionary(templates.map { ($0.reference, $0) }) { _, last in last }
        interval = canary.analysis?.interval ?? 60_000
        stepCount = canary.analysis?.stepCount ?? 1
        requestsMin = annotations.requestsMin
        zeroStart = annotations.zeroStart
        asksTemplateAddresses = canary.annotations[Annotation.queryAddress] == "honour"
        kindPath = NodePath("spec.targetRef.kind")
    }
}
