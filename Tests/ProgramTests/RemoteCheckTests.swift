import Foundation
import TestSupport
import Testing

/// Templates that are asked at their own address, through the real server.
@Suite("Checks asked over HTTP") struct RemoteCheckTests {
    /// A Canary with one templated check that accepts at most 3.
    static func objects(
        address: String, provider: String = "", annotations: String = "{haldane.dev/query-address: honour}",
        query: String = "sum(rate(x{a=\"b\"}[1m]))\n  * 2 # why"
    ) -> String {
        """
        apiVersion: flagger.app/v1beta1
        kind: Canary
        metadata: {name: podinfo, namespace: test, annotations: \(annotations)}
        spec:
          targetRef: {apiVersion: apps/v1, kind: Deployment, name: podinfo}
          service: {port: 80}
          analysis:
            interval: 1m
            threshold: 1
            stepWeight: 10
            metrics: [{name: rate, templateRef: {name: t}, interval: 1m, thresholdRange: {max: 3}}]
        ---
        apiVersion: flagger.app/v1beta1
        kind: MetricTemplate
        metadata: {name: t, namespace: test}
        spec:
          provider: {type: prometheus, address: "\(address)"\(provider)}
          query: |
            \(query.replacingOccurrences(of: "\n", with: "\n            "))
        """
    }

    struct Outcome {
        var verdict: String
        var reason: String
        var detail: String
        var value: Double?
    }

    static func evaluate(_ objects: String, on server: Daemon) async throws -> Outcome {
        let text = try await HTTP.post(
            server.url + "/analysis/v1/evaluate?time=1769421600.5", objects, type: "application/yaml")
        return try outcome(try JSONSerialization.jsonObject(with: Data(text.utf8)))
    }

    static func outcome(_ verdict: Any) throws -> Outcome {
        let checks = (verdict as? [String: Any])?["checks"] as? [[String: Any]]
        let check = try #require(checks?.first, "\(verdict)")
        return Outcome(
            verdict: check["verdict"] as? String ?? "", reason: check["reason"] as? String ?? "",
            detail: check["detail"] as? String ?? "", value: check["value"] as? Double)
    }

    static func vector(_ values: [String]) -> String {
        let elements = values.map { "{\"metric\":{},\"value\":[1769421600.5,\"\($0)\"]}" }.joined(separator: ",")
        return "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[\(elements)]}}"
    }

    /// What the server answers under a path, and what becomes of the check.
    static let cases: [(path: String, status: Int, body: String, verdict: String, reason: String, detail: String)] = [
        ("pass", 200, vector(["3"]), "pass", "within range", "3.00 is within the accepted range. Asked at http://"),
        ("fail", 200, vector(["3.5"]), "fail", "above maximum", "rate 3.50 > 3."),
        ("several", 200, vector(["9", "1"]), "pass", "within range", "The query gives 2 series; the last one counts"),
        ("infinite", 200, vector(["+Inf"]), "fail", "above maximum", "rate +Inf > 3."),
        ("nan", 200, vector(["NaN"]), "inconclusive", "value is not a number", "The value is not a number (NaN)."),
        (
            "scalar", 200, "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[1,\"2\"]}}",
            "error",
            "bad query", "it gives a scalar, which Flagger can't read; wrap it in vector(...)"
        ),
        (
            "matrix", 200, "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[]}}", "error",
            "bad query", "several values per series"
        ),
        (
            "histogram", 200,
            "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{\"metric\":{},\"histogram\":[1,{}]}]}}",
            "error", "bad query", "a native histogram"
        ),
        (
            "refused", 400, "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"parse error: no\"}", "error",
            "query failed", "MetricTemplate t.test: http://127.0.0.1:"
        ),
        ("words", 422, "{\"error\":\"too slow\"}", "error", "query failed", "answered HTTP 422: too slow."),
        ("broken", 503, "<html>", "error", "query failed", "answered HTTP 503."),
        ("forbidden", 403, "no", "error", "query failed", "give credentials by spec.provider.secretRef or headers"),
        ("moved", 302, "", "error", "query failed", "a redirect, which is not followed"),
        ("nonsense", 200, "<html>", "error", "query failed", "something that is not JSON"),
        ("other", 200, "{\"hello\":1}", "error", "query failed", "is it a Prometheus-compatible server?"),
        (
            "number", 200,
            "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{\"metric\":{},\"value\":[1,2]}]}}",
            "error", "query failed", "a sample that is not [time, \"value\"]"
        ),
        (
            "warned", 200,
            "{\"status\":\"success\",\"warnings\":[\"partial response\"],\"data\":{\"resultType\":\"vector\",\"result\":"
                + "[{\"metric\":{},\"value\":[1,\"2\"]}]}}", "pass", "within range", "partial response"
        ),
    ]

    @Test("each answer of the server becomes an outcome with its reason")
    func answers() async throws {
        let engine = try await AnswerServer.start { request in
            let path = request.uri.split(separator: "/").first.map(String.init)
            return Self.cases.first { $0.path == path }.map { ($0.status, $0.body) } ?? (404, "")
        }
        let server = try await Daemon.start(
            "serve", "--in-memory", "--listen", "127.0.0.1:0", "--honour-template-address", "127.0.0.1")
        for test in Self.cases {
            let address = "http://127.0.0.1:\(engine.port)/\(test.path)/?drop=me"
            let outcome = try await Self.evaluate(Self.objects(address: address), on: server)
            #expect(outcome.verdict == test.verdict, "\(test.path): \(outcome)")
            #expect(outcome.reason == test.reason, "\(test.path): \(outcome)")
            #expect(outcome.detail.contains(test.detail), "\(test.path): \(outcome)")
        }
        // Flagger's request: the path of the address is kept, its parameters are not; the query is folded.
        #expect(
            engine.requests.first?.uri
                == "/pass/api/v1/query?query=sum%28rate%28x%7Ba%3D%22b%22%7D%5B1m%5D%29%29%20%2A%202&time=1769421600.500"
        )
        await engine.stop()
        let dead = DeadPort()
        defer { withExtendedLifetime(dead) {} }
        let gone = try await Self.evaluate(Self.objects(address: "http://\(dead.address)"), on: server)
        #expect(gone.verdict == "error" && gone.reason == "server unreachable")
        #expect(gone.detail.contains("connection refused"), "\(gone)")
        let scheme = try await Self.evaluate(Self.objects(address: "prometheus:9090"), on: server)
        #expect(scheme.reason == "server unreachable" && scheme.detail.contains("wanted a URL such as"), "\(scheme)")
    }

    @Test("an empty answer is explained by asking the server about the selectors")
    func empty() async throws {
        let engine = try await AnswerServer.start { request in
            let query = request.uri.removingPercentEncoding ?? ""
            // There are series of x, but none with a="b".
            let isProbe = query.contains("count(last_over_time({__name__=\"x\"}[1m]))")
            return (200, Self.vector(isProbe ? ["4"] : []))
        }
        let server = try await Daemon.start(
            "serve", "--in-memory", "--listen", "127.0.0.1:0", "--honour-template-address", "127.0.0.1")
        let outcome = try await Self.evaluate(Self.objects(address: "http://127.0.0.1:\(engine.port)"), on: server)
        #expect(outcome.verdict == "inconclusive" && outcome.reason == "no matching series")
        #expect(outcome.detail.contains("without a=\"b\" there would be some"), "\(outcome)")
        await engine.stop()
    }

    @Test("headers and credentials go along, from a directory or from a file of Secrets")
    func credentials() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "haldane-secrets-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let mounted = folder.appendingPathComponent("mounted")
        for (path, text) in [
            ("test/token/token", "abc\n"), ("test/basic/username", "me"), ("test/basic/password", "x:y"),
            ("test/half/username", "me"),
        ] {
            let file = mounted.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        let listed = folder.appendingPathComponent("secrets.yaml")
        try Data(
            """
            apiVersion: v1
            kind: Secret
            metadata: {name: token, namespace: other}
            stringData: {token: wrong}
            ---
            apiVersion: v1
            kind: List
            items:
            - {apiVersion: v1, kind: Secret, metadata: {name: token, namespace: test}, data: {token: YWJj}}
            """.utf8
        ).write(to: listed)
        let engine = try await AnswerServer.start { _ in (200, Self.vector(["1"])) }
        let address = "http://127.0.0.1:\(engine.port)"
        let data = folder.appendingPathComponent("data").path
        try await Daemon.start("serve", "--data", data, "--listen", "127.0.0.1:0").stop()
        let file = folder.appendingPathComponent("canary.yaml")
        func outcome(_ provider: String, at address: String = address, secrets: String = mounted.path) async throws
            -> Outcome
        {
            try Data(Self.objects(address: address, provider: provider).utf8).write(to: file)
            let arguments = [
                "analyze", "-f", file.path, "--data", data, "--honour-template-address", "127.0.0.1:\(engine.port)",
                "--secrets", secrets, "-o", "json",
            ]
            let run = try await Program.run(arguments)
            #expect(!run.output.contains("s3cr3t") && !run.messages.contains("s3cr3t"), "\(run)")
            let object = try JSONSerialization.jsonObject(with: Data(run.output.utf8))
            return try Self.outcome((object as? [Any])?.first ?? object)
        }
        #expect(try await outcome("", at: "http://us%65r:s3cr3t%21@127.0.0.1:\(engine.port)/x").verdict == "pass")
        #expect(engine.requests.last?.values(of: "authorization") == ["Basic dXNlcjpzM2NyM3Qh"])
        #expect(try await outcome(", headers: {X-Scope-OrgID: [a, b]}").verdict == "pass")
        #expect(engine.requests.last?.values(of: "x-scope-orgid") == ["a", "b"])
        #expect(engine.requests.last?.values(of: "authorization") == [])
        _ = try await outcome(", secretRef: {name: token}, headers: {authorization: [old]}")
        #expect(engine.requests.last?.values(of: "authorization") == ["Bearer abc"])
        _ = try await outcome(", secretRef: {name: basic}")
        #expect(engine.requests.last?.values(of: "authorization") == ["Basic bWU6eDp5"])
        let asked = engine.requests.count
        for (name, message) in [
            ("half", "has neither token nor username and password"), ("none", "Secret none.test is not in"),
            ("../test/token", "is no name of a Secret"),
        ] {
            let failed = try await outcome(", secretRef: {name: \(name)}")
            #expect(failed.reason == "server unreachable" && failed.detail.contains(message), "\(failed)")
        }
        #expect(engine.requests.count == asked)
        _ = try await outcome(", secretRef: {name: token}", secrets: listed.path)
        #expect(engine.requests.last?.values(of: "authorization") == ["Bearer abc"])
        await engine.stop()
    }

    @Test("certificates are checked unless the provider says otherwise")
    func certificates() async throws {
        let engine = try await AnswerServer.start(isSecure: true) { _ in (200, Self.vector(["1"])) }
        let server = try await Daemon.start(
            "serve", "--in-memory", "--listen", "127.0.0.1:0", "--honour-template-address", "127.0.0.1")
        let address = "https://127.0.0.1:\(engine.port)"
        let strict = try await Self.evaluate(Self.objects(address: address), on: server)
        #expect(strict.reason == "server unreachable" && strict.detail.contains("certificate"), "\(strict)")
        let lax = try await Self.evaluate(
            Self.objects(address: address, provider: ", insecureSkipVerify: true"), on: server)
        #expect(lax.verdict == "pass", "\(lax)")
        await engine.stop()
    }

    @Test(
        "nobody is asked but by a Canary that asks for it, or all, at a host that the list has",
        arguments: [
            ([], "{}", false), (["--honour-template-address", "127.0.0.1"], "{}", false),
            ([], "{haldane.dev/query-address: honour}", false), (["--honour-all-templates"], "{}", false),
            (["--honour-template-address"], "{haldane.dev/query-address: honour}", false),
            (["--honour-template-address", "localhost"], "{haldane.dev/query-address: honour}", false),
            (["--honour-template-address", "127.0.0.1:1"], "{haldane.dev/query-address: honour}", false),
            (["--honour-template-address", "127.0.0.1"], "{haldane.dev/query-address: honour}", true),
            (["--honour-template-address=127.0.0.1", "--honour-all-templates"], "{}", true),
        ] as [([String], String, Bool)])
    func hosts(options: [String], annotations: String, isAsked: Bool) async throws {
        let engine = try await AnswerServer.start { _ in (200, Self.vector(["1"])) }
        let server = try await Daemon.start(
            arguments: ["serve", "--in-memory", "--listen", "127.0.0.1:0"] + options)
        let address = "http://127.0.0.1:\(engine.port)"
        let outcome = try await Self.evaluate(Self.objects(address: address, annotations: annotations), on: server)
        #expect(engine.requests.isEmpty == !isAsked, "\(outcome)")
        #expect(outcome.verdict == (isAsked ? "pass" : "inconclusive"), "\(outcome)")
        let isRefused = !isAsked && (annotations != "{}" || options.contains("--honour-all-templates"))
        #expect(outcome.detail.contains("not one that --honour-template-address names") == isRefused, "\(outcome)")
        await engine.stop()
    }

    @Test("an object of a request has no credentials sent for it, and none are kept or shown")
    func requestBodies() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("haldane-body-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let secret = folder.appendingPathComponent("secrets/test/token/token")
        try FileManager.default.createDirectory(
            at: secret.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data("s3cr3t".utf8).write(to: secret)
        let engine = try await AnswerServer.start { _ in (200, Self.vector(["1"])) }
        let server = try await Daemon.start(
            "serve", "--data", folder.appendingPathComponent("data").path, "--listen", "127.0.0.1:0", "--secrets",
            folder.appendingPathComponent("secrets").path, "--honour-template-address", "127.0.0.1")
        let plain = "127.0.0.1:\(engine.port)"
        for (address, provider, word) in [
            ("http://\(plain)", ", secretRef: {name: token}", "secretRef"),
            ("http://user:s3cr3t@\(plain)", "", "address"),
            ("http://\(plain)", ", headers: {Authorization: [s3cr3t]}", "Authorization"),
        ] {
            let objects = Self.objects(address: address, provider: provider)
            let outcome = try await Self.evaluate(objects, on: server)
            #expect(outcome.verdict == "error" && outcome.reason == "server unreachable", "\(outcome)")
            #expect(outcome.detail.contains("has credentials (\(word))"), "\(outcome)")
            #expect(!outcome.detail.contains("s3cr3t"), "\(outcome)")
            let path = "\(server.url)/analysis/v1/canaries/test/podinfo"
            let put = try await HTTP.send(
                path, "PUT", Data(objects.utf8), headers: ["Content-Type": "application/yaml"])
            #expect(put.status < 300)
            for one in ["", "/verdict", "/verdicts?facts=true"] {
                let text = try await HTTP.get(path + one)
                #expect(
                    !text.contains("s3cr3t") && text.contains("token") == (word == "secretRef" && one.isEmpty),
                    "\(text)")
            }
        }
        #expect(engine.requests.isEmpty)
        server.stop()
        let files =
            FileManager.default.enumerator(atPath: folder.appendingPathComponent("data").path)?
            .compactMap { $0 as? String } ?? []
        for file in files {
            let bytes = (try? Data(contentsOf: folder.appendingPathComponent("data/\(file)"))) ?? Data()
            #expect(bytes.range(of: Data("s3cr3t".utf8)) == nil, "\(file)")
        }
        await engine.stop()
    }

    @Test("without flag and annotation nobody is asked")
    func embedded() async throws {
        let engine = try await AnswerServer.start { _ in (200, Self.vector(["1"])) }
        let server = try await Daemon.start("serve", "--in-memory", "--listen", "127.0.0.1:0")
        let address = "http://127.0.0.1:\(engine.port)"
        let outcome = try await Self.evaluate(Self.objects(address: address, annotations: "{}"), on: server)
        #expect(outcome.verdict == "inconclusive" && outcome.detail.contains("Evaluated here instead of at \(address)"))
        #expect(engine.requests.isEmpty)
        await engine.stop()
    }

    @Test("a server that never answers is given up after five seconds")
    func silent() async throws {
        let engine = try await AnswerServer.start { _ in nil }
        let server = try await Daemon.start(
            "serve", "--in-memory", "--listen", "127.0.0.1:0", "--honour-template-address", "127.0.0.1")
        let outcome = try await Self.evaluate(Self.objects(address: "http://127.0.0.1:\(engine.port)"), on: server)
        #expect(outcome.reason == "server unreachable" && outcome.detail.contains("no answer within 5s"), "\(outcome)")
        await engine.stop()
    }
}
