import Analyzer
import Documents
import FlaggerAPI
import Testing

@Suite("Lint")
struct LintTests {
    /// The findings about a Canary with these metrics; the first metric is line 11.
    private func findings(
        _ metrics: String, annotations: String = "{}", more: String = "", options: LintOptions = LintOptions()
    ) -> [String] {
        var file = ObjectFile()
        file.add(
            text: """
                apiVersion: flagger.app/v1beta1
                kind: Canary
                metadata: {name: podinfo, namespace: test, annotations: \(annotations)}
                spec:
                  targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
                  service: {port: 80}
                  analysis:
                    interval: 1m
                    threshold: 1
                    stepWeight: 10
                    metrics: [\(metrics)]
                \(more)
                """, file: "f.yaml")
        return Lint.findings(file, options: options).map(\.description)
    }

    private static let start = "f.yaml:11:15: warning: Canary podinfo.test: spec.analysis.metrics[0]: "

    private static func query(_ query: String) -> String {
        "{name: a, thresholdRange: {max: 1}, query: '\(query)'}"
    }

    @Test(
        "doubtful metrics and queries are warned of",
        arguments: [
            ("{name: request-duration}", "metric \"request-duration\" has no thresholdRange and fails above 0"),
            ("{name: request-success-rate}", "metric \"request-success-rate\" has no thresholdRange and always passes"),
            (
                "{name: request-duration, threshold: 5}",
                "threshold is deprecated: write thresholdRange with min or max"
            ),
            (
                "{name: request-duration, threshold: 5, thresholdRange: {max: 1}}",
                "threshold is ignored because thresholdRange is there"
            ),
            ("{name: request-duration, thresholdRange: {}}", "thresholdRange is empty: every value passes"),
            (
                query("rate(x[15s])"),
                "the window of x[15s] is shorter than two scrapes of 10s: rates need two samples"
            ),
            (
                query("sum(rate(request_total[1m]))"),
                "request_total without direction adds up what the pod serves and what it calls: add "
                    + "direction=\"inbound\""
            ),
            (
                query("rate(response_latency_ms_bucket{direction=\"inbound\",le=\"5\"}[1m])"),
                "le=\"5\" matches nothing: bounds are stored as floats since Prometheus 3; write le=\"5.0\""
            ),
            (
                query("rate(tcp_connection_duration_ms_bucket[1m])"),
                "Linkerd proxies have no tcp_connection_duration_ms_bucket since 2.10; instead: tcp_open_connections"
            ),
            (
                query("rate(request_total{direction=\"inbound\",authority=\"x\"}[1m])"),
                "inbound metrics have no label authority since Linkerd 2.18: match the workload by namespace and "
                    + "deployment"
            ),
            (
                query("rate(x{le=~\"5|10[.]0\"}[1m])"),
                #"le=~"5|10[.]0" matches nothing: bounds are stored as floats since Prometheus 3; write "#
                    + #"le=~"5\\.0|10[.]0""#
            ),
            (query("scalar(up)"), "the query gives a scalar: Flagger can't read it; wrap it in vector(...)"),
            (
                query("sum(rate(x[1m])) / sum(rate(y[1m]))"),
                "the query divides by y, which is 0 while nothing is counted: without traffic the check is "
                    + "inconclusive, and a failed one for Flagger (no values found)"
            ),
        ])
    func warnings(metric: String, message: String) {
        #expect(findings(metric).filter { !$0.contains(": note: ") } == [Self.start + message])
    }

    @Test("a query that counts probes and scrapes is told so")
    func probes() {
        let note = Self.start.replacing("warning", with: "note")
        #expect(
            findings(Self.query(#"rate(response_total{direction="inbound"}[1m])"#)) == [
                note + "response_total counts health probes and scrapes too, which hide failures at little traffic: "
                    + #"leave them out with target_port!="4191", route_name!="probe""#
            ])
        #expect(findings(Self.query(#"rate(response_total{direction="outbound"}[1m])"#)) == [])
        #expect(
            findings(Self.query(#"rate(response_total{direction="inbound",target_port!="4191"}[1m])"#)) == [])
    }

    @Test("an empty window of a template is an error at the metric")
    func emptyInterval() {
        let more = """
            ---
            apiVersion: flagger.app/v1beta1
            kind: MetricTemplate
            metadata: {name: t, namespace: test}
            spec: {provider: {type: prometheus, address: x}, query: 'rate(x[{{ interval }}])'}
            """
        #expect(
            findings("{name: a, thresholdRange: {max: 1}, templateRef: {name: t}}", more: more) == [
                "f.yaml:11:15: error: Canary podinfo.test: spec.analysis.metrics[0]: MetricTemplate t.test: the template "
                    + "uses {{ interval }}, and the metric has no interval"
            ])
    }

    @Test("a doubtful query is placed where it is written, a window where the metric gives it")
    func templateWarnings() {
        let more = """
            ---
            apiVersion: flagger.app/v1beta1
            kind: MetricTemplate
            metadata: {name: t, namespace: test}
            spec: {provider: {type: prometheus, address: x}, query: 'rate(x{le="5"}[{{ interval }}])'}
            """
        #expect(
            findings("{name: a, interval: 5s, thresholdRange: {max: 1}, templateRef: {name: t}}", more: more) == [
                Self.start + "the window of x[5s] is shorter than two scrapes of 10s: rates need two samples",
                "f.yaml:16:57: warning: Canary podinfo.test: spec.analysis.metrics[0]: le=\"5\" matches nothing: bounds are "
                    + "stored as floats since Prometheus 3; write le=\"5.0\"",
            ])
    }

    @Test("a template that no Canary uses is looked at by itself")
    func unusedTemplate() {
        func found(_ query: String) -> [String] {
            let more = """
                ---
                apiVersion: flagger.app/v1beta1
                kind: MetricTemplate
                metadata: {name: t, namespace: test}
                spec: {provider: {type: prometheus, address: x}, query: '\(query)'}
                """
            return findings(Self.good, more: more)
        }
        let index = "f.yaml:16:57: "
        #expect(
            found("rate(x{le=\"5\"}[{{ interval }}])") == [
                index
                    + "warning: MetricTemplate t.test: spec.query: le=\"5\" matches nothing: bounds are stored as floats "
                    + "since Prometheus 3; write le=\"5.0\""
            ])
        #expect(
            found("sum(x") == [
                index + "error: MetricTemplate t.test: spec.query: query 1:6: parse error: unclosed left parenthesis"
            ])
        #expect(found("rate(x[{{ variables.window }}])") == [])
    }

    @Test("an alert whose provider is not there is never sent")
    func provider() {
        let alerts = "    alerts: [{name: a, severity: info, providerRef: {name: slack}}]\n"
        let provider = """
            ---
            apiVersion: flagger.app/v1beta1
            kind: AlertProvider
            metadata: {name: slack, namespace: test}
            spec: {type: slack, address: 'http://x'}
            """
        #expect(
            findings(Self.good, more: alerts) == [
                "f.yaml:12:53: warning: Canary podinfo.test: spec.analysis.alerts[0].providerRef: AlertProvider "
                    + "\"slack\" is not in namespace \"test\": no alert is sent"
            ])
        #expect(findings(Self.good, more: alerts + provider) == [])
        #expect(findings(Self.good, more: alerts, options: LintOptions(wantsTemplates: false)) == [])
    }

    @Test(
        "divisors that can't be 0 are not warned of",
        arguments: [
            "x / 2", "x / 1e3 * 100", "x / (y > 0)", "x / (y != 0)", "x / (y >= 1)", "x / clamp_min(y, 1)",
            "x / (y + 1)",
            "x / count(y)", "x / (y > 0 or vector(1))", "x / ((y > 0) * 2)", "x / count_over_time(y[1m])",
        ])
    func safeDivisors(query: String) { #expect(findings(Self.query(query)) == []) }

    @Test(
        "divisors that can be 0 are, wherever they stand",
        arguments: [
            "x / 0", "x / y", "x / (y >= 0)", "x / (y > bool 0)", "x / clamp_min(y, 0)", "x / (y or vector(0))",
            "1 - (x / sum(y))", "max_over_time((x / y)[1m:10s])", "x / (y - z)", "x / (y > -1)", "abs(x / rate(y[1m]))",
        ])
    func riskyDivisors(query: String) {
        let found = findings(Self.query(query))
        #expect(found.count == 1 && found.allSatisfy { $0.contains("the query divides by") }, "\(found)")
    }

    @Test(
        "sound queries are not warned of",
        arguments: [
            query("rate(x[20s])"), query("rate(request_total{direction=\"inbound\",target_port=\"9898\"}[1m])"),
            query("rate(x{le=\"5.0\"}[1m])"), query("rate(x{le=\"+Inf\"}[1m])"),
            "{name: request-duration, thresholdRange: {max: 500}}",
        ])
    func sound(metric: String) { #expect(findings(metric) == []) }

    @Test("the scrape interval is the user's")
    func scrapeInterval() {
        #expect(findings(Self.query("rate(x[2s])"), options: LintOptions(scrapeInterval: 1000)) == [])
    }

    @Test("missing templates are errors unless they may be in the cluster")
    func missing() {
        let metric = "{name: a, thresholdRange: {max: 1}, templateRef: {name: t}}"
        #expect(
            findings(metric) == [
                "f.yaml:11:64: error: Canary podinfo.test: spec.analysis.metrics[0].templateRef: MetricTemplate \"t\" "
                    + "is not in namespace \"test\""
            ])
        #expect(findings(metric, options: LintOptions(wantsTemplates: false)) == [])
    }

    @Test("faults of a template are placed in it")
    func template() {
        let more = """
            ---
            apiVersion: flagger.app/v1beta1
            kind: MetricTemplate
            metadata: {name: t, namespace: test}
            spec:
              provider: {type: prometheus, address: x}
              query: sum(x
            """
        #expect(
            findings("{name: a, thresholdRange: {max: 1}, templateRef: {name: t}}", more: more) == [
                "f.yaml:18:10: error: Canary podinfo.test: spec.analysis.metrics[0].templateRef: MetricTemplate "
                    + "t.test: query 1:6: parse error: unclosed left parenthesis"
            ])
        let broken = more.replacing("sum(x", with: "'{{ x }}'")
        #expect(
            findings(Self.good, more: broken) == [
                "f.yaml:18:10: error: MetricTemplate t.test: spec.query: template 1:4: unknown function \"x\" (known: "
                    + "name, namespace, target, service, ingress, route, interval, variables)"
            ])
    }

    @Test("two Canaries must not share a target")
    func sharedTarget() {
        let second = """
            ---
            apiVersion: flagger.app/v1beta1
            kind: Canary
            metadata: {name: other, namespace: test}
            spec:
              targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
              service: {port: 80}
              analysis: {interval: 1m, threshold: 1, stepWeight: 10, metrics: [\(Self.good)]}
            """
        #expect(
            findings(Self.good, more: second) == [
                "f.yaml:17:60: error: Canary other.test: spec.targetRef.name: web.test is the target of Canary "
                    + "podinfo.test too"
            ])
    }

    @Test("objects must not be there twice")
    func repeated() {
        let template = """
            ---
            apiVersion: flagger.app/v1beta1
            kind: MetricTemplate
            metadata: {name: t, namespace: test}
            spec: {provider: {type: prometheus, address: x}, query: up}

            """
        #expect(
            findings(Self.good, more: template + template) == [
                "f.yaml:20:18: warning: MetricTemplate t.test: metadata.name: a MetricTemplate of this name is in the "
                    + "files twice; this one counts, being the last (the other one is at f.yaml:15:18)"
            ])
    }

    private static let good = "{name: request-success-rate, thresholdRange: {min: 1}}"

    @Test("two Canaries of one name are an error")
    func repeatedCanaries() {
        let text = """
            apiVersion: flagger.app/v1beta1
            kind: Canary
            metadata: {name: podinfo, namespace: test}
            spec:
              targetRef: {apiVersion: apps/v1, kind: Deployment, name: podinfo}
              service: {port: 80}
              analysis: {interval: 1m, threshold: 1, stepWeight: 10, metrics: [\(Self.good)]}
            """
        var objects = ObjectFile()
        objects.add(text: text, file: "a.yaml")
        objects.add(text: text, file: "b.yaml")
        #expect(
            Lint.findings(objects).map(\.description) == [
                "b.yaml:3:18: error: Canary podinfo.test: metadata.name: a Canary of this name is in the files twice "
                    + "(the other one is at a.yaml:3:18)"
            ])
    }

    @Test(
        "a Canary without metrics has nothing to judge, unless it skips the analysis",
        arguments: [
            ("analysis: {interval: 1m, threshold: 1, stepWeight: 10}", true),
            ("analysis: {interval: 1m, threshold: 1, stepWeight: 10, metrics: []}", true),
            ("analysis: {interval: 1m, threshold: 1, stepWeight: 10, metrics: null}", true), ("suspend: false", true),
            ("skipAnalysis: true\n  analysis: {interval: 1m, threshold: 1, stepWeight: 10}", false),
        ])
    func nothingToJudge(lines: String, isTold: Bool) {
        var objects = ObjectFile()
        objects.add(
            text: """
                apiVersion: flagger.app/v1beta1
                kind: Canary
                metadata: {name: podinfo, namespace: test}
                spec:
                  targetRef: {apiVersion: apps/v1, kind: Deployment, name: podinfo}
                  service: {port: 80}
                  \(lines)
                """, file: "f.yaml")
        let told = Lint.findings(objects).map(\.description)
        #expect(told.contains { $0.contains("warning") && $0.contains("nothing to judge") } == isTold, "\(told)")
        #expect(told.allSatisfy { !$0.contains("error") }, "\(told)")
    }

    @Test("a fault of an annotation is told once, and where it is")
    func faultyAnnotation() {
        let metrics =
            "{name: request-success-rate, thresholdRange: {min: 1}}, {name: request-duration, thresholdRange: {max: 1}}"
        #expect(
            findings(metrics, annotations: "{haldane.dev/sequential.request-success-rate: soon}") == [
                "f.yaml:3:103: error: Canary podinfo.test: "
                    + "metadata.annotations[\"haldane.dev/sequential.request-success-rate\"]: annotation "
                    + "haldane.dev/sequential.request-success-rate: wanted default or parts such as healthy=0.1%, "
                    + "found \"soon\""
            ])
    }

    @Test(
        "a typing error in an annotation of ours is an error, not a check less",
        arguments: [
            ("haldane.dev/minimum-request", "unknown annotation; did you mean \"haldane.dev/minimum-requests\"?"),
            ("haldane.dev/compar.success", "unknown annotation; did you mean \"haldane.dev/compare.success\"?"),
            ("haldane.dev/sequental.success", "unknown annotation; did you mean \"haldane.dev/sequential.success\"?"),
            (
                "haldane.dev/compare.succes",
                "the Canary has no such metric; did you mean \"haldane.dev/compare.success\"?"
            ),
            ("haldan.dev/compare.success", "did you mean \"haldane.dev/compare.success\"?"),
            ("haldane.dev/compare.", "unknown annotation"), ("haldane.dev/", "unknown annotation"),
            ("Haldane.dev/zero-start", "did you mean \"haldane.dev/zero-start\"?"),
            ("haldane.dev/whatever", "unknown annotation"),
        ])
    func misspeltAnnotations(key: String, message: String) throws {
        let metric = "{name: success, query: vector(1), thresholdRange: {min: 1}}"
        for metrics in [metric, ""] {
            let found = findings(metrics, annotations: "{\(key): 'ratio <= 1.2', other.dev/x: y}")
            let errors = found.filter { $0.contains(": error: ") }
            #expect(errors.count == 1 && errors.allSatisfy { $0.contains(key) }, "\(found)")
            if metrics == metric { #expect(errors.allSatisfy { $0.contains(message) }, "\(found)") }
        }
        let checks = try PlanTests.plan(metric, annotations: "{\(key): 'ratio <= 1.2'}")
        #expect(checks.map(\.problem?.kind) == [.badAnnotation])
    }

    @Test("annotations about rollouts and those of others change no check")
    func otherAnnotations() {
        let keys = Annotation.ofRollouts.map { "haldane.dev/\($0): x" } + ["other.dev/compar.x: y", "compar.x: y"]
        #expect(findings(Self.good, annotations: "{\(keys.joined(separator: ", "))}") == [])
    }

    @Test("findings have a JSON form")
    func json() {
        var file = ObjectFile()
        file.add(text: "[]", file: "f.yaml")
        var writer = JSONWriter()
        FindingEncoder.write(file.findings, into: &writer)
        #expect(
            writer.text
                == #"[{"severity":"error","message":"wanted a mapping, found a list","object":null,"path":"","#
                + #""file":"f.yaml","line":1,"column":1}]"#)
    }
}
