import Foundation
import Server
import Simulator
import Testing

/// Every example Canary in every situation. What is expected follows from what the documents say, not from what the
/// program prints:
///
/// - The templates of 000 name `deployment="podinfo"` and no direction, so they count what the canary calls as well:
///   5 % of errors among its own answers are 2.5 % among all.
/// - All templates count kubelet probes and scrapes, so with nothing else they pass, on that alone. The builtins leave
///   both out, and so have nothing to judge.
/// - 000-manual-gate, 000-with-alerts and 003 have no latency check, so a slow canary passes.
/// - 404s are not failures, and the deprecated `threshold: 3` of an inline query is a maximum.
@Suite("Each example in each situation") struct SituationTests {
    private static let builtins = ["request-success-rate", "request-duration"]

    /// Namespace and checks of each example, in the order of evaluation.
    static let examples: [(name: String, namespace: String, checks: [String])] = [
        ("000-base", "demo", ["success-rate", "latency"]),
        ("000-custom-metrics", "demo", ["success-rate", "error-rate-5xx", "request-duration-p95"]),
        ("000-manual-gate", "demo", ["success-rate"]), ("000-with-alerts", "demo", ["success-rate"]),
        ("000-production", "production", ["success-rate", "latency"]), ("001-weighted", "test", builtins),
        ("001-with-404s", "test", builtins + ["404s percentage"]), ("001-nginx-ab", "test", builtins),
        ("002-helm-test", "test", builtins), ("003-success-rate", "test", ["success-rate"]),
    ]

    /// The 70 cells: the verdict, then the reason of each check. `=` stands for "within range".
    static let cells: [Situation: [String: String]] = [
        .healthy: [
            "000-base": "pass: =, =", "000-custom-metrics": "pass: =, =, =", "000-manual-gate": "pass: =",
            "000-with-alerts": "pass: =", "000-production": "pass: =, =", "001-weighted": "pass: =, =",
            "001-with-404s": "pass: =, =, =", "001-nginx-ab": "pass: =, =", "002-helm-test": "pass: =, =",
            "003-success-rate": "pass: =",
        ],
        .errors: [
            "000-base": "fail: below minimum, =", "000-custom-metrics": "fail: below minimum, above maximum, =",
            "000-manual-gate": "fail: below minimum", "000-with-alerts": "fail: below minimum",
            "000-production": "fail: below minimum, =", "001-weighted": "fail: below minimum, =",
            "001-with-404s": "fail: below minimum, =, =", "001-nginx-ab": "fail: below minimum, =",
            "002-helm-test": "fail: below minimum, =", "003-success-rate": "fail: below minimum",
        ],
        .slow: [
            "000-base": "fail: =, above maximum", "000-custom-metrics": "fail: =, =, above maximum",
            "000-manual-gate": "pass: =", "000-with-alerts": "pass: =", "000-production": "fail: =, above maximum",
            "001-weighted": "fail: =, above maximum", "001-with-404s": "fail: =, above maximum, =",
            "001-nginx-ab": "fail: =, above maximum", "002-helm-test": "fail: =, above maximum",
            "003-success-rate": "pass: =",
        ],
        .probesOnly: [
            "000-base": "pass: =, =", "000-custom-metrics": "pass: =, =, =", "000-manual-gate": "pass: =",
            "000-with-alerts": "pass: =", "000-production": "pass: =, =",
            "001-weighted": "inconclusive: no traffic, no traffic",
            "001-with-404s": "inconclusive: no traffic, no traffic, =",
            "001-nginx-ab": "inconclusive: no traffic, no traffic",
            "002-helm-test": "inconclusive: no traffic, no traffic", "003-success-rate": "pass: =",
        ],
        .dead: [
            "000-base": "inconclusive: targets down, targets down",
            "000-custom-metrics": "inconclusive: targets down, targets down, targets down",
            "000-manual-gate": "inconclusive: targets down", "000-with-alerts": "inconclusive: targets down",
            "000-production": "inconclusive: targets down, targets down",
            "001-weighted": "inconclusive: targets down, targets down",
            "001-with-404s": "inconclusive: targets down, targets down, targets down",
            "001-nginx-ab": "inconclusive: targets down, targets down",
            "002-helm-test": "inconclusive: targets down, targets down",
            "003-success-rate": "inconclusive: targets down",
        ],
        .refused: [
            "000-base": "inconclusive: targets down, targets down",
            "000-custom-metrics": "inconclusive: targets down, targets down, targets down",
            "000-manual-gate": "inconclusive: targets down", "000-with-alerts": "inconclusive: targets down",
            "000-production": "inconclusive: targets down, targets down",
            "001-weighted": "inconclusive: targets down, targets down",
            "001-with-404s": "inconclusive: targets down, targets down, targets down",
            "001-nginx-ab": "inconclusive: targets down, targets down",
            "002-helm-test": "inconclusive: targets down, targets down",
            "003-success-rate": "inconclusive: targets down",
        ],
        .young: [
            "000-base": "pass: =, =", "000-custom-metrics": "pass: =, =, =", "000-manual-gate": "pass: =",
            "000-with-alerts": "pass: =", "000-production": "pass: =, =", "001-weighted": "pass: =, =",
            "001-with-404s": "pass: =, =, =", "001-nginx-ab": "pass: =, =", "002-helm-test": "pass: =, =",
            "003-success-rate": "pass: =",
        ],
    ]

    /// Values that follow from the traffic, in the unit of the check.
    static let values: [Situation: [String: [String: Double]]] = [
        .healthy: ["000-base": ["success-rate": 100], "001-with-404s": ["404s percentage": 0.7]],
        .errors: [
            "000-base": ["success-rate": 97.5], "000-custom-metrics": ["error-rate-5xx": 2.5],
            "001-weighted": ["request-success-rate": 95], "003-success-rate": ["success-rate": 95],
        ],
        .probesOnly: ["000-base": ["success-rate": 100], "000-custom-metrics": ["error-rate-5xx": 0]],
        .young: ["000-production": ["success-rate": 100], "003-success-rate": ["success-rate": 100]],
    ]

    /// What the reason of every check says in a situation; `nil` for those that say no more than the value.
    private static func says(_ situation: Situation, _ check: VerdictAnswer.Check) -> [String] {
        switch (situation, check.reason) {
        case (.probesOnly, "within range"): ["Only health probes and requests to the proxy's admin port matched."]
        case (.probesOnly, _):
            ["only health probes and requests to the proxy's admin port", #"target_port!="4191"} leaves them out"#]
        case (.dead, _): ["The target is down: podinfo-1 (no connection"]
        case (.refused, _):
            [
                "The target is down: podinfo-1 (HTTP 403: the proxy's inbound policy forbids scraping)",
                "kind: Server", "kind: AuthorizationPolicy", "kind: NetworkAuthentication", "port: linkerd-admin",
                "value: /metrics", "value: /live", "kind: ServiceAccount",
            ]
        // Half a minute looks back to when it had traffic already.
        case (.young, _): check.window == "30s" ? [] : ["zeroStart: "]
        default: []
        }
    }

    @Test("there are 70 cells") func complete() {
        #expect(Self.cells.count == 7)
        for (situation, row) in Self.cells {
            #expect(Set(row.keys) == Set(Self.examples.map(\.name)), "\(situation)")
        }
        #expect(SeedQueryTests.examples.count == Self.examples.count)
    }

    @Test(
        "verdict and reasons", arguments: Situation.allCases, ["demo", "production", "test"])
    func verdicts(situation: Situation, namespace: String) async throws {
        let pipeline = try await situation.pipeline(in: namespace, window: namespace == "production" ? 120 : 60)
        for example in Self.examples where example.namespace == namespace {
            let path = try #require(SeedQueryTests.examples.first { $0.hasSuffix("/\(example.name)-canary.yaml") })
            let answer = await pipeline.verdict(try String(contentsOfFile: path, encoding: .utf8))
            let verdict = try JSONDecoder().decode(VerdictAnswer.self, from: Data(answer.body))
            let cell = "\(situation), \(example.name)"
            #expect(verdict.checks.map(\.metric) == example.checks, "\(cell)")
            let reasons = verdict.checks.map { $0.reason == "within range" ? "=" : $0.reason }
            let found = "\(verdict.verdict): \(reasons.joined(separator: ", "))"
            #expect(found == Self.cells[situation]?[example.name], "\(cell): \(verdict.checks.map(\.detail))")
            for check in verdict.checks {
                for text in Self.says(situation, check) {
                    #expect(check.detail.contains(text), "\(cell), \(check.metric): \(check.detail)")
                }
                if situation == .refused { #expect(check.detail.contains("namespace: \(namespace)\n")) }
                if let wanted = Self.values[situation]?[example.name]?[check.metric] {
                    let value = try #require(check.value, "\(cell), \(check.metric)")
                    #expect((value - wanted).magnitude < 0.8, "\(cell), \(check.metric): \(value), wanted \(wanted)")
                }
            }
        }
        try await pipeline.server.close()
    }

    @Test("a dead canary fails by the account of its callers")
    func callers() async throws {
        let pipeline = try await Situation.dead.pipeline(in: "test", window: 60, callers: true)
        let canary = """
            apiVersion: flagger.app/v1beta1
            kind: Canary
            metadata: {name: podinfo, namespace: test}
            spec:
              targetRef: {apiVersion: apps/v1, kind: Deployment, name: podinfo}
              service: {port: 9898}
              analysis:
                interval: 1m
                threshold: 1
                stepWeight: 10
                metrics:
                - {name: request-success-rate, thresholdRange: {min: 99}}
                - {name: backend-success-rate, thresholdRange: {min: 99}}
            """
        let answer = await pipeline.verdict(canary)
        let verdict = try JSONDecoder().decode(VerdictAnswer.self, from: Data(answer.body))
        #expect(verdict.verdict == "fail")
        #expect(verdict.checks.map(\.reason) == ["targets down", "below minimum"], "\(verdict)")
        #expect(verdict.checks.last?.value == 0)
        try await pipeline.server.close()
    }
}

/// A verdict as the API gives it.
private struct VerdictAnswer: Decodable {
    struct Check: Decodable {
        var metric: String
        var value: Double?
        var window: String?
        var reason: String
        var detail: String
    }

    var verdict: String
    var checks: [Check]
}
