import Analyzer
import Documents
import FlaggerAPI
import Model
import Testing

@Suite("Halt texts")
struct HaltTextTests {
    static let canary = Canary(
        reference: ObjectReference(name: "podinfo", namespace: "test"),
        target: WorkloadReference(apiVersion: "apps/v1", kind: "Deployment", name: "web"),
        service: CanaryService(port: 80), analysis: nil)

    static func check(
        _ metric: String, _ source: Check.Source, _ kind: Threshold.Kind, min: Double? = nil, max: Double? = nil
    ) -> Check {
        let threshold = Threshold(kind, range: ThresholdRange(min: min, max: max), single: nil)
        return Check(metric: metric, path: NodePath("spec.analysis.metrics[0]"), source: source, threshold: threshold)
    }

    private static let success = check(
        "request-success-rate", .builtin(.requestSuccessRate), .atLeast, min: 99, max: 99.5)
    private static let duration = check("request-duration", .builtin(.requestDuration), .duration, min: 10, max: 500)
    private static let inline = check("404s percentage", .inline, .atMost, min: 0.5, max: 3)
    private static let reference = ObjectReference(name: "success-rate", namespace: "linkerd-viz")
    private static let template = check("success-rate", .template(reference), .atMost, min: 99, max: 1e7)

    private func text(_ check: Check, _ value: Double) -> String? {
        var measurement = Measurement(.value(value))
        measurement.elements = 1
        let verdict = Verdict.judge([check], [measurement], facts: AnalysisFacts(), at: 0)
        // A check without an expression still judges values.
        return verdict.checks.first.flatMap { HaltText.text(for: $0, of: Self.canary) }
    }

    @Test(
        "failures read as Flagger prints them",
        arguments: [
            (success, 69.174, "Halt podinfo.test advancement success rate 69.17% < 99%"),
            (success, 99.999, "Halt podinfo.test advancement success rate 100.00% > 99.5%"),
            (success, 0, "Halt podinfo.test advancement success rate 0.00% < 99%"),
            (duration, 1200.7, "Halt podinfo.test advancement request duration 1.2s > 500ms"),
            (duration, 1515, "Halt podinfo.test advancement request duration 1.515s > 500ms"),
            (duration, 60_500, "Halt podinfo.test advancement request duration 1m0.5s > 500ms"),
            (duration, 9.9, "Halt podinfo.test advancement request duration 9ms < 10ms"),
            (duration, 0, "Halt podinfo.test advancement request duration 0s < 10ms"),
            (inline, 6.2, "Halt podinfo.test advancement 404s percentage 6.20 > 3"),
            (inline, 6.455, "Halt podinfo.test advancement 404s percentage 6.46 > 3"),
            (inline, 0.25, "Halt podinfo.test advancement 404s percentage 0.25 < 0.5"),
            (inline, .infinity, "Halt podinfo.test advancement 404s percentage +Inf > 3"),
            (template, 85.32, "Halt podinfo.test advancement success-rate 85.32 < 99"),
            (template, 2e7, "Halt podinfo.test advancement success-rate 20000000.00 > 1e+07"),
            (success, 99.2, nil), (duration, 500.9, nil), (inline, 3, nil),
        ] as [(Check, Double, String?)])
    func failures(check: Check, value: Double, wanted: String?) { #expect(text(check, value) == wanted) }

    @Test(
        "limits print as Go prints floats",
        arguments: [
            (99, "99"), (99.5, "99.5"), (99.9, "99.9"), (0.0001, "0.0001"), (0.00001, "1e-05"), (100_000, "100000"),
            (1e6, "1e+06"), (6e11, "6e+11"), (1_234_567, "1.234567e+06"), (0, "0"), (-1.5, "-1.5"),
        ])
    func limits(value: Double, text: String) { #expect(HaltText.limitText(Self.inline, value) == text) }

    @Test(
        "no value reads as Flagger prints it",
        arguments: [
            (
                success, "linkerd",
                "Halt advancement no values found for linkerd metric request-success-rate probably web.test is not "
                    + "receiving traffic: running query failed: no values found"
            ),
            (
                success, "gatewayapi:v1beta1",
                "Halt advancement no values found for gatewayapi:v1beta1 metric request-success-rate probably "
                    + "web.test is not receiving traffic: no values found"
            ),
            (
                duration, "linkerd",
                "Halt advancement no values found for linkerd metric request-duration probably web.test is not "
                    + "receiving traffic"
            ),
            (inline, "linkerd", "Halt advancement no values found for metric: 404s percentage"),
            (
                template, "linkerd",
                "Halt advancement no values found for custom metric: success-rate: no values found"
            ),
        ])
    func noValues(check: Check, provider: String, wanted: String) {
        for conclusion in [CheckConclusion.inconclusive(.noValue), .inconclusive(.noTraffic)] {
            let result = CheckResult(check: check, conclusion: conclusion)
            #expect(HaltText.text(for: result, of: Self.canary, provider: provider) == wanted)
        }
    }

    @Test("too few requests have words of their own")
    func tooFew() {
        let conclusion = CheckConclusion.inconclusive(.tooFewRequests(counted: 12, wanted: 50))
        #expect(
            HaltText.text(for: CheckResult(check: Self.success, conclusion: conclusion), of: Self.canary)
                == "Halt podinfo.test advancement request-success-rate: Only 12 requests in the window; "
                + "50 were asked for.")
    }

    @Test("errors of the success rate have no prefix with the generic HTTP provider")
    func genericErrors() {
        let result = CheckResult(check: Self.success, conclusion: .error(.query("timeout")))
        #expect(
            HaltText.text(for: result, of: Self.canary, provider: "gatewayapi:v1")
                == "Prometheus query failed: timeout")
        let other = CheckResult(check: Self.duration, conclusion: .error(.query("timeout")))
        #expect(
            HaltText.text(for: other, of: Self.canary, provider: "gatewayapi:v1")
                == "Prometheus query failed: running query failed: timeout")
    }

    @Test("a verdict halts with its first check that does not pass")
    func verdict() {
        let checks = [Self.inline, Self.duration, Self.success]
        let measurements: [Measurement?] = [Measurement(.value(1)), Measurement(.value(900)), nil]
        let verdict = Verdict.judge(checks, measurements, facts: AnalysisFacts(), at: 0)
        #expect(
            HaltText.text(for: verdict, of: Self.canary)
                == "Halt podinfo.test advancement request duration 900ms > 500ms")
        let passing = Verdict.judge([Self.inline], [Measurement(.value(1))], facts: AnalysisFacts(), at: 0)
        #expect(HaltText.text(for: passing, of: Self.canary) == nil)
    }

    @Test(
        "errors read as Flagger prints them",
        arguments: [
            (success, CheckError.query("timeout"), "Prometheus query failed: running query failed: timeout"),
            (inline, .query("timeout"), "Prometheus query failed for 404s percentage: timeout"),
            (template, .query("timeout"), "Metric query failed for success-rate: timeout"),
            (
                check("x", .nothing, .atMost),
                .spec(SpecProblem(.nothingToMeasure, "nothing", path: NodePath("spec"))),
                "Metric query failed for no usable metrics template and query were configured"
            ),
            (
                template, .spec(SpecProblem(.missingTemplate, "not there", path: NodePath("spec"))),
                "Metric template success-rate.linkerd-viz error: not there"
            ),
            (
                template, .spec(SpecProblem(.badTemplate, "template 1:2: x", path: NodePath("spec"))),
                "Metric template success-rate.linkerd-viz query render error: template 1:2: x"
            ),
            (
                template, .spec(SpecProblem(.unsupportedProvider("datadog"), "no", path: NodePath("spec"))),
                "Metric template success-rate.linkerd-viz provider datadog error: no"
            ),
        ])
    func errors(check: Check, error: CheckError, wanted: String) {
        let result = CheckResult(check: check, conclusion: .error(error))
        #expect(HaltText.text(for: result, of: Self.canary) == wanted)
    }
}
