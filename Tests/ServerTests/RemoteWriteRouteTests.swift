import AnalysisService
import Analyzer
import Foundation
import Model
import PromQL
import RemoteWrite
import Server
import Synchronization
import TSDB
import Testing

/// The remote-write receiver as a function from request to answer.
@Suite("Remote write receiver") struct RemoteWriteRouteTests {
    /// A head log that remembers how far it got.
    final class RecordingLog: HeadLog {
        let state = Mutex((appends: 0, flushedAt: -1))
        let fails: Bool
        init(fails: Bool = false) { self.fails = fails }

        func append(_ frame: [UInt8]) throws(StorageError) -> UInt64 {
            state.withLock {
                $0.appends += 1
                return 1
            }
        }

        func flush() throws(StorageError) {
            if fails { throw .io(doing: "writing the head log", reason: "No space left on device") }
            state.withLock { $0.flushedAt = $0.appends }
        }

        var currentSegment: UInt64 { 1 }

        func release(before segment: UInt64) throws(StorageError) {}
    }

    static let now = RouteTests.now

    static func context(_ database: Database) -> ServerContext {
        let engine = Engine()
        return ServerContext(
            database: database, engine: engine, pool: EvaluationPool(threads: 1), targets: nil,
            clock: RouteTests.FixedClock(time: now),
            facts: ServerFacts(
                compatibleVersion: "3.14.0", version: "test", startTime: now, retention: "6h", configuration: "",
                flags: []),
            runner: EmbeddedQueryRunner(engine, on: database))
    }

    static func routes(_ database: Database) -> RouteTable { APIRoutes.table(context(database)) }

    static func body(_ samples: [(time: Timestamp, value: Double)], name: String = "up") -> [UInt8] {
        WriteRequest(series: [
            SeriesSamples(
                labels: ["__name__": name, "job": "x"], times: samples.map(\.time),
                values: samples.map { .float($0.value) })
        ]).snappyBody()
    }

    static func post(
        _ body: [UInt8], headers: [String: String] = [:], method: String = "POST", to database: Database = Database()
    ) async -> APIResponse {
        var all = ["content-encoding": "snappy", "content-type": "application/x-protobuf"]
        all.merge(headers) { $1 }
        return await routes(database).respond(
            to: APIRequest(
                method: method, path: "/api/v1/write", headers: HeaderFields(all.map { ($0.key, $0.value) }),
                body: body))
    }

    @Test("samples that were written are answered by queries, and repeating them is no error") func written() async {
        let database = Database()
        let body = Self.body([(Self.now - 10_000, 1), (Self.now, 2)])
        for _ in 0..<2 {
            let answer = await Self.post(body, to: database)
            #expect(answer.status == 204)
            #expect(answer.body.isEmpty)
        }
        let found = await Self.routes(database).respond(
            to: APIRequest(
                path: "/api/v1/query",
                parameters: QueryParameters([("query", "sum_over_time(up[1m])"), ("time", "1788253320")])))
        #expect(String(decoding: found.body, as: UTF8.self).contains(#"[1788253320,"3"]"#))
    }

    @Test(
        "what is not a 1.0 message in snappy is refused with 415",
        arguments: [
            ["content-encoding": "gzip"], ["content-type": "application/json"],
            ["content-type": "application/x-protobuf;proto=io.prometheus.write.v2.Request"],
            ["content-type": "application/x-protobuf; proto=nonsense"],
        ])
    func unsupported(headers: [String: String]) async {
        let answer = await Self.post(Self.body([(Self.now, 1)]), headers: headers)
        #expect(answer.status == 415)
        #expect(answer.contentType?.hasPrefix("text/plain") == true)
    }

    @Test(
        "forms of the headers that mean 1.0 in snappy",
        arguments: [
            ["content-type": ""], ["content-encoding": ""], ["content-encoding": "Snappy"],
            ["content-type": "application/x-protobuf;proto=prometheus.WriteRequest"],
            ["content-type": "application/x-protobuf ; charset=utf-8"],
        ])
    func supported(headers: [String: String]) async {
        #expect(await Self.post(Self.body([(Self.now, 1)]), headers: headers).status == 204)
    }

    @Test(
        "bodies that can't be read are answered with 400 in plain text",
        arguments: [
            [], [0xff, 0xff, 0xff], Array("hello".utf8), Snappy.compress([0x0a, 0x7f]), [0xff, 0xff, 0xff, 0xff, 0x0f],
        ])
    func malformed(body: [UInt8]) async {
        let answer = await Self.post(body)
        #expect(answer.status == 400)
        #expect(answer.contentType?.hasPrefix("text/plain") == true)
        #expect(!answer.body.isEmpty)
    }

    @Test("only POST") func method() async {
        let answer = await Self.post([], method: "GET")
        #expect(answer.status == 405)
    }

    @Test(
        "refused samples are answered with 400 and the first reason",
        arguments: [
            ([(now + 3_600_000, 1.0)], "in the future"), ([(now - 7 * 3_600_000, 1.0)], "older"),
            ([(now, 2.0)], "another value"), ([(.min, 1.0)], "at -292275055-05-16T16:47:04.192Z is older"),
            ([(.min + 1, 1.0)], "older"), ([(-9_223_372_036_854_775_000, 1.0)], "older"),
            ([(.max, 1.0)], "in the future"),
        ] as [([(time: Timestamp, value: Double)], String)])
    func refused(samples: [(time: Timestamp, value: Double)], reason: String) async {
        let database = Database()
        _ = await Self.post(Self.body([(Self.now, 1)]), to: database)
        let answer = await Self.post(Self.body(samples), to: database)
        #expect(answer.status == 400)
        let text = String(decoding: answer.body, as: UTF8.self)
        #expect(text.contains(reason), "\(text)")
        #expect(text.contains("up{job=\"x\"}"), "\(text)")
    }

    /// A message in protobuf with a sample of each label list, in the order given.
    private static func message(_ series: [[(String, String)]]) -> [UInt8] {
        func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] { [number << 3 | 2, UInt8(bytes.count)] + bytes }
        let bits = (1.5).bitPattern
        var sample: [UInt8] = [1 << 3 | 1] + (0..<8).map { UInt8(truncatingIfNeeded: bits >> ($0 * 8)) } + [2 << 3]
        var time = UInt64(now)
        while time >= 0x80 {
            sample.append(UInt8(truncatingIfNeeded: time) | 0x80)
            time >>= 7
        }
        sample.append(UInt8(time))
        return series.flatMap { labels in
            let pairs = labels.flatMap { field(1, field(1, Array($0.0.utf8)) + field(2, Array($0.1.utf8))) }
            return field(1, pairs + field(2, sample))
        }
    }

    @Test(
        "series with invalid labels are left out, counted and logged, and the others are stored",
        arguments: [
            ([("__name__", "m"), ("a", "1"), ("a", "2")], "label \"a\" is not after \"a\""),
            ([("__name__", "m"), ("b", "1"), ("a", "2")], "label \"a\" is not after \"b\""),
            ([("a", "1"), ("__name__", "m")], "label \"__name__\" is not after \"a\""),
            ([("__name__", "m"), ("a", "")], "label \"a\" has an empty name or value"),
            ([("", "x"), ("__name__", "m")], "label \"\" has an empty name or value"),
            ([("__name__", "")], "label \"__name__\" has an empty name or value"),
            ([("a", "1")], "the series has no metric name"), ([], "the series has no metric name"),
        ] as [([(String, String)], String)])
    func invalidLabels(labels: [(String, String)], reason: String) async throws {
        let database = Database()
        let context = Self.context(database)
        let lines = Mutex<[String]>([])
        context.remoteWriteProblems.tell { line in lines.withLock { $0.append(line) } }
        let table = APIRoutes.table(context)
        for _ in 0..<3 {
            let answer = await table.respond(
                to: APIRequest(
                    method: "POST", path: "/api/v1/write",
                    body: Snappy.compress(Self.message([labels, [("__name__", "good")]]))))
            #expect(answer.status == 204)
        }
        #expect(try database.series(matching: [], in: .always) == [["__name__": "good"]])
        let told = lines.withLock { $0 }
        #expect(told.count == 1)
        #expect(told[0].hasPrefix("remote write: left out 1 series with invalid labels, first: \(reason)"), "\(told)")
        let metrics = await table.respond(to: APIRequest(path: "/metrics"))
        #expect(
            String(decoding: metrics.body, as: UTF8.self).contains("\nhaldane_remote_write_invalid_series_total 3\n"))
    }

    @Test("lines about what is left out come at most once a minute and say how much it was since the last one")
    func rareLines() {
        let lines = Mutex<[String]>([])
        let problems = RemoteWriteProblems()
        problems.tell { line in lines.withLock { $0.append(line) } }
        var request = WriteRequest(series: [])
        problems.note(request, at: 0)
        request.invalidSeries = 2
        request.firstInvalid = "x"
        for time: Timestamp in [0, 1, 59_999] { problems.note(request, at: time) }
        request.skippedHistograms = 5
        problems.note(request, at: 60_000)
        // The clock was set back.
        problems.note(request, at: 1_000)
        let told = lines.withLock { $0 }
        #expect(told.count == 3)
        #expect(told[1].hasPrefix("remote write: left out 6 series with invalid labels, first: x; 5 native histogram"))
    }

    @Test("the answer comes after the head log was written; when that fails it is 500") func flushed() async {
        let log = RecordingLog()
        let answer = await Self.post(Self.body([(Self.now, 1)]), to: Database(log: log))
        #expect(answer.status == 204)
        log.state.withLock { state in
            #expect(state.appends > 0)
            #expect(state.flushedAt == state.appends)
        }
        let failing = await Self.post(Self.body([(Self.now, 1)]), to: Database(log: RecordingLog(fails: true)))
        #expect(failing.status == 500)
        #expect(String(decoding: failing.body, as: UTF8.self).contains("No space left"))
    }
}
