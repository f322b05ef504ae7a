import AnalysisService
import FlaggerAPI
import Model
import Server
import Simulator
import Testing

/// Registering Canaries, and their verdicts at each scrape.
@Suite("Registered analyses") struct RegisteredTests {
    @Test("a Canary is registered, shown, listed, replaced and deleted") func lifeOfARegistration() async throws {
        let fixture = try RegisteredFixture()
        #expect(await fixture.ask("GET").status == 404)
        let made = await fixture.ask("PUT", body: RegisteredFixture.canary())
        #expect(made.status == 201, "\(made.body)")
        #expect(await fixture.ask("PUT", body: RegisteredFixture.canary(min: 90)).status == 200)
        let shown = await fixture.ask("GET")
        #expect(shown.status == 200)
        for text in [#""namespace":"test","name":"podinfo""#, #""min":90"#, #""templates":[]"#, "registeredAt"] {
            #expect(shown.body.contains(text), "\(shown.body)")
        }
        let list = await fixture.ask("GET", "")
        #expect(list.body.contains(#""canaries":[{"namespace":"test","name":"podinfo""#), "\(list.body)")
        #expect(await fixture.ask("DELETE").status == 204)
        #expect(await fixture.ask("DELETE").status == 404)
        #expect(await fixture.ask("GET", "/test/podinfo/verdict").status == 404)
        #expect(await fixture.ask("GET", "/test/podinfo/verdicts").status == 404)
        #expect(await fixture.ask("GET", "/test/podinfo/verdict", [("wait", "1s")]).status == 404)
        #expect(await fixture.ask("GET", "").body == #"{"canaries":[]}"#)
    }

    @Test("YAML documents are taken, with the namespace of the path") func yaml() async throws {
        let fixture = try RegisteredFixture()
        let body = """
            apiVersion: flagger.app/v1beta1
            kind: Canary
            metadata: {name: podinfo}
            spec:
              targetRef: {apiVersion: apps/v1, kind: Deployment, name: podinfo}
              service: {port: 9898}
              analysis:
                interval: 10s
                metrics:
                - {name: errors, templateRef: {name: errors}, thresholdRange: {max: 5}, interval: 30s}
            ---
            apiVersion: flagger.app/v1beta1
            kind: MetricTemplate
            metadata: {name: errors}
            spec:
              provider: {type: prometheus, address: "http://prometheus:9090"}
              query: |
                sum(rate(response_total{deployment="{{ target }}", classification="failure"}[{{ interval }}]))
            """
        let made = await fixture.ask("PUT", body: body, type: "application/yaml")
        #expect(made.status == 201, "\(made.body)")
        #expect(made.body.contains(#""templates":[{"apiVersion""#))
        try fixture.scrape(seconds: 40)
        let verdict = await fixture.ask("GET", "/test/podinfo/verdict")
        #expect(verdict.body.contains(#""verdict":"pass""#), "\(verdict.body)")
    }

    @Test(
        "nothing is registered under a name that Kubernetes refuses",
        arguments: ["/test/..", "/test/a b", "/test/caf\u{e9}", "/test/a\u{202e}b", "/te.st/a", "/Test/a"])
    func refusedNames(path: String) async throws {
        let fixture = try RegisteredFixture()
        let answer = await fixture.ask("PUT", path, body: RegisteredFixture.canary())
        #expect(answer.status == 400 && answer.body.contains("RFC 1123"), "\(answer.body)")
        #expect(await fixture.ask("GET", "").body == #"{"canaries":[]}"#)
    }

    @Test("a typing error in an annotation is refused with 422, not a check less")
    func misspeltAnnotation() async throws {
        let fixture = try RegisteredFixture()
        let body = RegisteredFixture.canary().replacing(
            "\"metadata\": {", with: "\"metadata\": {\"annotations\": {\"haldane.dev/compar.m\": \"ratio <= 1.2\"}, ")
        let answer = await fixture.ask("PUT", body: body)
        #expect(answer.status == 422 && answer.body.contains("did you mean"), "\(answer.body)")
    }

    struct Refusal: Sendable, CustomStringConvertible {
        var name: String
        var body: String
        var status: Int
        var contains: [String]
        var description: String { name }
    }

    static let refusals = [
        Refusal(name: "no JSON", body: "{", status: 400, contains: ["bad_data", #""line":1"#]),
        Refusal(name: "no Canary", body: "{}", status: 400, contains: ["canary"]),
        Refusal(
            name: "a Canary without a target",
            body: #"{"canary": {"metadata": {"name": "podinfo", "namespace": "test"}, "spec": {}}}"#, status: 400,
            contains: ["targetRef", #""path":"spec"#]),
        Refusal(
            name: "a misspelt key", body: RegisteredFixture.canary().replacing("\"metrics\"", with: "\"metric\""),
            status: 400, contains: [#"unknown key \"metric\"; did you mean \"metrics\"?"#, #""line":5"#]),
        Refusal(
            name: "another name", body: RegisteredFixture.canary(name: "other"), status: 409,
            contains: ["the path names test/podinfo, and the Canary is test/other"]),
        Refusal(
            name: "another namespace", body: RegisteredFixture.canary(namespace: "prod"), status: 409,
            contains: ["prod/podinfo"]),
        Refusal(
            name: "a metric that can't be measured",
            body: RegisteredFixture.canary().replacing("request-success-rate", with: "request-succes-rate"),
            status: 422,
            contains: ["did you mean", #""path":"spec.analysis.metrics[0]""#, #""line":6"#]),
        Refusal(
            name: "too large", body: String(repeating: " ", count: 5000) + RegisteredFixture.canary(), status: 413,
            contains: ["at most 4000"]),
    ]

    @Test("what can't be registered is refused with its place", arguments: refusals)
    func refuses(_ one: Refusal) async throws {
        var limits = RegistrationLimits()
        limits.bodyBytes = 4000
        let fixture = try RegisteredFixture(limits: limits)
        let answer = await fixture.ask("PUT", body: one.body)
        #expect(answer.status == one.status, "\(answer.body)")
        for text in one.contains { #expect(answer.body.contains(text), "\(answer.body)") }
        #expect(await fixture.ask("GET", "").body == #"{"canaries":[]}"#)
    }

    @Test(
        "a Canary without metrics has nothing to judge, at each scrape and when it is asked", arguments: [false, true])
    func nothingToJudge(keepsRows: Bool) async throws {
        let fixture = try RegisteredFixture(keepsRows: keepsRows)
        let body = RegisteredFixture.canary().replacing("request-success-rate", with: "x")
            .replacing(#/"metrics": \[[^\]]*\]/#, with: "\"metrics\": []")
        #expect(await fixture.ask("PUT", body: body).status == 201)
        try fixture.scrape(seconds: 3)
        await fixture.evaluate()
        let verdict = await fixture.ask("GET", "/test/podinfo/verdict").body
        #expect(verdict.contains(#"{"verdict":"inconclusive""#), "\(verdict)")
        #expect(verdict.contains(#""reason":"nothing to judge""#), "\(verdict)")
    }

    @Test("there are at most so many, and refusals are counted") func analysesLimit() async throws {
        var limits = RegistrationLimits()
        limits.analyses = 2
        let fixture = try RegisteredFixture(limits: limits)
        for name in ["a", "b"] {
            #expect(await fixture.ask("PUT", "/test/\(name)", body: RegisteredFixture.canary(name: name)).status == 201)
        }
        let refused = await fixture.ask("PUT", "/test/c", body: RegisteredFixture.canary(name: "c"))
        #expect(refused.status == 429)
        #expect(refused.body.contains("the limit of 2 registered analyses is reached"), "\(refused.body)")
        #expect(await fixture.ask("PUT", "/test/a", body: RegisteredFixture.canary(name: "a")).status == 200)
        let metrics = await fixture.routes.respond(to: APIRequest(path: "/metrics"))
        let text = String(decoding: metrics.body, as: UTF8.self)
        #expect(text.contains("haldane_registered_canaries 2\n"), "\(text)")
        #expect(text.contains(#"haldane_registered_refused_total{limit="analyses"} 1"#), "\(text)")
    }

    @Test("each scrape that matters makes one verdict, the same as asking for it") func verdictPerScrape() async throws
    {
        let fixture = try RegisteredFixture()
        _ = await fixture.ask("PUT", body: RegisteredFixture.canary())
        for second in 1...40 {
            try fixture.scrape(good: second < 30 ? 99 : 80, bad: second < 30 ? 1 : 20)
            await fixture.evaluate()
        }
        // A scrape of something else changes nothing.
        fixture.clock.advance(by: 1000)
        fixture.registered.scraped(["namespace": "prod", "deployment": "podinfo"], at: fixture.clock.now())
        await fixture.evaluate()
        let kept = try fixture.store.verdicts(
            of: AnalysisName(namespace: "test", name: "podinfo"), in: .always, limit: 1000)
        #expect(kept.map(\.time) == (1...40).map { RegisteredFixture.start + Timestamp($0) * 1000 })
        for verdict in kept {
            let asked = APIRequest(
                method: "POST", path: "/analysis/v1/evaluate",
                parameters: QueryParameters([("time", String(Double(verdict.time) / 1000))]),
                body: Array(RegisteredFixture.canary().utf8))
            let answer = await fixture.routes.respond(to: asked)
            // The answer says which Canary it is about; what is stored lies under its name.
            let named = #"{"canary":{"namespace":"test","name":"podinfo"},"#.utf8 + verdict.verdict.dropFirst()
            #expect(answer.body == Array(named), "\(String(decoding: answer.body, as: UTF8.self))")
        }
        let newest = await fixture.ask("GET", "/test/podinfo/verdict")
        #expect(newest.body.contains(#""verdict":"fail""#), "\(newest.body)")
        #expect(Array(newest.body.utf8) == kept.last?.verdict)
    }

    @Test("the first verdict is made when it is asked for") func firstVerdict() async throws {
        let fixture = try RegisteredFixture()
        _ = await fixture.ask("PUT", body: RegisteredFixture.canary())
        let first = await fixture.ask("GET", "/test/podinfo/verdict")
        #expect(first.status == 200)
        #expect(first.body.contains(#""reason":"no such workload""#), "\(first.body)")
    }

    @Test("history has bounds, a limit and the facts") func history() async throws {
        let fixture = try RegisteredFixture()
        _ = await fixture.ask("PUT", body: RegisteredFixture.canary())
        for _ in 1...10 {
            try fixture.scrape()
            await fixture.evaluate()
        }
        let path = "/test/podinfo/verdicts"
        func count(_ parameters: [(name: String, value: String)]) async -> Int {
            let answer = await fixture.ask("GET", path, parameters)
            #expect(answer.status == 200, "\(answer.body)")
            return answer.body.split(separator: #""evaluatedAt""#).count - 1
        }
        #expect(await count([]) == 10)
        let third = String((RegisteredFixture.start + 3000) / 1000)
        let fifth = RFC3339.text(RegisteredFixture.start + 5000)
        #expect(await count([("start", third), ("end", fifth)]) == 3)
        #expect(await count([("limit", "4")]) == 4)
        #expect(await fixture.ask("GET", path, [("limit", "4")]).body.hasSuffix(#""truncated":true}"#))
        #expect(await fixture.ask("GET", path, [("start", "now")]).status == 400)
        #expect(await fixture.ask("GET", path, [("start", "9"), ("end", "8")]).status == 400)
        let facts = await fixture.ask("GET", path, [("facts", "true"), ("limit", "1")])
        // One second old: the check has no value, and the targets were looked at to find out why.
        let wanted =
            #""facts":{"workload":{"deployment":"podinfo"},"targets":[{"name":"podinfo-1","up":true,"outcome":"ok"}]}"#
        #expect(facts.body.contains(wanted), "\(facts.body)")
    }

    @Test("registrations and the newest verdict survive a restart") func restart() async throws {
        let store = MemoryVerdictStore()
        let before = try RegisteredFixture(store: store)
        _ = await before.ask("PUT", body: RegisteredFixture.canary())
        try before.scrape()
        await before.evaluate()
        let verdict = await before.ask("GET", "/test/podinfo/verdict")
        let after = try RegisteredFixture(store: store)
        #expect(await after.ask("GET", "/test/podinfo/verdict").body == verdict.body)
        #expect(after.registered.problems.isEmpty)
    }

    @Test("a registration that this version can't read is told of, and kept") func unreadableRegistration() throws {
        let store = MemoryVerdictStore()
        let name = AnalysisName(namespace: "test", name: "podinfo")
        store.keep(StoredRegistration(name: name, body: Array("{}".utf8), isYAML: false, registeredAt: 0))
        let fixture = try RegisteredFixture(store: store)
        #expect(fixture.registered.problems.count == 1)
        #expect(fixture.registered.problems.first?.hasPrefix("Canary test/podinfo: ") == true)
        #expect(store.registrations().count == 1)
    }

    @Test("a clock that is set back silences no analysis, and its verdicts are kept") func setBack() async throws {
        let fixture = try RegisteredFixture()
        _ = await fixture.ask("PUT", body: RegisteredFixture.canary())
        let registered = fixture.registered
        let loop = Task { await registered.run() }
        let name = AnalysisName(namespace: "test", name: "podinfo")
        func wait(for wanted: [Timestamp]) async throws {
            func times() throws -> [Timestamp] {
                try fixture.store.verdicts(of: name, in: .always, limit: 100).map { $0.time - RegisteredFixture.start }
            }
            try await LongPollTests.until { (try? times()) == wanted }
        }
        let hour: Timestamp = 3_600_000
        fixture.clock.advance(to: RegisteredFixture.start + 5_000)
        fixture.registered.scraped(RegisteredFixture.target, at: fixture.clock.now())
        try await LongPollTests.until { fixture.clock.sleeperCount == 1 }
        // An evaluation is due and waits. It is of the scrape, so it has the time of that.
        fixture.clock.setBack(by: hour)
        fixture.clock.advance(by: 100)
        try await wait(for: [5_000])
        // The next scrape is judged at once, and not when the clock has caught up.
        fixture.registered.scraped(RegisteredFixture.target, at: fixture.clock.now())
        try await LongPollTests.until { fixture.clock.sleeperCount == 1 }
        fixture.clock.advance(by: 100)
        try await wait(for: [5_100 - hour, 5_000])
        fixture.registered.scraped(RegisteredFixture.target, at: fixture.clock.now())
        try await LongPollTests.until { fixture.clock.sleeperCount == 1 }
        fixture.clock.advance(by: 1_100)
        try await wait(for: [5_100 - hour, 6_100 - hour, 5_000])
        loop.cancel()
        await loop.value
    }

    @Test("a scrape is judged 0.1 s after it, and two verdicts are at least 1 s apart") func loop() async throws {
        let fixture = try RegisteredFixture()
        _ = await fixture.ask("PUT", body: RegisteredFixture.canary())
        let registered = fixture.registered
        let loop = Task { await registered.run() }
        let name = AnalysisName(namespace: "test", name: "podinfo")
        func scrape(_ row: Timestamp, at now: Timestamp) async throws {
            fixture.clock.advance(to: RegisteredFixture.start + now)
            fixture.registered.scraped(RegisteredFixture.target, at: RegisteredFixture.start + row)
            try await LongPollTests.until { fixture.clock.sleeperCount == 1 }
        }
        func verdicts(after now: Timestamp, _ wanted: [Timestamp]) async throws {
            fixture.clock.advance(to: RegisteredFixture.start + now)
            func times() throws -> [Timestamp] {
                try fixture.store.verdicts(of: name, in: .always, limit: 100).map { $0.time - RegisteredFixture.start }
            }
            try await LongPollTests.until { (try? times()) == wanted }
        }
        try await scrape(5000, at: 5010)
        try await verdicts(after: 5099, [])
        try await verdicts(after: 5100, [5000])
        // Two targets soon after: one evaluation, a second after the last.
        try await scrape(5300, at: 5310)
        try await scrape(5700, at: 5710)
        try await verdicts(after: 6099, [5000])
        try await verdicts(after: 6100, [5000, 6000])
        // A scrape that took long is judged as of its end, not of its beginning.
        fixture.clock.advance(to: RegisteredFixture.start + 9000)
        fixture.registered.scraped(RegisteredFixture.target, at: RegisteredFixture.start + 6500)
        try await verdicts(after: 9000, [5000, 6000, 8900])
        loop.cancel()
        await loop.value
    }
}
