import Documents
import FlaggerAPI
import Testing

@Suite("Decoded objects with the node they were read from")
struct LosslessObjectTests {
    private static let text = """
        apiVersion: flagger.app/v1beta1
        kind: Canary
        metadata: {name: web, namespace: test, labels: {team: a}}
        spec:
          targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
          service: {port: 80, retries: {attempts: 3}}
          analysis:
            interval: 1m
            threshold: 2
            iterations: 10
            mirror: true
            mirrorWeight: 20
            match:
            - headers: {x-canary: {exact: insider}, cookie: {regex: "^a=b$"}}
            - queryParams: {beta: {prefix: "1"}}
              sourceLabels: {app: front}
            sessionAffinity: {cookieName: c, primaryCookieName: p, maxAge: 60, path: /, httpOnly: true}
            metrics:
            - {name: request-success-rate, thresholdRange: {min: 99}}
        """

    private static func canary(_ text: String) throws -> Located<Canary> {
        var file = ObjectFile()
        file.add(text: text, file: "web.yaml")
        #expect(!file.hasErrors, "\(file.findings)")
        return try #require(file.canaries.first)
    }

    @Test("the node has what the typed value has no field for")
    func node() throws {
        let canary = try Self.canary(Self.text)
        #expect(try canary.node["metadata"]?["labels"]?["team"]?.string() == "a")
        #expect(try canary.node["spec"]?["service"]?["retries"]?["attempts"]?.int() == 3)
        #expect(canary.source.file == "web.yaml")
        #expect(canary.source.location(of: NodePath("spec.service")) == canary.node["spec"]?["service"]?.location)
    }

    @Test("written and read again it is the same value")
    func roundTrip() throws {
        let canary = try Self.canary(Self.text)
        var writer = JSONWriter()
        writer.node(canary.node)
        let again = try Self.canary(String(decoding: writer.bytes, as: UTF8.self))
        #expect(again.value == canary.value)
    }

    @Test("conditions, mirror weight and session affinity are values")
    func traffic() throws {
        let analysis = try #require(try Self.canary(Self.text).value.analysis)
        var first = MatchCondition()
        first.headers = ["x-canary": .exact("insider"), "cookie": .regex("^a=b$")]
        var second = MatchCondition()
        second.queryParameters = ["beta": .prefix("1")]
        second.sourceLabels = ["app": "front"]
        #expect(analysis.match == [first, second])
        #expect(analysis.mirror && analysis.mirrorWeight == 20)
        var affinity = SessionAffinity(cookieName: "c")
        affinity.primaryCookieName = "p"
        affinity.maxAge = 60
        affinity.path = "/"
        affinity.isHTTPOnly = true
        #expect(analysis.sessionAffinity == affinity)
    }

    @Test("what is left out has Flagger's defaults")
    func defaults() throws {
        let text = Self.text.replacing(", maxAge: 60", with: "").replacing("    mirrorWeight: 20\n", with: "")
        let analysis = try #require(try Self.canary(text).value.analysis)
        #expect(analysis.mirrorWeight == 100)
        #expect(analysis.sessionAffinity?.maxAge == 86_400)
    }
}
