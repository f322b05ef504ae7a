import Foundation
import TestSupport
import Testing

/// The comparison with peers works from start to end; its figures at this size say nothing.
@Suite("Benchmark", .serialized) struct BenchTests {
    private struct Document: Decodable {
        struct Workload: Decodable {
            struct Row: Decodable {
                let figure: String
                let values: [Double?]
                let must: Double?
                let holds: Bool?
            }

            let servers: [String]
            let rows: [Row]
        }

        let workloads: [Workload]
    }

    @Test("a smoke run of Haldane alone fills every row") func smoke() async throws {
        let outcome = try await Program.run(
            "bench", "peers", "--smoke", "--workload", "iii", "--prometheus", "none", "--victoria", "none", "--seed",
            "7",
            "-o", "json")
        #expect(outcome.code == 0, "\(outcome.messages)")
        // The seed is this command's own and not its parent's.
        #expect(outcome.messages.contains("seed 7"), "\(outcome.messages)")
        let document = try JSONDecoder().decode(Document.self, from: Data(outcome.output.utf8))
        let workload = try #require(document.workloads.first)
        #expect(workload.servers == ["haldane"])
        #expect(workload.rows.count == 27)
        #expect(Set(workload.rows.map(\.figure)).count == workload.rows.count)
        for row in workload.rows {
            #expect(row.values.count == 1)
            let value = try #require(row.values[0], "\(row.figure) has no figure")
            #expect(value.isFinite && value >= 0, "\(row.figure): \(value)")
            // Without a peer the absolute figure decides.
            #expect(row.holds == row.must.map { value <= $0 }, "\(row.figure)")
        }
        // What can't be nothing, however small the run.
        for figure in ["ingestion, CPU", "PSS", "disk, samples", "written", "success rate, 4 connections"] {
            let value = try #require(workload.rows.first { $0.figure == figure }?.values[0], "\(figure)")
            #expect(value > 0, "\(figure)")
        }
    }

    private struct MeasuredRow: Decodable {
        let what: String
        let figure: Double
        let must: Double?
        let holds: Bool
    }

    /// It compares every value with the full query's by itself.
    @Test("registered analyses fill every row") func registered() async throws {
        let outcome = try await Program.run(
            "bench", "registered", "--others", "2", "--measure-seconds", "20", "--waiters", "100", "-o", "json")
        // In a debug build the figures are not as they must be.
        #expect([0, 1].contains(outcome.code), "\(outcome.messages)")
        let rows = try JSONDecoder().decode([MeasuredRow].self, from: Data(outcome.output.utf8))
        #expect(rows.count == 9)
        for row in rows {
            #expect(row.figure > 0 && row.figure.isFinite, "\(row.what)")
            #expect(row.holds == row.must.map { row.figure <= $0 } ?? true, "\(row.what)")
        }
        for what in ["registered check, 15 Canaries, in", "registered check, one Canary, among 4 targets", "long poll"]
        {
            #expect(rows.contains { $0.what.hasPrefix(what) && $0.must != nil }, "\(what)")
        }
    }

    @Test(
        "wrong arguments are refused in words",
        arguments: [
            (["bench", "targets", "--targets", "0"], "--targets 1 to 2000"),
            (["bench", "targets", "--series", "10"], "--series 180"),
            (["bench", "peers", "--smoke", "--prometheus", "/nowhere/prometheus"], "there is no such program"),
            (["bench", "registered", "--measure-seconds", "1"], "--measure-seconds 10"),
            (["bench", "peers", "--workload", "v"], "--workload"),
            (["bench", "peers", "--measure", "soon", "--prometheus", "none", "--victoria", "none"], "--measure"),
        ])
    func refusals(arguments: [String], message: String) async throws {
        let outcome = try await Program.run(arguments)
        #expect(outcome.code == 2, "\(outcome.messages)")
        #expect(outcome.messages.contains(message), "\(outcome.messages)")
    }
}
