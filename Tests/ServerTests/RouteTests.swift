import AnalysisService
import Analyzer
import Documents
import FlaggerAPI
import Foundation
import Model
import PromQL
import Server
import TSDB
import Testing

/// The routes as functions from request to answer, over a store with a few samples.
@Suite("HTTP API") struct RouteTests {
    /// A clock that stands still.
    struct FixedClock: WallClock {
        let time: Timestamp
        func now() -> Timestamp { time }
        func sleep(until deadline: Timestamp) async throws {}
    }

    static let now: Timestamp = 1_788_253_320_000

    static func routes() -> RouteTable { APIRoutes.table(context()) }

    /// What the routes work with: two minutes of a counter for two pods, and one gauge.
    static func context() -> ServerContext {
        let database = Database()
        for (pod, slope) in [("a", 10.0), ("b", 20.0)] {
            let times = stride(from: now - 120_000, through: now, by: 10_000).map { $0 }
            let labels: Labels = [
                "__name__": "response_total", "namespace": "test", "deployment": "podinfo", "pod": pod,
                "direction": "inbound", "classification": "success",
            ]
            let values = times.indices.map { SampleValue.float(Double($0) * slope) }
            _ = database.append([SeriesSamples(labels: labels, times: times, values: values)], at: now)
        }
        _ = database.append([SeriesSamples(labels: ["__name__": "up"], times: [now], values: [.float(1)])], at: now)
        let engine = Engine()
        return ServerContext(
            database: database, engine: engine, pool: EvaluationPool(threads: 1), targets: nil,
            clock: FixedClock(time: now),
            facts: ServerFacts(
                compatibleVersion: "3.14.0", version: "test", startTime: now, retention: "6h", configuration: "",
                flags: []),
            runner: EmbeddedQueryRunner(engine, on: database))
    }

    /// Buckets whose counts fall, which is told with a time.
    static let oddBuckets =
        #"histogram_quantile(0.5, label_replace(vector(3), "le", "1", "", "") or label_replace(vector(1), "le", "2", "#
        + #""", "") or label_replace(vector(4), "le", "+Inf", "", ""))"#

    struct Case: Sendable, CustomStringConvertible {
        var path: String
        var parameters: [(name: String, value: String)] = []
        var method = "GET"
        var status = 200
        var contains: [String] = []
        var description: String { "\(method) \(path) \(parameters)" }
    }

    static let cases: [Case] = [
        Case(
            path: "/api/v1/query", parameters: [("query", "up")],
            contains: [
                #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"up"},"value":[1788253320,"1"]}]}}"#
            ]),
        Case(
            path: "/api/v1/query", parameters: [("query", "1+1")], method: "POST",
            contains: [#""resultType":"scalar","result":[1788253320,"2"]"#]),
        Case(
            path: "/api/v1/query", parameters: [("query", oddBuckets), ("time", "-292273086-05-16T16:47:06Z")],
            contains: ["from -285196677-06-10T08:00:00Z"]),
        Case(
            path: "/api/v1/query",
            parameters: [("query", oddBuckets), ("time", "292277025-08-18T07:12:54.999999999Z")],
            contains: ["from 285200616-07-24T16:00:00Z"]),
        Case(
            path: "/api/v1/query_range",
            parameters: [
                ("query", oddBuckets), ("start", "-292273086-05-16T16:47:06Z"), ("end", "-292273086-05-16T16:47:06Z"),
                ("step", "1"),
            ], contains: ["from -285196677-06-10T08:00:00Z"]),
        Case(
            path: "/api/v1/series",
            parameters: [
                ("match[]", "up"), ("start", "-292273086-05-16T16:47:06Z"),
                ("end", "292277025-08-18T07:12:54.999999999Z"),
            ], contains: [#"{"__name__":"up"}"#]),
        Case(
            path: "/api/v1/query", parameters: [("query", "vector(1)"), ("time", "1.5")], contains: [#"[1.500,"1"]"#]),
        Case(
            path: "/api/v1/query", parameters: [("query", "sum by (pod) (rate(response_total[1m]))")],
            contains: [#"{"pod":"a"}"#, #""1""#, #"{"pod":"b"}"#, #""2""#]),
        Case(path: "/api/v1/query", parameters: [("query", "nope")], contains: [#""result":[]"#]),
        Case(
            path: "/api/v1/query", parameters: [("query", "sum(")], status: 400,
            contains: ["bad_data", "1:5: parse error"]),
        Case(path: "/api/v1/query", status: 400, contains: ["invalid parameter \\\"query\\\""]),
        Case(
            path: "/api/v1/query", parameters: [("query", "up"), ("time", "soon")], status: 400,
            contains: ["cannot parse \\\"soon\\\" to a valid timestamp"]),
        Case(
            path: "/api/v1/query", parameters: [("query", "response_total * on() response_total")], status: 422,
            contains: ["execution", "many-to-many"]),
        Case(
            path: "/api/v1/query", parameters: [("query", "response_total"), ("limit", "1")],
            contains: ["results truncated due to limit"]),
        Case(
            path: "/api/v1/query", parameters: [("query", "rate(up[1m])"), ("lookback_delta", "-1s")], status: 400,
            contains: ["lookback_delta"]),
        Case(
            path: "/api/v1/query_range",
            parameters: [("query", "up"), ("start", "1788253310"), ("end", "1788253320"), ("step", "5s")],
            contains: [#""resultType":"matrix""#, #"[[1788253320,"1"]]"#]),
        Case(
            path: "/api/v1/query_range", parameters: [("query", "up"), ("start", "2"), ("end", "1"), ("step", "1")],
            status: 400, contains: ["end timestamp must not be before start time"]),
        Case(
            path: "/api/v1/query_range", parameters: [("query", "up"), ("start", "1"), ("end", "2"), ("step", "0")],
            status: 400, contains: ["zero or negative query resolution step"]),
        Case(
            path: "/api/v1/query_range",
            parameters: [("query", "up"), ("start", "0"), ("end", "11001"), ("step", "1")], status: 400,
            contains: ["exceeded maximum resolution of 11,000 points"]),
        Case(
            path: "/api/v1/query_range", parameters: [("query", "up"), ("start", "0"), ("end", "11000"), ("step", "1")]),
        Case(
            path: "/api/v1/query_range",
            parameters: [("query", "up[1m]"), ("start", "0"), ("end", "1"), ("step", "1")], status: 422,
            contains: ["range vector"]),
        Case(
            path: "/api/v1/labels",
            contains: [#""data":["__name__","classification","deployment","direction","namespace","pod"]"#]),
        Case(path: "/api/v1/label/pod/values", contains: [#""data":["a","b"]"#]),
        Case(path: "/api/v1/label/U__pod/values", contains: [#""data":["a","b"]"#]),
        Case(path: "/api/v1/label/pod/values", parameters: [("match[]", "up")], contains: [#""data":[]"#]),
        Case(path: "/api/v1/series", parameters: [("match[]", "up")], contains: [#"[{"__name__":"up"}]"#]),
        Case(path: "/api/v1/series", status: 400, contains: ["no match[] parameter provided"]),
        Case(path: "/api/v1/series", parameters: [("match[]", "{")], status: 400, contains: ["match[]"]),
        Case(path: "/api/v1/format_query", parameters: [("query", "up==1")], contains: ["up == 1"]),
        Case(path: "/api/v1/targets", contains: [#""activeTargets":[]"#]),
        Case(path: "/api/v1/status/buildinfo", contains: [#""version":"3.14.0""#]),
        Case(path: "/api/v1/status/tsdb", contains: [#""numSeries":3"#]),
        Case(path: "/api/v1/status/config"), Case(path: "/api/v1/status/flags"),
        Case(path: "/api/v1/status/runtimeinfo"),
        Case(path: "/api/v1/metadata"), Case(path: "/api/v1/rules", contains: [#""groups":[]"#]),
        Case(
            path: "/federate", parameters: [("match[]", "up")],
            contains: ["# TYPE up untyped", "up{instance=\"\"} 1 1788253320000"]),
        Case(path: "/metrics", contains: ["haldane_store_series 3", "# TYPE haldane_queries_total counter"]),
        Case(path: "/-/healthy"), Case(path: "/-/ready"), Case(path: "/-/quit", method: "POST", status: 403),
        Case(path: "/", contains: ["/api/v1/query"]),
        Case(path: "/nowhere", status: 404), Case(path: "/api/v1/series", method: "DELETE", status: 405),
        Case(path: "/api/v1/query", method: "OPTIONS", status: 204),
    ]

    @Test("each route answers as Prometheus does", arguments: cases)
    func answers(of one: Case) async {
        let request = APIRequest(method: one.method, path: one.path, parameters: QueryParameters(one.parameters))
        let answer = await Self.routes().respond(to: request)
        let body = String(decoding: answer.body, as: UTF8.self)
        #expect(answer.status == one.status, "\(body)")
        for text in one.contains { #expect(body.contains(text), "\(body)") }
    }

    static let canary = """
        apiVersion: flagger.app/v1beta1
        kind: Canary
        metadata: {name: podinfo, namespace: test}
        spec:
          targetRef: {apiVersion: apps/v1, kind: Deployment, name: podinfo}
          service: {port: 9898}
          analysis:
            interval: 10s
            threshold: 1
            stepWeight: 10
            metrics:
            - name: request-success-rate
              thresholdRange: {min: 99}
              interval: 1m
        """

    @Test("a Canary gets an explained verdict") func evaluate() async throws {
        let request = APIRequest(
            method: "POST", path: "/analysis/v1/evaluate", headers: ["content-type": "application/yaml"],
            body: Array(Self.canary.utf8))
        let answer = await Self.routes().respond(to: request)
        let node = try JSONReader.parse(answer.body)
        #expect(answer.status == 200)
        #expect(try node["verdict"]?.string() == "pass")
        let check = try #require(try node["checks"]?.elements().first)
        #expect(try check["value"]?.double() == 100)
        #expect(try check["unit"]?.string() == "%")
        #expect(try check["range"]?["min"]?.double() == 99)
        #expect(try check["query"]?.string().contains("response_total") == true)
    }

    @Test("a Canary without metrics is no pass, unless it skips the analysis") func nothingToJudge() async throws {
        let bare = Self.canary.components(separatedBy: "    metrics:")[0]
        for (text, verdict, reason) in [
            (bare, "inconclusive", "nothing to judge"),
            (bare + "  skipAnalysis: true\n", "pass", "analysis skipped"),
        ] {
            let request = APIRequest(
                method: "POST", path: "/analysis/v1/evaluate", headers: ["content-type": "application/yaml"],
                body: Array(text.utf8))
            let node = try JSONReader.parse(await Self.routes().respond(to: request).body)
            #expect(try node["verdict"]?.string() == verdict)
            #expect(try node["reason"]?.string() == reason)
            #expect(try node["checks"]?.elements().count == 0)
        }
    }

    @Test(
        "a key that Flagger doesn't know is refused with its place",
        arguments: [
            (
                "    metrics:", "    metric:",
                #":5: error: Canary podinfo.test: spec.analysis: unknown key \"metric\""#
            ),
            ("{min: 99}", "{minimum: 99}", #"unknown key \"minimum\""#), ("{min: 99}", "{min: .nan}", "finite number"),
        ])
    func unknownKeys(right: String, wrong: String, message: String) async {
        let request = APIRequest(
            method: "POST", path: "/analysis/v1/evaluate", headers: ["content-type": "application/yaml"],
            body: Array(Self.canary.replacing(right, with: wrong).utf8))
        let answer = await Self.routes().respond(to: request)
        let text = String(decoding: answer.body, as: UTF8.self)
        #expect(answer.status == 400 && text.contains(message), "\(text)")
    }

    @Test(
        "a request without a usable Canary is told what is wrong",
        arguments: ["{}", "{", "{\"canary\": {\"kind\": \"Canary\"}}", "[]"])
    func badRequests(body: String) async {
        let request = APIRequest(method: "POST", path: "/analysis/v1/evaluate", body: Array(body.utf8))
        let answer = await Self.routes().respond(to: request)
        #expect(answer.status == 400)
        #expect(String(decoding: answer.body, as: UTF8.self).contains("bad_data"))
    }

    @Test(
        "form encoding",
        arguments: zip(
            ["a=1&b=%22x%22&a=2", "query=a%2Bb+c", "x"], [["a": "2", "b": "\"x\""], ["query": "a+b c"], [:]]))
    func formEncoding(text: String, wanted: [String: String]) throws {
        var parameters = QueryParameters()
        try parameters.append(encoded: Array(text.utf8)[...])
        for (name, value) in wanted { #expect(parameters[name] == value) }
    }

    @Test("what is not form-encoded is an error", arguments: ["a=%", "a=%zz", "a=%ff"])
    func badEncoding(text: String) {
        var parameters = QueryParameters()
        #expect(throws: APIError.self) { try parameters.append(encoded: Array(text.utf8)[...]) }
    }
}
