import Analyzer
import Documents
import FlaggerAPI
import Model
import Testing

@Suite("Verdicts")
struct VerdictTests {
    private static let success = HaltTextTests.check(
        "request-success-rate", .builtin(.requestSuccessRate), .atLeast, min: 99)

    private func conclusion(
        _ measurement: Measurement?, _ check: Check = success, facts: AnalysisFacts = AnalysisFacts()
    ) throws -> CheckConclusion {
        let verdict = Verdict.judge([check], [measurement], facts: facts, at: 0)
        return try #require(verdict.checks.first).conclusion
    }

    @Test("values pass or fail, NaN is no traffic, errors are errors")
    func values() throws {
        #expect(try conclusion(Measurement(.value(99.5))) == .pass(99.5))
        #expect(try conclusion(Measurement(.value(98))) == .fail(98, .below(99)))
        #expect(try conclusion(Measurement(.value(.nan))) == .inconclusive(.noTraffic))
        #expect(try conclusion(Measurement(.failed(.query("no")))) == .error(.query("no")))
        #expect(try conclusion(nil) == .error(.notRun))
    }

    @Test("without a check there is nothing to judge, which passes only where the analysis is skipped")
    func nothingToJudge() {
        let none = Verdict.judge([], [], facts: AnalysisFacts(), at: 0)
        #expect(none.outcome == .inconclusive)
        #expect(
            VerdictEncoder.json(none).contains(#""checks":[],"reason":"nothing to judge","detail":"There is nothing"#))
        let skipped = Verdict.judge([], [], facts: AnalysisFacts(), at: 0, skipsAnalysis: true)
        #expect(skipped.outcome == .pass)
        #expect(VerdictEncoder.json(skipped).contains(#""reason":"analysis skipped""#))
        let failed = Verdict.judge(
            [Self.success], [Measurement(.value(1))], facts: AnalysisFacts(), at: 0, skipsAnalysis: true)
        #expect(failed.outcome == .fail && !VerdictEncoder.json(failed).contains("nothing to judge"))
    }

    @Test("a check with a problem is an error whatever was measured")
    func problem() throws {
        var check = Self.success
        let problem = SpecProblem(.badQuery, "bad", path: NodePath("spec"))
        check.problem = problem
        #expect(try conclusion(Measurement(.value(100)), check) == .error(.spec(problem)))
    }

    @Test("too few requests are no ground for a judgement, neither good nor bad")
    func minimum() throws {
        var check = Self.success
        check.requestsMin = 50
        var few = Measurement(.value(0))
        few.requests = 12
        #expect(try conclusion(few, check) == .inconclusive(.tooFewRequests(counted: 12, wanted: 50)))
        few.requests = 50
        #expect(try conclusion(few, check) == .fail(0, .below(99)))
        few.requests = nil
        #expect(try conclusion(few, check) == .fail(0, .below(99)))
    }

    @Test("targets know better than samples why there are none")
    func targets() throws {
        let down = TargetFact(name: "web-1", isUp: false, outcome: .httpStatus(403))
        let up = TargetFact(name: "web-2", isUp: true, outcome: .ok)
        let fresh = TargetFact(name: "web-3", isUp: false, wasScraped: false)
        let noWorkload = InconclusiveReason.noSuchWorkload(matchers: "x")
        let cases: [(InconclusiveReason, [TargetFact]?, InconclusiveReason)] = [
            (.noValue, [down], .targetsDown([down])), (.noValue, [down, up], .noValue), (.noValue, nil, .noValue),
            (noWorkload, [down], .targetsDown([down])), (noWorkload, [], noWorkload), (noWorkload, nil, noWorkload),
            (noWorkload, [up], .noMatchingSeries(selector: "{x}", culprits: [])),
            (.noMatchingSeries(selector: "s", culprits: []), [down, down], .targetsDown([down, down])),
            (.onlyProbes(selector: "s"), [down], .targetsDown([down])),
            (.onlyProbes(selector: "s"), [up], .onlyProbes(selector: "s")),
            (.nothingLeft, [down], .nothingLeft), (.noValue, [fresh], .noValue),
        ]
        for (reason, targets, wanted) in cases {
            let found = try conclusion(Measurement(.empty(reason)), facts: AnalysisFacts(targets: targets))
            #expect(found == .inconclusive(wanted))
        }
    }

    @Test("a value whose targets are down by now is told to be old; without one it is the targets' fault")
    func gone() throws {
        let down = TargetFact(name: "web-1", isUp: false, outcome: .connectionFailed)
        let up = TargetFact(name: "web-2", isUp: true, outcome: .ok)
        func notes(_ targets: [TargetFact]) throws -> [String] {
            let verdict = Verdict.judge(
                [Self.success], [Measurement(.value(100))], facts: AnalysisFacts(targets: targets), at: 0)
            #expect(verdict.outcome == .pass)
            return try #require(verdict.checks.first).notes
        }
        #expect(try notes([down]) == ["The target is down: web-1 (no connection). The value is from before that."])
        #expect(try notes([down, up]) == ["1 of 2 targets is down: web-1 (no connection)."])
        let facts = AnalysisFacts(targets: [down])
        #expect(try conclusion(Measurement(.value(.nan)), facts: facts) == .inconclusive(.targetsDown([down])))
    }

    @Test("a refused scrape is explained with the policy objects that allow it, each of which is whole")
    func permission() throws {
        let targets = [
            TargetFact(name: "web-1", namespace: "prod", isUp: false, outcome: .connectionFailed),
            TargetFact(name: "web-2", namespace: "prod", isUp: false, outcome: .httpStatus(403)),
        ]
        let measurement = Measurement(.empty(.noValue))
        let verdict = Verdict.judge(
            [Self.success], [measurement], facts: AnalysisFacts(targets: targets), at: 0)
        let detail = ReasonText.detail(try #require(verdict.checks.first))
        let halves = detail.split(separator: "\n\n", maxSplits: 1)
        #expect(!halves[0].contains("\n"))
        let objects = try YAMLReader.documents(String(halves[1]))
        func text(_ node: Node, _ path: String...) throws -> String? {
            try path.reduce(node as Node?) { $0?[$1] }?.anyText()
        }
        #expect(
            try objects.map { "\(try text($0, "kind") ?? "") \(try text($0, "metadata", "name") ?? "")" } == [
                "Server proxy-admin", "HTTPRoute proxy-metrics", "AuthorizationPolicy haldane-scrape",
                "HTTPRoute proxy-probes", "AuthorizationPolicy proxy-probes", "NetworkAuthentication kubelet",
            ])
        for object in objects {
            #expect(try text(object, "metadata", "namespace") == "prod")
            #expect(try text(object, "apiVersion")?.hasPrefix("policy.linkerd.io/") == true)
        }
        #expect(try text(objects[2], "spec", "targetRef", "name") == "proxy-metrics")
        let account = try #require(try objects[2]["spec"]?["requiredAuthenticationRefs"]?.elements().first)
        #expect(try text(account, "kind") == "ServiceAccount" && text(account, "namespace") == "haldane")
        let kubelet = try #require(try objects[4]["spec"]?["requiredAuthenticationRefs"]?.elements().first)
        #expect(try text(kubelet, "kind") == "NetworkAuthentication" && text(kubelet, "name") == "kubelet")
        let queries = try #require(try objects[3]["spec"]?["rules"]?.elements().first?["matches"]?.elements())
        #expect(try queries.map { try $0["path"]?["value"]?.string() } == ["/live", "/ready"])
    }

    @Test("a value says which targets it leaves out")
    func partlyDown() throws {
        let up = TargetFact(name: "web-1", isUp: true, outcome: .ok)
        let down = TargetFact(name: "web-2", isUp: false, outcome: .timedOut)
        let fresh = TargetFact(name: "web-3", isUp: false, wasScraped: false)
        func notes(_ targets: [TargetFact]?) throws -> [String] {
            let facts = AnalysisFacts(targets: targets)
            let verdict = Verdict.judge([Self.success], [Measurement(.value(100))], facts: facts, at: 0)
            return try #require(verdict.checks.first).notes
        }
        #expect(try notes([up, down]) == ["1 of 2 targets is down: web-2 (timed out)."])
        #expect(try notes([down, up, down]) == ["2 of 3 targets are down: web-2 (timed out), web-2 (timed out)."])
        #expect(try notes([up, fresh]) == [] && notes([up]) == [] && notes(nil) == [])
    }

    @Test("targets explain nothing about other workloads")
    func otherWorkloads() throws {
        let down = TargetFact(name: "web-1", isUp: false, outcome: .connectionFailed)
        let facts = AnalysisFacts(targets: [down], workload: Label("deployment", "web"))
        func outcome(_ query: String) throws -> CheckConclusion {
            let check = try #require(try PlanTests.plan("{name: a, query: '\(query)'}").first)
            return try conclusion(Measurement(.empty(.noValue)), check, facts: facts)
        }
        #expect(try outcome(#"x{deployment="web"}"#) == .inconclusive(.targetsDown([down])))
        #expect(try outcome(#"x{deployment=~"web|other"}"#) == .inconclusive(.targetsDown([down])))
        #expect(try outcome(#"x{deployment="web-primary"}"#) == .inconclusive(.noValue))
        #expect(try outcome(#"nginx_ingress_controller_requests{ingress="web"}"#) == .inconclusive(.noValue))
        #expect(try outcome(#"x{deployment!="other"}"#) == .inconclusive(.noValue))
    }

    @Test("facts are taken from the scraper's targets by namespace and workload label")
    func facts() {
        func status(_ labels: [String: String], _ health: TargetStatus.Health) -> TargetStatus {
            var status = TargetStatus(
                job: "linkerd-proxy", url: "http://10.0.0.1:4191/metrics", discoveredLabels: [:],
                labels: Labels(labels), interval: 1000, timeout: 1000)
            status.health = health
            return status
        }
        let canary = HaltTextTests.canary
        let statuses = [
            status(["namespace": "test", "deployment": "web", "pod": "web-1"], .down),
            status(["namespace": "test", "deployment": "web-primary", "pod": "p"], .up),
            status(["namespace": "prod", "deployment": "web", "pod": "q"], .up),
        ]
        #expect(AnalysisFacts(statuses, canary: canary).targets?.map(\.name) == ["web-1"])
        #expect(AnalysisFacts([], canary: canary).targets == nil)
        #expect(AnalysisFacts([statuses[1]], canary: canary).targets == [])
    }

    @Test(
        "a failure outweighs an error, an error indecision, indecision success",
        arguments: [
            ([], .inconclusive), ([.pass, .pass], .pass), ([.pass, .inconclusive], .inconclusive),
            ([.inconclusive, .error, .pass], .error), ([.error, .fail, .inconclusive], .fail), ([.fail], .fail),
        ] as [([Verdict.Outcome], Verdict.Outcome)])
    func precedence(outcomes: [Verdict.Outcome], wanted: Verdict.Outcome) {
        #expect(Verdict.overall(outcomes) == wanted)
    }

    @Test(
        "every reason has its sentence",
        arguments: [
            (
                .noSuchWorkload(matchers: "namespace=\"test\", deployment=\"web\""),
                "No such workload: nothing with namespace=\"test\", deployment=\"web\" is known, neither targets nor "
                    + "series. Check the names, and that its pods run and are meshed."
            ),
            (
                .targetsDown([TargetFact(name: "web-1", isUp: false, outcome: .httpStatus(403))]),
                "The target is down: web-1 (HTTP 403: the proxy's inbound policy forbids scraping)."
            ),
            (
                .targetsDown(
                    (1...5).map { TargetFact(name: "w\($0)", isUp: false, outcome: .timedOut, error: "late") }),
                "All 5 targets are down: w1 (timed out: late), w2 (timed out: late), w3 (timed out: late) and 2 more."
            ),
            (.noMatchingSeries(selector: "x{a=\"b\"}", culprits: []), "No series match x{a=\"b\"}."),
            (
                .noMatchingSeries(selector: "x{a=\"b\"}", culprits: ["a=\"b\""]),
                "No series match x{a=\"b\"}; without a=\"b\" there would be some."
            ),
            (
                .fewerThanTwoSamples(selector: "x", most: 1, window: 60_000),
                "The series of x have one sample in the window of 1m, and a rate needs two: wait for the next scrape, "
                    + "or use a window of at least two scrape intervals."
            ),
            (
                .noSuchWorkload(matchers: "a=\"b\"", lastSeen: 1000),
                "No such workload at that time: a=\"b\" was last seen at 1970-01-01T00:00:01Z."
            ),
            (
                .noSampleInWindow(
                    selector: "x", window: TimeWindow(after: 9800, through: 10_000), before: 6000, after: 16_000,
                    isBetweenScrapes: true),
                "The window of 200ms that ends at 1970-01-01T00:00:10Z holds no sample of x: the last one before it is of "
                    + "1970-01-01T00:00:06Z, 4s before its end, and the next one after it of 1970-01-01T00:00:16Z, 6s "
                    + "after its end. Use a window of at least two scrape intervals."
            ),
            (
                .noSampleInWindow(
                    selector: "x", window: TimeWindow(after: 0, through: 60_000), before: -60_000, after: nil,
                    isBetweenScrapes: false),
                "The window of 1m that ends at 1970-01-01T00:01:00Z holds no sample of x: the last one before it is of "
                    + "1969-12-31T23:59:00Z, 2m before its end."
            ),
            (
                .noData(first: 0, last: 1000),
                "No data at that time: the store has samples from 1970-01-01T00:00:00Z to 1970-01-01T00:00:01Z."
            ),
            (.noData(first: nil, last: nil), "No data at that time: the store has only later samples."),
            (
                .notANumber(part: "a / b", operands: "0 / 0"),
                "The value is not a number (NaN), made so by a / b, which is 0 / 0, and not by a lack of traffic."
            ),
            (.notANumber(part: nil, operands: nil), "The value is not a number (NaN)."),
            (.noTraffic, "No traffic: nothing was counted in the window, so the query's value is not a number."),
            (
                .onlyProbes(selector: "x{route_name!=\"probe\"}"),
                "No traffic: only health probes and requests to the proxy's admin port reached the workload, and "
                    + "x{route_name!=\"probe\"} leaves them out."
            ),
            (.tooFewRequests(counted: 11.6, wanted: 50), "Only 12 requests in the window; 50 were asked for."),
            (.nothingLeft, "There are series with samples, but the query's own filters or matching leave none."),
            (.noValue, "The query has no value."),
        ] as [(InconclusiveReason, String)])
    func sentences(reason: InconclusiveReason, wanted: String) { #expect(ReasonText.sentence(reason) == wanted) }

    @Test("the JSON form has every key, in a fixed order")
    func json() throws {
        let checks = try PlanTests.plan(
            "{name: request-success-rate, thresholdRange: {min: 99}}, "
                + "{name: request-duration, interval: 30s, thresholdRange: {max: 500}}, "
                + "{name: 'a', query: 'sum(rate(x[1m])) # comment\n\n / 2', threshold: 3}, {name: b}, "
                + "{name: rate, templateRef: {name: rate}, templateVariables: {direction: inbound}, interval: 2m}",
            options: PlanOptions(zeroStart: false))
        var first = Measurement(.value(99.75))
        first.series = 4
        first.samples = 24
        first.zeroStarts = 2
        var second = Measurement(.empty(.fewerThanTwoSamples(selector: "x", most: 1, window: 30_000)))
        second.series = 1
        var third = Measurement(.value(.infinity))
        third.elements = 3
        third.onlyHealthProbes = true
        third.warnings = ["Careful."]
        let last = Measurement(.value(.nan))
        let verdict = Verdict.judge(
            checks, [first, second, third, nil, last], facts: AnalysisFacts(), at: 1_769_421_600_500)
        let inbound =
            #"namespace=\"test\",deployment=\"web\",direction=\"inbound\",route_name!=\"probe\",target_port!=\"4191\""#
        let wanted = [
            #"{"verdict":"fail","evaluatedAt":"2026-01-26T10:00:00.500Z","checks":["#,
            #"{"metric":"request-success-rate","verdict":"pass","value":99.75,"range":{"min":99,"max":null},"#,
            #""unit":"%","window":"1m","query":"sum(rate(response_total{"# + inbound,
            #",classification!=\"failure\"}[1m])) / sum(rate(response_total{"# + inbound + #"}[1m])) * 100","#,
            #""reason":"within range","detail":"99.75% is within the accepted range. zeroStart: 2 series.","#,
            #""samples":24,"series":4},"#,
            #"{"metric":"request-duration","verdict":"inconclusive","value":null,"range":{"min":null,"max":500},"#,
            #""unit":"ms","window":"30s","query":"histogram_quantile(0.99, sum(rate(response_latency_ms_bucket{"#,
            inbound
                + #"}[30s])) by (le))","reason":"fewer than two samples","detail":"The series of x have one sample "#,
            #"in the window of 30s, and a rate needs two: wait for the next scrape, or use a window of at least two "#,
            #"scrape intervals.","samples":0,"series":1},"#,
            #"{"metric":"a","verdict":"fail","value":"+Inf","range":{"min":null,"max":3},"unit":null,"window":"1m","#,
            #""query":"sum(rate(x[1m])) / 2","reason":"above maximum","detail":"a +Inf > 3. The query gives 3 series; "#,
            #"the last one counts, as with Flagger. Only health probes and requests to the proxy's admin port matched. "#,
            #"Careful.","samples":0,"series":0},"#,
            #"{"metric":"b","verdict":"error","value":null,"range":{"min":null,"max":0},"unit":null,"window":null,"#,
            #""query":null,"reason":"nothing to measure","detail":"metric \"b\" is no builtin and has neither "#,
            #"templateRef nor query.","samples":0,"series":0},"#,
            #"{"metric":"rate","verdict":"inconclusive","value":null,"range":{"min":null,"max":0},"unit":null,"#,
            #""window":"2m","query":"sum(rate(response_total{deployment=\"web\",direction=\"inbound\"}[2m]))","#,
            #""reason":"no traffic","detail":"No traffic: nothing was counted in the window, so the query's value is "#,
            #"not a number. Evaluated here instead of at http://prometheus.linkerd-viz:9090.","samples":0,"series":0}]}"#,
        ].joined()
        #expect(VerdictEncoder.json(verdict) == wanted)
    }
}
