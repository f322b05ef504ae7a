import Analyzer
import Documents
import FlaggerAPI
import Testing

/// What lint sees of leftovers, intervals, units and ports.
@Suite("Lint of leftovers, units and ports") struct LintInputMistakeTests {
    private static func findings(_ text: String) -> [String] {
        var file = ObjectFile()
        file.add(text: text, file: "f.yaml")
        return Lint.findings(file).map(\.description)
    }

    private static func canary(
        name: String = "podinfo", interval: String = "1m",
        metric: String = "{name: request-success-rate, thresholdRange: {min: 99}}",
        service: String = "port: 80", more: String = ""
    ) -> String {
        """
        apiVersion: flagger.app/v1beta1
        kind: Canary
        metadata: {name: \(name), namespace: test}
        spec:
          targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
          service: {\(service)}
          analysis:
            interval: \(interval)
            threshold: 1
            stepWeight: 10
            metrics:
            - \(metric)
            webhooks:
            - {name: load, url: "http://tester/", metadata: {cmd: "for i in $(seq 3); do echo ${HOST} {{ x }}; done"}}
        \(more)
        """
    }

    private static func template(_ query: String) -> String {
        canary(
            metric: "{name: a, interval: 1m, thresholdRange: {max: 1}, templateRef: {name: t}}",
            more: """
                ---
                apiVersion: flagger.app/v1beta1
                kind: MetricTemplate
                metadata: {name: t, namespace: test}
                spec: {provider: {type: prometheus, address: "http://p:9090"}, query: '\(query)'}
                """)
    }

    static let leftovers = [
        (canary(name: "\"${APP}\""), "error", "no Kubernetes object has such a name"),
        (canary(name: "\"${APP}\""), "warning", "metadata.name: ${APP} stands in it"),
        (canary(name: "$APP"), "warning", "metadata.name: $APP stands in it"),
        (canary(name: "$(APP)"), "warning", "metadata.name: $(APP) stands in it"),
        (canary(name: "\"{{ .Values.name }}\""), "warning", "unrendered Helm template ({{ .Values.name }})"),
        (canary(name: "\"{{ name }}\""), "warning", "double braces stand in it"),
        (
            canary(metric: "{name: request-success-rate, thresholdRange: {min: \"${MIN}\"}}"), "warning",
            "thresholdRange.min: ${MIN} stands in it"
        ),
        (
            template(#"rate(x[$__rate_interval])"#), "error",
            "$__rate_interval stands in it, which nothing replaces here"
        ),
        (template(#"rate(x{namespace="{{ .Values.ns }}"}[1m])"#), "warning", "unrendered Helm template"),
        (template(#"rate(x{namespace="{{ "{{" }} namespace {{ "}}" }}"}[1m])"#), "warning", "escaped twice"),
        (template(#"rate(x{namespace="{ namespace }"}[1m])"#), "warning", "holds braces"),
        (template(#"rate(x{status_code="5.."}[1m])"#), "warning", #"write status_code=~"5..""#),
        (template(#"rate(x{status_code="[45].*"}[1m])"#), "warning", "looks like a regular expression"),
        (template(#"rate(x{pod="^web"}[1m])"#), "warning", "looks like a regular expression"),
    ]

    @Test("what was not replaced is told", arguments: leftovers.indices)
    func leftover(index: Int) {
        let (text, severity, wanted) = Self.leftovers[index]
        let found = Self.findings(text)
        #expect(found.contains { $0.contains("\(severity): ") && $0.contains(wanted) }, "\(wanted)\n\(found)")
    }

    static let sound = [
        canary(), template(#"rate(x{path="/books/{id}"}[1m])"#), template(#"rate(x{code=~"5..$"}[1m])"#),
        template(#"rate(x{code=~"5[0-9]{2}"}[1m])"#),
        template(#"{{ if eq target "web" }}vector(1){{ else }}vector(2){{ end }}"#),
        template(#"sum(http_requests_total - http_requests_total offset 1m)"#),
        template(#"sum(rate(requests_total[1m]))"#),
        template(#"rate(x{version="1.2.3"}[1m])"#), canary(interval: "1m30s"),
        canary(metric: "{name: request-duration, thresholdRange: {max: 500}}"),
        canary(metric: "{name: request-success-rate, thresholdRange: {min: 1}}"),
    ]

    @Test("what is fine is left alone", arguments: sound)
    func fine(text: String) {
        let found = Self.findings(text)
        #expect(!found.contains { $0.contains("warning: ") || $0.contains("error: ") }, "\(found)")
    }

    @Test(
        "intervals that Flagger reads otherwise, and limits in another unit, are told",
        arguments: [
            (canary(interval: "1min"), "Flagger can't read \"1min\" and takes 60s without a word: write 1m"),
            (canary(metric: "{name: request-success-rate, thresholdRange: {max: 1}}"), "write min: 1 for the least"),
            (canary(metric: "{name: request-success-rate, thresholdRange: {min: 101}}"), "it never passes"),
            (canary(interval: "30sec"), "Flagger can't read \"30sec\" and takes 60s"),
            (canary(interval: "1ms"), "1ms is below the minimum"),
            (
                canary(metric: "{name: request-success-rate, thresholdRange: {min: 0.99}}"),
                "in per cent, and at least 0.99"
            ),
            (canary(metric: "{name: request-duration, thresholdRange: {max: 0.5}}"), "write 500 for 0.5 s"),
            (
                template("sum(rate(e_total{a=\"b\"}[1m])) / sum(rate(e_total[1m]))").replacing(
                    "{max: 1}", with: "{max: 5}"),
                "up to 5 is accepted: it always passes"
            ),
            (
                template("1 - sum(rate(e_total{a=\"b\"}[1m])) / sum(rate(e_total[1m])) or vector(1)")
                    .replacing("{max: 1}", with: "{min: 95}"), "at least 95 is wanted: it never passes"
            ),
        ])
    func readings(text: String, wanted: String) {
        let found = Self.findings(text)
        #expect(found.contains { $0.contains("warning: ") && $0.contains(wanted) }, "\(found)")
    }

    private static func service(_ name: String, _ ports: String) -> String {
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: \(name), namespace: test}\nspec: {ports: [\(ports)]}"
    }

    private static func route(parent: Int, backend: Int) -> String {
        """
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: web, namespace: test}
        spec:
          parentRefs: [{group: core, kind: Service, name: web, port: \(parent)}]
          rules: [{backendRefs: [{name: web-canary, port: \(backend)}]}]
        """
    }

    private static let deployment = """
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: test}
        spec: {template: {spec: {containers: [{name: web, ports: [{name: http, containerPort: 9898}]}]}}}
        """

    static let ports: [(text: String, wanted: String?)] = [
        (canary(more: service("web", "{port: 9898}")), "Service web has no port 80, only 9898"),
        (canary(more: service("web", "{port: 80, targetPort: 9898}")), "write targetPort: 9898"),
        (canary(more: service("web", "{port: 80, targetPort: http}")), nil),
        (canary(more: service("web", "{port: 80}")), nil), (canary(more: service("other", "{port: 9898}")), nil),
        (canary(service: "port: 80, targetPort: 9898", more: service("web", "{port: 80, targetPort: 9898}")), nil),
        (canary(more: route(parent: 80, backend: 80)), nil),
        (canary(more: route(parent: 9898, backend: 80)), "Service web has no port 9898, only 80"),
        (canary(more: route(parent: 80, backend: 8080)), "Service web-canary has no port 8080, only 80"),
        (
            route(parent: 1, backend: 2) + "\n" + service("web-canary", "{port: 8989}"),
            "Service web-canary has no port 2, only 8989"
        ),
        (route(parent: 1, backend: 2), nil),
        (canary(service: "port: 80, targetPort: http", more: deployment), nil),
        (canary(service: "port: 80, targetPort: web", more: deployment), "has a port named web: there are http"),
    ]

    @Test("ports of Services, routes and workloads that don't fit are told", arguments: ports.indices)
    func fitting(index: Int) {
        let (text, wanted) = Self.ports[index]
        let found = Self.findings(text).filter { $0.contains("warning: ") }
        if let wanted {
            #expect(found.contains { $0.contains(wanted) }, "\(wanted)\n\(found)")
        } else {
            #expect(found == [])
        }
    }

    @Test("a last step beyond the greatest weight is only a note") func lastStep() {
        let found = Self.findings(Self.canary().replacing("stepWeight: 10", with: "stepWeight: 20\n    maxWeight: 50"))
        #expect(found.contains { $0.contains("note: ") && $0.contains("the last one is 60") }, "\(found)")
    }

    @Test("a metric's interval that is no duration is named") func metricInterval() {
        let text = Self.canary(metric: "{name: request-success-rate, interval: 30sec, thresholdRange: {min: 99}}")
        let found = Self.findings(text)
        #expect(
            found.contains { $0.contains("error: ") && $0.contains("interval \"30sec\" is no duration: write 30s") },
            "\(found)")
    }
}
