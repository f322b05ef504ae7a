import Analyzer
import Documents
import FlaggerAPI
import Testing

/// What lint sees of the mistakes that people make in queries, weights and ports.
@Suite("Lint of mistakes") struct LintMistakeTests {
    private static func findings(_ text: String) -> [String] {
        var file = ObjectFile()
        file.add(text: text, file: "f.yaml")
        return Lint.findings(file).map(\.description)
    }

    private static func canary(
        query: String = "vector(1)", range: String = "{max: 1}", analysis: String = "stepWeight: 10, maxWeight: 50",
        service: String = "port: 80"
    ) -> String {
        """
        apiVersion: flagger.app/v1beta1
        kind: Canary
        metadata: {name: podinfo, namespace: test}
        spec:
          targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
          service: {\(service)}
          analysis:
            interval: 1m
            \(analysis.replacing(", ", with: "\n    "))
            threshold: 1
            metrics:
            - name: a
              thresholdRange: \(range)
              query: |
                \(query)
        """
    }

    private static let selector = #"direction="inbound", namespace="test", route_name!="probe", target_port!="4191""#

    static let doubtful = [
        (#"sum(rate(x{namespace="$ns"}[1m]))"#, "{max: 1}", "holds $ns, which nothing replaces here"),
        (#"sum(rate(x{namespace="${NS}"}[1m]))"#, "{max: 1}", "holds ${NS}"),
        (#"sum(rate(x{deployment="podinfo}"}[1m]))"#, "{max: 1}", "holds braces, which no name has: one is left over"),
        (#"sum(rate(x{deployment="podinfo-.*"}[1m]))"#, "{max: 1}", #"write deployment=~"podinfo-.*""#),
        (#"sum(rate(x{deployment!="a|b"}[1m]))"#, "{max: 1}", #"write deployment!~"a|b""#),
        (#"sum(rate(x{direction="inbond"}[1m]))"#, "{max: 1}", "did you mean inbound?"),
        (#"sum(rate(x{classification="Success"}[1m]))"#, "{max: 1}", "did you mean success?"),
        (
            "sum(rate(respons_total[1m]))", "{max: 1}",
            "no metric of Linkerd is called respons_total; did you mean response_total?"
        ),
        (#"sum(rate(response_total{direction="inbound", deploymnt="a"}[1m]))"#, "{max: 1}", "did you mean deployment?"),
        ("histogram_quantile(99, sum by (le) (rate(x_bucket[1m])))", "{max: 1}", "write 0.99"),
        ("quantile_over_time(-0.5, x[5m])", "{max: 1}", "takes a quantile from 0 to 1, and -0.5"),
        ("quantile(95, x)", "{max: 1}", "write 0.95"),
        ("histogram_quantile(0.99, sum(rate(x_bucket[1m])))", "{max: 1}", "needs the label le, which the sum drops"),
        ("histogram_quantile(0.99, sum without (le) (rate(x_bucket[1m])))", "{max: 1}", "take le out of without"),
        ("histogram_quantile(0.99, sum by (le) (x_bucket))", "{max: 1}", "x_bucket counts since its process started"),
        ("sum(requests_total)", "{max: 1}", "rate(requests_total[1m])"),
        (
            "sum(rate(r_total{a=\"b\"}[1m])) / sum(rate(r_total[1m]))", "{min: 99}",
            "a ratio from 0 to 1, and at least 99 is wanted"
        ),
        (
            "sum(rate(r_total{a=\"b\"}[1m])) / sum(rate(r_total[1m])) * 100", "{min: 0.99}",
            "in per cent, and at least 0.99"
        ),
    ]

    @Test("a query that can't mean what it says is warned of", arguments: doubtful)
    func queries(query: String, range: String, wanted: String) {
        let found = Self.findings(Self.canary(query: query, range: range))
        #expect(found.contains { $0.contains("warning: ") && $0.contains(wanted) }, "\(found)")
    }

    static let sound = [
        #"histogram_quantile(0.99, sum by (le) (rate(response_latency_ms_bucket{\#(selector)}[1m])))"#,
        "histogram_quantile(0.5, rate(x_bucket[1m]))",
        "histogram_quantile(0.9, sum without (pod) (rate(x_bucket[1m])))",
        "histogram_quantile(0.9, sum(rate(native_seconds[1m])))", "count(up_total)", "absent(requests_total)",
        "rate(x_total[1m]) and on () y_total", #"sum(rate(http_requests_total{code=~"5..$"}[1m]))"#,
        #"sum(rate(x{path="/api/v1"}[1m]))"#, "max_over_time(queue_length[5m])", "quantile(0.95, x)",
    ]

    @Test("queries that are fine are left alone", arguments: sound)
    func soundQueries(query: String) {
        let found = Self.findings(Self.canary(query: query))
        #expect(!found.contains { $0.contains("warning: ") }, "\(found)")
    }

    @Test(
        "weights that don't rise, and ports that don't fit, are warned of",
        arguments: [
            ("stepWeights: [10; 30; 20]", "port: 80", "weight 20 after 30"),
            ("stepWeights: [10; 10]", "port: 80", "weight 10 after 10"),
            ("stepWeight: 60, maxWeight: 50", "port: 80", "beyond maxWeight 50"),
            ("stepWeights: [10; 150]", "port: 80", "150 is no share of the traffic"),
            ("stepWeights: [-3; 20]", "port: 80", "-3 is no share of the traffic"),
            ("stepWeight: 150", "port: 80", "150 is no share of the traffic"),
            ("stepWeight: -5", "port: 80", "-5 is no share of the traffic"),
            ("stepWeight: 10, maxWeight: 500", "port: 80", "500 is no share of the traffic"),
            (
                "stepWeight: 10, maxWeight: 50",
                "port: 80, gatewayRefs: [{group: core, kind: Service, name: web, port: 9898}]",
                "no request takes this route"
            ),
        ])
    func canaries(analysis: String, service: String, wanted: String) {
        let text = Self.canary(analysis: analysis, service: service).replacing("; ", with: ", ")
        let found = Self.findings(text)
        #expect(found.contains { $0.contains("warning: ") && $0.contains(wanted) }, "\(found)")
    }

    @Test("steps that end where they should, and iterations, are left alone")
    func soundCanaries() {
        for analysis in ["stepWeight: 10, maxWeight: 50", "stepWeights: [5, 20, 60]", "iterations: 3"] {
            let text = Self.canary(analysis: analysis.replacing(", ", with: "; ")).replacing("; ", with: ", ")
            let found = Self.findings(
                text.replacing("stepWeight: 10, maxWeight: 50", with: "stepWeight: 10\n    maxWeight: 50"))
            #expect(!found.contains { $0.contains("weight") && $0.contains("warning") }, "\(found)")
        }
    }

    @Test("a comment that takes the threshold for successes gets a note") func comments() {
        let wrong = Self.canary().replacing(
            "    threshold: 1", with: "    # Number of successful iterations before promotion\n    threshold: 1")
        #expect(
            Self.findings(wrong).contains { $0.contains("note: ") && $0.contains("failed checks before a rollback") })
        let right = Self.canary().replacing(
            "    threshold: 1", with: "    # Failed checks before rollback\n    threshold: 1")
        #expect(!Self.findings(right).contains { $0.contains("failed checks before a rollback") })
    }
}
