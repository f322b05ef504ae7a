import Analyzer
import Documents
import FlaggerAPI
import Model
import Testing

/// Credentials in objects and addresses.
@Suite("Credentials that stand in objects")
struct ObjectSecretTests {
    @Test(
        "a URL is shown without what may be secret in it",
        arguments: [
            ("http://user:s3cr3t@host:9090/x", "http://host:9090/x"),
            ("https://token@host/x?key=s3cr3t#s3cr3t", "https://host/x"),
            ("http://u:s3cr%40t@host", "http://host"), ("http://u:s3@cr3t@host", "http://host"),
            ("http://u:s3cr3t/w@host:80/x", "http://host:80/x"), ("u:s3cr3t@host:9090", "host:9090"),
            ("http://host:9090/a@b", "http://host:9090/a@b"), ("http://[::1]:9090/x", "http://[::1]:9090/x"),
            ("http://u:p@[::1]:9090", "http://[::1]:9090"), ("", ""), ("http://", "http://"),
            ("ftp://u:p@h", "ftp://h"),
            ("u:p@\u{301}h", "\u{301}h"), ("h?\u{301}p", "h"),
        ])
    func shown(url: String, wanted: String) { #expect(WebAddress.shown(url) == wanted) }

    @Test(
        "user and password of a URL",
        arguments: [
            ("http://user:s3cr3t@host", "user", "s3cr3t"), ("http://a%3Ab:c%20d%zz@host/x@y", "a:b", "c d%zz"),
            ("https://only@host", "only", ""), ("http://:p:q@host", "", "p:q"), ("http://u:a%4", "-", "-"),
            ("http://host/x@y", "-", "-"), ("host", "-", "-"), ("http://u:%4@h", "u", "%4"),
        ])
    func credentials(url: String, user: String, password: String) {
        let found = WebAddress.credentials(in: url)
        #expect((found?.user ?? "-") == user && (found?.password ?? "-") == password)
    }

    @Test("evidence names the address that was replaced without credentials")
    func evidence() throws {
        var file = ObjectFile()
        file.add(
            text: """
                apiVersion: flagger.app/v1beta1
                kind: Canary
                metadata: {name: podinfo, namespace: test, annotations: {haldane.dev/query-address: honour}}
                spec:
                  targetRef: {apiVersion: apps/v1, kind: Deployment, name: podinfo}
                  service: {port: 80}
                  analysis: {interval: 1m, threshold: 1, stepWeight: 1, metrics: [{name: x, templateRef: {name: t}}]}
                ---
                apiVersion: flagger.app/v1beta1
                kind: MetricTemplate
                metadata: {name: t, namespace: test}
                spec: {provider: {type: prometheus, address: "http://user:s3cr3t@mimir:8080/x?token=s3cr3t"}, query: up}
                """)
        #expect(file.findings.isEmpty)
        let canary = try #require(file.canaries.first?.value)
        for hosts in [[], ["mimir"]] {
            let options = PlanOptions(templateHosts: try #require(TemplateHosts(hosts)))
            let checks = Analysis.plan(canary, templates: file.templates.map(\.value), options: options)
            let verdict = Verdict.judge(checks, [Measurement(.value(1))], facts: AnalysisFacts(), at: 0)
            let json = VerdictEncoder.json(verdict)
            #expect(!json.contains("s3cr3t") && json.contains("http://mimir:8080/x"), "\(json)")
            #expect(json.contains("--honour-template-address") == hosts.isEmpty, "\(json)")
        }
    }

    @Test(
        "what is kept of an object has no credentials",
        arguments: [
            ("{a: 1, b: [x]}", nil),
            ("spec: {provider: {address: http://h:1/x, headers: {X-Scope-OrgID: [a]}}}", nil),
            (
                "spec: {provider: {address: http://u:p@h:1/x}}", #"{"spec":{"provider":{"address":"http://h:1/x"}}}"#
            ),
            (
                "headers: {Authorization: [Bearer a, b], x: [c]}",
                #"{"headers":{"Authorization":["<secret>","<secret>"],"x":["c"]}}"#
            ),
            ("headers: {cookie: {exact: always}}", nil),
            (
                "[{headers: {request: {set: {X-Api-Key: k}}}}]",
                #"[{"headers":{"request":{"set":{"X-Api-Key":"<secret>"}}}}]"#
            ),
            (
                "{webhooks: [{name: a, url: 'http://u:p@h/x?token=p', metadata: {token: p, cmd: 'hey -H \"Authorization: x\"', type: cmd}}]}",
                #"{"webhooks":[{"name":"a","url":"http://h/x","metadata":{"token":"<secret>","cmd":"<secret>","type":"cmd"}}]}"#
            ),
            ("address: http://h:1/x?token=p", #"{"address":"http://h:1/x"}"#),
            ("address: u:p@h:1", #"{"address":"h:1"}"#), ("address: //u:p@h", #"{"address":"h"}"#),
            ("address: http:/u:p@h", #"{"address":"h"}"#), ("address: 'http://h/#u:p@x'", #"{"address":"http://h/"}"#),
            ("metricsServer: https://t@h", #"{"metricsServer":"https://h"}"#),
            (
                "{kubectl.kubernetes.io/last-applied-configuration: '{\"address\":\"http://u:p@h\"}'}",
                #"{"kubectl.kubernetes.io/last-applied-configuration":""}"#
            ),
        ] as [(String, String?)])
    func kept(text: String, wanted: String?) throws {
        let node = try #require(try YAMLReader.documents(text).first)
        let hidden = ObjectSecrets.hidden(node).map { node in
            var json = JSONWriter()
            json.node(node)
            return json.text
        }
        #expect(hidden == wanted)
    }
}
