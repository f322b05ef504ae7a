import AnalysisService
import Analyzer
import Foundation
import Model
import PromQL
import Server
import Simulator
import Synchronization
import TestSupport
import Testing

@testable import TSDB

/// One target whose open rows can't be decoded, among others, as a client of the server sees it.
@Suite("A target with damaged rows") struct DamagedTargetTests {
    private static let start: Timestamp = 1_788_253_200_000

    private static func routes(_ database: Database) -> RouteTable {
        APIRoutes.table(
            ServerContext(
                database: database, engine: Engine(), pool: EvaluationPool(threads: 1), targets: nil,
                clock: ManualClock(at: start + 60_000),
                facts: ServerFacts(
                    compatibleVersion: "3.14.0", version: "test", startTime: start, retention: "6h", configuration: "",
                    flags: []), runner: EmbeddedQueryRunner(Engine(), on: database)))
    }

    private static func store() throws -> Database {
        var options = DatabaseOptions()
        options.checkpointRows = 10
        let database = Database(options)
        for target in 0..<3 {
            let group = try database.openGroup(GroupKey(job: "j", target: "t\(target)"))
            let column = try group.column(for: ["__name__": "m_total", "t": "t\(target)"])
            for row in 1...30 {
                var sample = SampleRow(time: start + Int64(row) * 1_000, columnCount: column + 1)
                sample.set(column, to: Double(row * 2))
                try group.append(sample)
            }
            guard target == 1 else { continue }
            (group as? ScrapeGroup)?.state.withLock { $0.head.damage(14) }
        }
        return database
    }

    static let queries: [(query: String, others: String)] = [
        ("m_total[1m]", ""), ("count_over_time(m_total[1m])", "30"), ("rate(m_total[15s])", "2"),
        ("increase(m_total[15s])", "30"), ("max_over_time(m_total[25s])", "60"), ("changes(m_total[1m])", "29"),
        ("sum by (t) (m_total offset 13s)", "34"), ("sum_over_time(m_total[20s])", "820"),
    ]

    /// Each query by each route that takes it: a range of samples has no range query.
    private static let requests: [(query: String, route: String)] =
        queries.map { ($0.query, "query") }
        + queries.filter { !$0.query.hasSuffix("]") }.map { ($0.query, "query_range") }

    @Test("every query answers for all others, and says what is missing", arguments: requests)
    func answers(_ query: String, _ route: String) async throws {
        let routes = Self.routes(try Self.store())
        let end = "\((Self.start + 30_000) / 1_000)"
        let parameters =
            route == "query"
            ? [("query", query), ("time", end)]
            : [("query", query), ("start", "\(Self.start / 1_000 + 15)"), ("end", end), ("step", "1")]
        let answer = await routes.respond(
            to: APIRequest(path: "/api/v1/\(route)", parameters: QueryParameters(parameters)))
        #expect(answer.status == 200)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
        let data = try #require(object["data"] as? [String: Any])
        let result = try #require(data["result"] as? [[String: Any]])
        let warnings = object["warnings"] as? [String] ?? []
        #expect(warnings.contains { $0.contains("damaged") }, "\(warnings)")
        var last: [String: String] = [:]
        for one in result {
            let target = (one["metric"] as? [String: String])?["t"] ?? ""
            let values = one["values"] as? [[Any]] ?? [one["value"] as? [Any] ?? []]
            last[target] = values.last?.last as? String
            if query == "m_total[1m]" { #expect(values.count == (target == "t1" ? 20 : 30)) }
        }
        let wanted = Self.queries.first { $0.query == query }?.others ?? ""
        if !wanted.isEmpty { #expect(last["t0"] == wanted && last["t2"] == wanted) }
    }

    @Test("status, metrics and health tell of the target; answers of the others are silent") func reported()
        async throws
    {
        let database = try Self.store()
        let routes = Self.routes(database)
        func ask(_ path: String, _ parameters: [(String, String)] = []) async -> String {
            let answer = await routes.respond(
                to: APIRequest(path: path, parameters: QueryParameters(parameters)))
            return String(decoding: answer.body, as: UTF8.self)
        }
        #expect(await ask("/-/healthy") == "Haldane is healthy.\n")
        let time = ("time", "\((Self.start + 30_000) / 1_000)")
        _ = await ask("/api/v1/query", [("query", "count_over_time(m_total[1m])"), time])
        #expect(await ask("/-/healthy").contains("Stored data of 1 part can't be decoded"))
        #expect(await ask("/metrics").contains("haldane_storage_damaged_parts 1"))
        let status = await ask("/api/v1/status/tsdb")
        #expect(status.contains("\"damagedParts\":[{\"job\":\"j\",\"target\":\"t1\""), "\(status)")
        let others = await ask("/api/v1/query", [("query", "m_total{t!=\"t1\"}[1m]"), time])
        #expect(!others.contains("warnings"))
    }
}
