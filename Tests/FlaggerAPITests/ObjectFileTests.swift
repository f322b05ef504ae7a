import Documents
import FlaggerAPI
import Model
import Testing

@Suite("Objects from YAML")
struct ObjectFileTests {
    private static let head = """
        apiVersion: flagger.app/v1beta1
        kind: Canary
        metadata:
          name: podinfo
          namespace: test
        spec:
          targetRef: {apiVersion: apps/v1, kind: Deployment, name: podinfo}
          service: {port: 9898}

        """

    /// The findings of a Canary with these lines in its `spec`; the first of them is line 9.
    private func findings(_ lines: String) -> [String] {
        var file = ObjectFile()
        let body = lines.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }
        file.add(text: Self.head + body.joined(separator: "\n"), file: "f.yaml")
        return file.findings.map(\.description)
    }

    @Test("what is left out has Flagger's defaults")
    func defaults() throws {
        var file = ObjectFile()
        let analysis = "  analysis: {interval: 30s, threshold: 5, stepWeight: 10}"
        file.add(text: Self.head + analysis)
        #expect(file.findings.isEmpty)
        let canary = try #require(file.canaries.first?.value)
        #expect(canary.reference == ObjectReference(name: "podinfo", namespace: "test"))
        #expect(canary.progressDeadlineSeconds == 600)
        #expect(!canary.skipAnalysis && !canary.revertOnDeletion && !canary.suspend)
        #expect(canary.service.name == nil && canary.service.targetPort == nil)
        let found = try #require(canary.analysis)
        #expect(found.interval == 30_000)
        #expect(found.maxWeight == 100)
        #expect(found.stepWeightPromotion == 0)
        #expect(found.iterations == 0)
        #expect(found.primaryReadyThreshold == 100 && found.canaryReadyThreshold == 100)
    }

    @Test(
        "analysis.interval is a Go duration of at least ten seconds, a minute when it is none",
        arguments: [
            ("interval: 10s", 10_000), ("interval: 1m30s", 90_000), ("interval: 2s", 10_000), ("interval: 5mm", 60_000),
            ("interval: 0s", 10_000), ("mirror: false", 60_000),
        ] as [(String, Milliseconds)])
    func interval(text: String, wanted: Milliseconds) {
        var file = ObjectFile()
        file.add(text: Self.head + "  analysis: {\(text), threshold: 5, stepWeight: 10}")
        #expect(file.canaries.first?.value.analysis?.interval == wanted)
    }

    @Test(
        "threshold and maxWeight of 0 mean their defaults",
        arguments: [
            ("threshold: 0", 1, 100), ("threshold: -3", 1, 100), ("threshold: 7, maxWeight: 0", 7, 100),
            ("threshold: 1, maxWeight: 30", 1, 30),
        ])
    func zeros(text: String, threshold: Int, maxWeight: Int) {
        var file = ObjectFile()
        file.add(text: Self.head + "  analysis: {interval: 1m, \(text), stepWeight: 10}")
        let analysis = file.canaries.first?.value.analysis
        #expect(analysis?.threshold == threshold)
        #expect(analysis?.maxWeight == maxWeight)
    }

    @Test("metrics, hooks and alerts are read with their defaults")
    func lists() throws {
        var file = ObjectFile()
        file.add(
            text: Self.head + """
                  analysis:
                    interval: 1m
                    threshold: 5
                    iterations: 10
                    match: [{headers: {x-canary: {exact: always}}}]
                    metrics:
                    - name: a
                      templateRef: {name: t}
                      templateVariables: {direction: inbound}
                      thresholdRange: {min: 1}
                    - name: b
                      templateRef: {name: t, namespace: other}
                      interval: 2m
                      threshold: 3
                    webhooks:
                    - {name: h, url: "http://x/"}
                    - {name: i, url: "http://x/", type: pre-rollout, timeout: 30s, retries: 2, muteAlert: true}
                    alerts:
                    - {name: s, severity: warn, providerRef: {name: slack}}
                """)
        #expect(file.findings.isEmpty)
        let analysis = try #require(file.canaries.first?.value.analysis)
        #expect(analysis.match.count == 1 && analysis.iterations == 10)
        #expect(analysis.metrics[0].template == ObjectReference(name: "t", namespace: "test"))
        #expect(analysis.metrics[0].variables == ["direction": "inbound"])
        #expect(analysis.metrics[0].interval == nil)
        #expect(analysis.metrics[0].range == ThresholdRange(min: 1))
        #expect(analysis.metrics[1].template == ObjectReference(name: "t", namespace: "other"))
        #expect(analysis.metrics[1].interval == "2m" && analysis.metrics[1].threshold == 3)
        #expect(analysis.webhooks[0].kind == .rollout && analysis.webhooks[0].timeout == 10_000)
        #expect(analysis.webhooks[1].kind == .preRollout && analysis.webhooks[1].timeout == 30_000)
        #expect(analysis.webhooks[1].retries == 2 && analysis.webhooks[1].mutesAlert)
        #expect(
            analysis.alerts == [
                CanaryAlert(
                    name: "s", severity: .warn, provider: ObjectReference(name: "slack", namespace: "test"))
            ])
    }

    @Test(
        "what is wrong is told with its place, all of it at once",
        arguments: [
            (
                "analysis: {interval: 30s, threshold: many, stepWeight: 10, maxWieght: 50}",
                [
                    "f.yaml:9:40: error: Canary podinfo.test: spec.analysis.threshold: wanted a whole number, "
                        + "found the text \"many\"",
                    "f.yaml:9:62: error: Canary podinfo.test: spec.analysis: unknown key \"maxWieght\"; "
                        + "did you mean \"maxWeight\"?",
                ]
            ),
            (
                "analysis:\n  interval: 1h\n  threshold: 1\n  stepWeight: 5",
                [
                    "f.yaml:10:15: error: Canary podinfo.test: spec.analysis.interval: wanted a duration in minutes or "
                        + "seconds such as 1m or 30s, found \"1h\""
                ]
            ),
            (
                "analysis: {interval: 5s, threshold: 1, stepWeight: 5}",
                [
                    "f.yaml:9:24: warning: Canary podinfo.test: spec.analysis.interval: 5s is below the minimum; "
                        + "10s is used"
                ]
            ),
            (
                "analysis: {interval: 30s, threshold: 1}",
                [
                    "f.yaml:9:13: warning: Canary podinfo.test: spec.analysis: wanted exactly one of iterations, "
                        + "stepWeight and stepWeights, found none: the API server refuses this analysis"
                ]
            ),
            (
                "analysis: {interval: 30s, threshold: 1, stepWeight: 1, iterations: 2}",
                [
                    "f.yaml:9:13: warning: Canary podinfo.test: spec.analysis: wanted exactly one of iterations, "
                        + "stepWeight and stepWeights, found iterations and stepWeight: "
                        + "the API server refuses this analysis"
                ]
            ),
            (
                "provider: lnkerd\nanalysis: {interval: 30s, threshold: 1, stepWeight: 5}",
                [
                    "f.yaml:9:13: error: Canary podinfo.test: spec.provider: unknown value \"lnkerd\"; did you mean "
                        + "\"linkerd\"? (known: apisix, appmesh, appmesh:v1beta2, contour, gatewayapi:v1, "
                        + "gatewayapi:v1beta1, gloo, istio, knative, kubernetes, kuma, linkerd, nginx, osm, skipper, "
                        + "smi:v1alpha1, smi:v1alpha2, smi:v1alpha3, traefik)"
                ]
            ),
            (
                "analysis:\n  interval: 30s\n  threshold: 1\n  stepWeight: 5\n  metrics:\n  - name: x\n"
                    + "    thresholdRange: {min: abc}\n  - interval: 1m\n  - 5",
                [
                    "f.yaml:15:29: error: Canary podinfo.test: spec.analysis.metrics[0].thresholdRange.min: wanted a "
                        + "number, found the text \"abc\"",
                    "f.yaml:16:7: error: Canary podinfo.test: spec.analysis.metrics[1]: the key \"name\" is missing",
                    "f.yaml:17:7: error: Canary podinfo.test: spec.analysis.metrics[2]: wanted a mapping, found the "
                        + "number 5",
                ]
            ),
            (
                "analysis:\n  interval: 30s\n  threshold: 1\n  stepWeight: 5\n  metrics:\n  - name: x\n"
                    + "    thresholdRange: {min: 3, max: 1}",
                [
                    "f.yaml:15:23: warning: Canary podinfo.test: spec.analysis.metrics[0].thresholdRange: min 3.0 is "
                        + "above max 1.0: nothing can pass"
                ]
            ),
            (
                "analysis: {interval: 30s, threshold: 1, stepWeight: 5, "
                    + "webhooks: [{name: a, url: u, type: prerollout}, {name: b}]}",
                [
                    "f.yaml:9:93: error: Canary podinfo.test: spec.analysis.webhooks[0].type: unknown value "
                        + "\"prerollout\"; did you mean \"pre-rollout\"? (known: confirm-rollout, pre-rollout, "
                        + "rollout, confirm-traffic-increase, confirm-promotion, post-rollout, rollback, event)",
                    "f.yaml:9:106: error: Canary podinfo.test: spec.analysis.webhooks[1]: the key \"url\" is missing",
                ]
            ),
            (
                "analysis: {interval: 30s, threshold: 1, stepWeight: 5, alerts: [{name: a, providerRef: {name: s}}]}",
                [
                    "f.yaml:9:67: warning: Canary podinfo.test: spec.analysis.alerts[0].severity: is missing: without "
                        + "it nothing is ever sent (say info, warn or error)"
                ]
            ),
            (
                "analysis: {interval: 30s, threshold: 1, stepWeight: 5, "
                    + "sessionAffinity: {cookieName: a, primaryCookieName: a}}",
                [
                    "f.yaml:9:110: error: Canary podinfo.test: "
                        + "spec.analysis.sessionAffinity.primaryCookieName: must differ from cookieName"
                ]
            ),
            (
                "canaryAnalysis: {}\nanalysis: {interval: 30s, threshold: 1, stepWeight: 5}",
                [
                    "f.yaml:9:19: error: Canary podinfo.test: spec.canaryAnalysis: is no part of v1beta1: "
                        + "write analysis"
                ]
            ),
        ] as [(String, [String])])
    func problems(lines: String, wanted: [String]) { #expect(findings(lines) == wanted) }

    @Test(
        "targets, ports and references are checked",
        arguments: [
            (
                "metadata: {name: a}\nspec: {targetRef: {apiVersion: apps/v1, kind: StatefulSet, name: x}, "
                    + "service: {port: 70000}, skipAnalysis: sure}",
                [
                    "4:47: error: Canary a.default: spec.targetRef.kind: wanted DaemonSet, Deployment, Service, found "
                        + "\"StatefulSet\"",
                    "4:86: error: Canary a.default: spec.service.port: wanted a port from 1 to 65535, found 70000",
                    "4:108: error: Canary a.default: spec.skipAnalysis: wanted true or false, found the text \"sure\"",
                ]
            ),
            ("spec: {}", ["1:1: error: Canary: the key \"metadata\" is missing"]),
            (
                "metadata: {name: 5}\nspec: {}",
                ["3:18: error: Canary: metadata.name: wanted a text, found the number 5"]
            ),
            ("metadata: {name: a}", ["1:1: error: Canary a.default: the key \"spec\" is missing"]),
        ] as [(String, [String])])
    func references(body: String, wanted: [String]) {
        var file = ObjectFile()
        file.add(text: "apiVersion: flagger.app/v1beta1\nkind: Canary\n" + body)
        #expect(file.findings.map(\.description) == wanted)
        #expect(file.canaries.isEmpty)
    }

    @Test(
        "other objects are noted, wrong versions and kinds refused",
        arguments: [
            (
                "apiVersion: apps/v1\nkind: Deployment",
                "1:1: note: Deployment of apps/v1 is not needed for an analysis and ignored"
            ),
            (
                "apiVersion: flagger.app/v1alpha3\nkind: Canary",
                "1:13: error: apiVersion: wanted flagger.app/v1beta1, found \"flagger.app/v1alpha3\""
            ),
            (
                "apiVersion: flagger.app/v1beta1\nkind: Canry",
                "2:7: error: unknown kind \"Canry\" of flagger.app/v1beta1; did you mean Canary?"
            ),
            ("kind: Canary", "1:1: error: the key \"apiVersion\" is missing"),
            ("[]", "1:1: error: wanted a mapping, found a list"),
            ("a: [", "2:1: error: while parsing a flow node: did not find expected node content"),
        ])
    func kinds(text: String, wanted: String) {
        var file = ObjectFile()
        file.add(text: text)
        #expect(file.findings.map(\.description) == [wanted])
    }

    @Test(
        "MetricTemplates and AlertProviders are checked",
        arguments: [
            ("MetricTemplate", "provider: {type: prometheus, address: http://x}, query: up", nil),
            (
                "MetricTemplate", "provider: {type: prometheus, address: 'http://127.0.0.1:99999'}, query: up",
                "4:46: error: MetricTemplate t.ns: spec.provider.address: the port must be a number from 1 to 65535, "
                    + "found 99999"
            ),
            (
                "MetricTemplate", "provider: {type: datadog}, query: up",
                "4:25: warning: MetricTemplate t.ns: spec.provider.type: provider type \"datadog\" can't be evaluated "
                    + "here; only prometheus can"
            ),
            (
                "MetricTemplate", "provider: {type: prometeus}, query: up",
                "4:25: error: MetricTemplate t.ns: spec.provider.type: unknown value \"prometeus\"; did you mean "
                    + "\"prometheus\"? (known: prometheus, influxdb, datadog, externalmetrics, stackdriver, "
                    + "cloudwatch, newrelic, graphite, dynatrace, keptn, splunk)"
            ),
            (
                "MetricTemplate", "provider: {type: prometheus, address: x}",
                "4:7: error: MetricTemplate t.ns: spec: the key \"query\" is missing"
            ),
            (
                "MetricTemplate", "provider: {type: prometheus}, query: up",
                "4:18: warning: MetricTemplate t.ns: spec.provider.address: is missing: Flagger can't use this "
                    + "template; here it is evaluated all the same"
            ),
            ("AlertProvider", "type: gchat, secretRef: {name: s}", nil),
            (
                "AlertProvider", "type: slack",
                "4:7: error: AlertProvider t.ns: spec: wanted exactly one of address and secretRef, found neither"
            ),
            (
                "AlertProvider", "type: teams, address: x",
                "4:14: error: AlertProvider t.ns: spec.type: unknown value \"teams\" "
                    + "(known: slack, msteams, discord, rocket, gchat)"
            ),
        ] as [(String, String, String?)])
    func otherObjects(kind: String, spec: String, wanted: String?) {
        var file = ObjectFile()
        file.add(
            text: "apiVersion: flagger.app/v1beta1\nkind: \(kind)\nmetadata: {name: t, namespace: ns}\nspec: {\(spec)}")
        #expect(file.findings.map(\.description) == (wanted.map { [$0] } ?? []))
    }

    @Test("JSON files are read with tabs and all, flow YAML too")
    func json() {
        let json =
            "{\n\t\"apiVersion\": \"flagger.app/v1beta1\",\n\t\"kind\": \"AlertProvider\",\n"
            + "\t\"metadata\": {\"name\": \"s\"},\n\t\"spec\": {\"type\": \"slack\", \"address\": \"x\"}\n}"
        for text in [json, json.replacing("\"", with: "").replacing("\t", with: " ")] {
            var file = ObjectFile()
            file.add(text: text)
            #expect(file.findings == [])
            #expect(file.providers.first?.value.reference.description == "s.default")
        }
    }

    @Test("lists of the Kubernetes API are taken apart, with what the API adds to objects")
    func kubernetesLists() throws {
        var file = ObjectFile()
        let object =
            #"{"apiVersion":"flagger.app/v1beta1","kind":"Canary","metadata":{"name":"a","namespace":"n","#
            + #""uid":"1","managedFields":[{"manager":"x"}],"annotations":{"haldane.dev/query-address":"honour"}},"#
            + #""spec":{"targetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"a"},"service":{"port":80},"#
            + #""analysis":{"interval":"1m","threshold":1,"stepWeight":10}},"status":{"phase":"Failed"}}"#
        file.add(try JSONReader.parse(#"{"apiVersion":"v1","kind":"List","items":["# + object + "]}"))
        #expect(file.findings.isEmpty)
        #expect(file.canaries.first?.value.annotations == ["haldane.dev/query-address": "honour"])
    }

    @Test(
        "what lies beside Canaries in a folder is noted",
        arguments: [
            ("files: [a.yaml]\ntests: []", "unit tests"), ("scrape_configs: []", "a configuration of `haldane serve`"),
        ])
    func neighbours(text: String, wanted: String) {
        var file = ObjectFile()
        file.add(text: text, file: "f.yaml")
        #expect(file.findings.count == 1)
        #expect(file.findings.first?.description.hasPrefix("f.yaml:1:1: note: \(wanted)") == true, "\(file.findings)")
    }
}
