import Analyzer
import Documents
import FlaggerAPI
import Testing

/// A/B conditions and sessions: nothing of them decides a verdict, but the API server refuses what is wrong in them.
@Suite("Conditions and sessions of an analysis")
struct AnalysisMatchTests {
    private func findings(_ analysis: String) -> [String] {
        var file = ObjectFile()
        file.add(
            text: """
                apiVersion: flagger.app/v1beta1
                kind: Canary
                metadata: {name: podinfo, namespace: test}
                spec:
                  targetRef: {apiVersion: apps/v1, kind: Deployment, name: podinfo}
                  service: {port: 80}
                  analysis: {interval: 1m, threshold: 1, iterations: 1, \(analysis)}
                """)
        return file.findings.map(\.description)
    }

    private static let start = "Canary podinfo.test: spec.analysis."

    @Test(
        "good ones are taken",
        arguments: [
            "match: [{headers: {x-canary: {regex: '^1'}}}, {queryParams: {v: {prefix: a}}}]",
            "match: [{headers: {cookie: {exact: always}, x: {suffix: z}}, sourceLabels: {app: load}}]",
            "sessionAffinity: {cookieName: a, maxAge: 60, sameSite: Lax, httpOnly: true, domain: x, path: /}",
            "mirror: true, mirrorWeight: 50",
        ])
    func good(analysis: String) { #expect(findings(analysis) == []) }

    @Test(
        "bad ones are told with their place",
        arguments: [
            (
                "match: [{headers: {x: {exact: a, prefix: b}}}]",
                "7:79: error: \(start)match[0].headers.x: wanted exactly one of exact, prefix, suffix, regex, found "
                    + "exact and prefix"
            ),
            (
                "match: [{headers: {x: {}}}]",
                "7:79: error: \(start)match[0].headers.x: wanted exactly one of exact, prefix, suffix, regex, found none"
            ),
            (
                "match: [{headers: {x: {exact: 5}}}]",
                "7:87: error: \(start)match[0].headers.x.exact: wanted a text, found the number 5"
            ),
            (
                "match: [{queryParams: {v: {suffix: a, exact: b}}}]",
                "7:84: error: \(start)match[0].queryParams.v: unknown key \"suffix\""
            ),
            (
                "match: [{header: {}}]",
                "7:66: error: \(start)match[0]: unknown key \"header\"; did you mean \"headers\"?"
            ),
            (
                "sessionAffinity: {cookieName: a, sameSite: lax}",
                "7:100: error: \(start)sessionAffinity.sameSite: unknown value \"lax\"; did you mean \"Lax\"? (known: "
                    + "Strict, Lax, None)"
            ),
            (
                "sessionAffinity: {cookieName: a, maxAge: day}",
                "7:98: error: \(start)sessionAffinity.maxAge: wanted a whole number, found the text \"day\""
            ),
            ("mirrorWeight: all", "7:71: error: \(start)mirrorWeight: wanted a whole number, found the text \"all\""),
        ])
    func bad(analysis: String, wanted: String) { #expect(findings(analysis) == [wanted]) }

    @Test(
        "builtins read Linkerd whatever the router is",
        arguments: [
            "apisix", "appmesh", "appmesh:v1beta2", "contour", "gatewayapi:v1", "gatewayapi:v1beta1", "gloo", "istio",
            "knative", "kubernetes", "kuma", "linkerd", "nginx", "osm", "skipper", "smi:v1alpha1", "smi:v1alpha2",
            "smi:v1alpha3", "traefik",
        ])
    func providers(provider: String) throws {
        var file = ObjectFile()
        file.add(
            text: """
                apiVersion: flagger.app/v1beta1
                kind: Canary
                metadata: {name: podinfo, namespace: test}
                spec:
                  provider: \(provider)
                  targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
                  ingressRef: {apiVersion: networking.k8s.io/v1, kind: Ingress, name: other}
                  service: {port: 80}
                  analysis:
                    {interval: 1m, threshold: 1, stepWeight: 10, metrics: [
                      {name: request-success-rate}, {name: request-duration}]}
                """)
        let canary = try #require(file.canaries.first?.value)
        let linkerd = try PlanTests.plan("{name: request-success-rate}, {name: request-duration}")
        #expect(Analysis.plan(canary, templates: []).map(\.query) == linkerd.map(\.query))
    }
}
