import Analyzer
import Documents
import FlaggerAPI
import PromQL
import Testing

@Suite("Planning checks")
struct PlanTests {
    static let template = """
        ---
        apiVersion: flagger.app/v1beta1
        kind: MetricTemplate
        metadata: {name: rate, namespace: test}
        spec:
          provider: {type: prometheus, address: "http://prometheus.linkerd-viz:9090"}
          query: 'sum(rate(response_total{deployment="{{ target }}",direction="{{ variables.direction }}"}[{{ interval }}]))'

        """

    /// The checks of a Canary with these metrics, templates following.
    static func plan(
        _ metrics: String, annotations: String = "{}", kind: String = "Deployment", more: String = template,
        options: PlanOptions = PlanOptions()
    ) throws -> [Check] {
        var file = ObjectFile()
        file.add(
            text: """
                apiVersion: flagger.app/v1beta1
                kind: Canary
                metadata: {name: podinfo, namespace: test, annotations: \(annotations)}
                spec:
                  targetRef: {apiVersion: apps/v1, kind: \(kind), name: web}
                  service: {port: 80}
                  analysis: {interval: 1m, threshold: 1, stepWeight: 10, metrics: [\(metrics)]}
                \(more)
                """)
        #expect(file.findings.filter { $0.severity == .error }.map(\.description) == [])
        let canary = try #require(file.canaries.first?.value)
        return Analysis.plan(canary, templates: file.templates.map(\.value), options: options)
    }

    @Test("builtins read Linkerd without probes and admin traffic, whatever the router")
    func builtins() throws {
        let checks = try Self.plan(
            "{name: request-success-rate, thresholdRange: {min: 99}}, "
                + "{name: request-duration, interval: 30s, thresholdRange: {max: 500}}")
        let inbound = #"namespace="test",deployment="web",direction="inbound",route_name!="probe",target_port!="4191""#
        #expect(
            checks[0].query == "(sum(rate(response_total{\(inbound),classification!=\"failure\"}[1m])) or vector(0)) / "
                + "sum(rate(response_total{\(inbound)}[1m])) * 100")
        #expect(checks[0].window == "1m" && checks[0].unit == .percent)
        #expect(checks[0].requestCount?.text == "sum(increase(response_total{\(inbound)}[1m]))")
        #expect(
            checks[1].query
                == "histogram_quantile(0.99, sum(rate(response_latency_ms_bucket{\(inbound)}[30s])) by (le))")
        #expect(checks[1].window == "30s" && checks[1].unit == .milliseconds)
        #expect(checks[1].windowMilliseconds == 30_000)
    }

    @Test("without zero start the success rate has Flagger's plain quotient")
    func exactness() throws {
        let check = try #require(
            try Self.plan("{name: request-success-rate}", options: PlanOptions(zeroStart: false)).first)
        #expect(!check.query.contains("vector(0)"))
        #expect(!check.zeroStart)
        let annotated = try Self.plan(
            "{name: request-success-rate}", annotations: "{haldane.dev/zero-start: 'off'}")
        #expect(annotated.map(\.query) == [check.query] && annotated.map(\.zeroStart) == [false])
        let wrong = try Self.plan("{name: request-success-rate}", annotations: "{haldane.dev/zero-start: 'no'}")
        #expect(wrong[0].problem?.message == "annotation haldane.dev/zero-start: wanted off, found \"no\"")
    }

    @Test("DaemonSets are matched by their own label, Service targets refused")
    func targets() throws {
        let daemon = try #require(try Self.plan("{name: request-duration}", kind: "DaemonSet").first)
        #expect(daemon.query.contains("daemonset=\"web\""))
        let service = try #require(try Self.plan("{name: request-duration}", kind: "Service").first)
        #expect(service.problem?.kind == .unsupportedTarget)
        let backend = try #require(try Self.plan("{name: backend-success-rate}", kind: "Service").first)
        #expect(backend.problem == nil)
        #expect(backend.query.contains("backend_name=\"web-canary\""))
    }

    @Test("builtins and inline queries come first, then templates; a metric may make two checks")
    func order() throws {
        let template = "templateRef: {name: rate}, templateVariables: {direction: inbound}, interval: 1m"
        let checks = try Self.plan(
            "{name: a, \(template)}, {name: request-duration, query: up}, {name: request-success-rate, \(template)}")
        #expect(
            checks.map(\.metric) == [
                "request-duration", "request-duration", "request-success-rate", "a",
                "request-success-rate",
            ])
        #expect(checks[0].builtin == .requestDuration && checks[1].source == .inline)
        #expect(checks[1].threshold.kind == .atMost)
        #expect(checks[3].query == #"sum(rate(response_total{deployment="web",direction="inbound"}[1m]))"#)
        #expect(checks[3].replacedAddress == "http://prometheus.linkerd-viz:9090")
        #expect(checks[3].destination == .embedded)
    }

    @Test("an address is asked where the list allows its host, and the annotation or the option asks for it")
    func addresses() throws {
        let metric = "{name: a, templateRef: {name: rate}, templateVariables: {direction: inbound}, interval: 1m}"
        let annotation = "{haldane.dev/query-address: honour}"
        let hosts: [([String], Bool)] = [
            (["prometheus.linkerd-viz"], true), (["Prometheus.linkerd-viz:9090"], true),
            (["x", "prometheus.linkerd-viz"], true),
            ([], false), (["prometheus.linkerd-viz:80"], false), (["linkerd-viz"], false), (["prometheus"], false),
        ]
        for (list, isAllowed) in hosts {
            var options = PlanOptions(templateHosts: try #require(TemplateHosts(list)))
            let unasked = try Self.plan(metric, options: options)[0]
            #expect(unasked.destination == .embedded && !unasked.isAddressRefused)
            let byAnnotation = try Self.plan(metric, annotations: annotation, options: options)[0]
            options.honoursAllTemplates = true
            let byOption = try Self.plan(metric, options: options)[0]
            for check in [byOption, byAnnotation] {
                guard case .remote(let address, _, let namespace, let sends) = check.destination else {
                    #expect(!isAllowed && check.isAddressRefused && check.zeroStart, "\(list)")
                    #expect(check.replacedAddress == "http://prometheus.linkerd-viz:9090")
                    continue
                }
                #expect(isAllowed, "\(list)")
                #expect(address == "http://prometheus.linkerd-viz:9090" && namespace == "test" && !sends)
                #expect(check.replacedAddress == nil && !check.zeroStart)
            }
        }
        for text in ["http://x", "x/y", "u:p@x", "x:0", "x:99999", "", ":9090"] {
            #expect(TemplateHosts([text]) == nil, "\(text)")
        }
    }

    @Test("a minimum of requests comes from its annotation")
    func minimum() throws {
        let checks = try Self.plan("{name: request-duration}", annotations: "{haldane.dev/minimum-requests: '50'}")
        #expect(checks[0].requestsMin == 50)
        let wrong = try Self.plan("{name: request-duration}", annotations: "{haldane.dev/minimum-requests: many}")
        #expect(wrong[0].problem?.kind == .badAnnotation)
    }

    struct Fault: Sendable {
        var metric: String
        var code: String
        var message: String
        var more = ""
    }

    private static func templated(_ query: String, type: String = "prometheus") -> String {
        """
        ---
        apiVersion: flagger.app/v1beta1
        kind: MetricTemplate
        metadata: {name: t, namespace: test}
        spec: {provider: {type: \(type), address: x}, query: '\(query)'}
        """
    }

    @Test(
        "a check that can't be run says why and where",
        arguments: [
            Fault(
                metric: "{name: request-sucess-rate}", code: "nothing to measure",
                message: "metric \"request-sucess-rate\" is no builtin and has neither templateRef nor query; did you "
                    + "mean \"request-success-rate\"?"),
            Fault(
                metric: "{name: a, templateRef: {name: nope}}", code: "missing template",
                message: "MetricTemplate \"nope\" is not in namespace \"test\""),
            Fault(
                metric: "{name: a, templateRef: {name: t}}", code: "missing interval",
                message: "the template uses {{ interval }}, and the metric has no interval",
                more: templated("rate(x[{{ interval }}])")),
            Fault(
                metric: "{name: a, templateRef: {name: t}, interval: 1m}", code: "bad template",
                message: "template 1:5: unknown function \"tarqet\"; did you mean target?",
                more: templated("x{{ tarqet }}")),
            Fault(
                metric: "{name: a, templateRef: {name: t}, interval: 1m}", code: "bad query",
                message: "query 1:6: parse error: unclosed left parenthesis", more: templated("sum(x")),
            Fault(
                metric: "{name: a, templateRef: {name: t}, interval: 1m}", code: "bad query",
                message: "query 1:1: parse error: unknown function with name \"summ\"", more: templated("summ(x)")),
            Fault(
                metric: "{name: a, templateRef: {name: t}, interval: 1m}", code: "bad query",
                message: "the query gives a range vector; a check needs one number", more: templated("x[5m]")),
            Fault(
                metric: "{name: a, templateRef: {name: t}, interval: 1m}", code: "unsupported provider",
                message: "provider type \"newrelic\" can't be evaluated here; only prometheus can",
                more: templated("x", type: "newrelic")),
            Fault(
                metric: "{name: a, query: '{{ variables.x }}'}", code: "bad template",
                message: "template 1:4: no variable \"x\" (templateVariables is empty)"),
        ])
    func faults(_ fault: Fault) throws {
        let check = try #require(try Self.plan(fault.metric, more: fault.more).first)
        #expect(check.problem?.code == fault.code)
        #expect(check.problem?.message == fault.message)
        #expect(check.expr == nil)
    }

    @Test(
        "the requests behind a query are found in its quotient or histogram",
        arguments: [
            (
                "sum(rate(a{x=\"1\"}[1m])) / sum(rate(a[1m])) * 100", "sum(increase(a[1m]))"
            ),
            ("100 - sum(rate(a{x!=\"1\"}[1m])) / sum(rate(a{y=\"2\"}[1m])) * 100", "sum(increase(a{y=\"2\"}[1m]))"),
            (
                "histogram_quantile(0.9, sum(rate(l_bucket{y=\"2\"}[30s])) by (le))",
                "sum(increase(l_count{y=\"2\"}[30s]))"
            ),
            ("-(sum(rate(a[1m])) / (sum(rate(b[1m]))))", "sum(increase(b[1m]))"),
            ("sum(rate(a[1m]))", nil), ("a / b", nil), ("rate(a[1m]) / (rate(b[1m]) + rate(c[1m]))", nil),
        ] as [(String, String?)])
    func requestCount(query: String, wanted: String?) throws {
        let check = try #require(try Self.plan("{name: a, query: '\(query)'}").first)
        #expect(check.problem == nil)
        #expect(check.requestCount?.text == wanted)
    }
}
