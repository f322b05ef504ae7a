import Foundation
import Model
import TSDB
import TestSupport
import Testing

/// Copies of the data, and reading it beside the server.
@Suite("Snapshots and readers", .serialized) struct SnapshotTests {
    private static let writes = WrittenSamples(seriesCount: 20, samplesPerSeries: 100)

    /// Names, sizes and contents below a folder, snapshots left out.
    private static func listing(_ path: String) -> [String] {
        var out: [String] = []
        for case let name as String in FileManager.default.enumerator(atPath: path) ?? .init() {
            let bytes = FileManager.default.contents(atPath: path + "/" + name)
            out.append("\(name) \(bytes?.count ?? -1) \(bytes?.hashValue ?? 0)")
        }
        return out.sorted()
    }

    @Test("a snapshot has what was acknowledged before it, while writing goes on") func snapshot() async throws {
        let folder = try ServeTests.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let data = folder.appendingPathComponent("data").path
        let server = try await Daemon.start(
            "serve", "--listen", "127.0.0.1:0", "--data", data, "--web.enable-admin-api")
        let url = server.url
        let start = SystemTime.now
        for batch in 0..<12 { #expect(try await Self.writes.send(from: start + Int64(batch) * 100, to: url) == 204) }
        let writer = Task {
            var time = start + 1_200
            while !Task.isCancelled, (try? await Self.writes.send(from: time, to: url)) == 204 { time += 100 }
        }
        for skipping in [false, true] {
            let path = "/api/v1/admin/tsdb/snapshot" + (skipping ? "?skip_head=true" : "")
            let answer = try await HTTP.send(url + path, "POST")
            let text = String(decoding: answer.body, as: UTF8.self)
            #expect(answer.status == 200)
            let match = try #require(
                text.wholeMatch(of: #/\{"status":"success","data":\{"name":"([0-9]{8}T[0-9]{6}Z-[0-9a-f]{16})"\}\}/#))
            let copy = "\(data)/snapshots/\(match.1)"
            let (times, report, problems) = try WrittenSamples.read(copy)
            #expect(problems.isEmpty && report.damaged.isEmpty && !report.isUnfinished, "\(report)")
            let query = try await Program.run(
                "query", "count(present_over_time(written[1h]))", "--data", copy, "-o", "csv")
            #expect(query.code == 0 && !query.messages.contains("missing"), "\(query.messages)")
            if skipping { continue }
            #expect(times.count == Self.writes.seriesCount)
            for (number, found) in times {
                #expect((0..<1_200).allSatisfy { found.contains(start + $0) }, "series \(number) lacks samples")
            }
        }
        writer.cancel()
        _ = await writer.value
        let bad = try await HTTP.send(url + "/api/v1/admin/tsdb/snapshot?skip_head=maybe", "POST")
        #expect(bad.status == 400)
    }

    @Test("without the flag the admin API is off, as Prometheus has it") func disabled() async throws {
        let server = try await Daemon.start("serve", "--listen", "127.0.0.1:0", "--in-memory")
        for name in ["snapshot", "delete_series", "clean_tombstones"] {
            let answer = try await HTTP.send(server.url + "/api/v1/admin/tsdb/\(name)", "POST")
            #expect(answer.status == 500)
            #expect(
                String(decoding: answer.body, as: UTF8.self)
                    == #"{"status":"error","errorType":"unavailable","error":"admin APIs disabled"}"#)
        }
    }

    @Test("query --data and analyze --data beside a live server, without a byte written") func reader() async throws {
        let folder = try ServeTests.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let data = folder.appendingPathComponent("data").path
        let server = try await Daemon.start("serve", "--listen", "127.0.0.1:0", "--data", data)
        let start = SystemTime.now
        for batch in 0..<5 {
            #expect(try await Self.writes.send(from: start + Int64(batch) * 100, to: server.url) == 204)
        }
        // With nothing coming in, the server writes its mark of the second, and then nothing more.
        var before: [String] = []
        try await server.wait(for: "the server to be quiet") {
            before = Self.listing(data)
            try await Task.sleep(for: .milliseconds(1_500))
            return Self.listing(data) == before
        }
        let query = try await Program.run("query", "sum(count_over_time(written[1h]))", "--data", data, "-o", "csv")
        #expect(query.code == 0 && query.output.contains(",\(5 * 100 * Self.writes.seriesCount)"), "\(query)")
        #expect(query.messages.isEmpty, "\(query.messages)")
        let canary = folder.appendingPathComponent("canary.yaml")
        try Data(ExitCodeTests.canary.utf8).write(to: canary)
        let analysis = try await Program.run("analyze", "-f", canary.path, "--data", data)
        #expect(analysis.code == 3, "no sample of it: inconclusive, not \(analysis)")
        #expect(Self.listing(data) == before, "a reader has changed the directory")
        server.stop(SIGKILL)
        let after = try await Program.run("query", "sum(count_over_time(written[1h]))", "--data", data, "-o", "csv")
        #expect(after.code == 0 && after.output.contains(",\(5 * 100 * Self.writes.seriesCount)"), "\(after)")
        #expect(after.messages.contains("did not end by itself"), "\(after.messages)")
    }
}
