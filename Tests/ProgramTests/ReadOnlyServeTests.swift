import Foundation
import Model
import TestSupport
import Testing

/// Serving a copy of old data: nothing of it is deleted, whatever the retention.
@Suite("Serving read-only", .serialized) struct ReadOnlyServeTests {
    private static let writes = WrittenSamples(seriesCount: 5, samplesPerSeries: 10)

    private static func listing(_ path: String) -> [String] {
        var out: [String] = []
        for case let name as String in FileManager.default.enumerator(atPath: path) ?? .init() {
            let bytes = FileManager.default.contents(atPath: path + "/" + name)
            out.append("\(name) \(bytes?.count ?? -1) \(bytes?.hashValue ?? 0)")
        }
        return out.sorted()
    }

    @Test("queries and history are answered, writes are refused, and nothing is changed") func readOnly() async throws {
        let folder = try ServeTests.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let data = folder.appendingPathComponent("data").path
        let one = try await Daemon.start("serve", "--listen", "127.0.0.1:0", "--data", data, "--web.enable-admin-api")
        let start = SystemTime.now
        #expect(try await Self.writes.send(from: start, to: one.url) == 204)
        let canary = Data(ExitCodeTests.canary.utf8)
        let path = "/analysis/v1/canaries/test/podinfo"
        let headers = ["Content-Type": "application/yaml"]
        #expect(try await HTTP.send(one.url + path, "PUT", canary, headers: headers).status == 201)
        let answer = try await HTTP.send(one.url + "/api/v1/admin/tsdb/snapshot", "POST")
        let name = try #require(String(decoding: answer.body, as: UTF8.self).firstMatch(of: #/"name":"([^"]+)"/#)).1
        one.stop()
        let copy = "\(data)/snapshots/\(name)"
        let whole = Self.listing(copy)

        // All of it is older than a second by now: no start, and nothing deleted.
        try await Task.sleep(for: .milliseconds(1_500))
        let refused = try await Program.run("serve", "--listen", "127.0.0.1:0", "--data", copy, "--retention", "1s")
        #expect(refused.code == 4, "\(refused.messages)")
        for cure in ["--read-only", "--retention", "--drop-expired"] { #expect(refused.messages.contains(cure)) }

        #expect(Set(Self.listing(copy)).isSuperset(of: whole))
        let before = Self.listing(copy)
        let two = try await Daemon.start(
            "serve", "--listen", "127.0.0.1:0", "--data", copy, "--read-only", "--retention", "1s",
            "--web.enable-admin-api")
        let query = "/api/v1/query?query=count(count_over_time(written%5B1h%5D))"
        #expect(try await two.get(query).contains("\"\(Self.writes.seriesCount)\""))
        #expect(try await two.get("/analysis/v1/canaries").contains("podinfo"))
        #expect(try await two.get(path).contains("podinfo"))
        #expect(try await two.get(path + "/verdicts").contains("verdicts"))
        #expect(try await Self.writes.send(from: start + 60_000, to: two.url) == 503)
        #expect(try await HTTP.send(two.url + path, "PUT", canary, headers: headers).status == 503)
        #expect(try await HTTP.send(two.url + path, "DELETE").status == 503)
        #expect(try await HTTP.send(two.url + "/api/v1/admin/tsdb/snapshot", "POST").status == 503)
        #expect(try await two.get("/metrics").contains("haldane_storage_writable 0"))
        try await Task.sleep(for: .milliseconds(2_500))
        two.stop()
        #expect(Self.listing(copy) == before)

        let three = try await Daemon.start(
            "serve", "--listen", "127.0.0.1:0", "--data", copy, "--retention", "1s", "--drop-expired")
        #expect(try await three.get("/analysis/v1/canaries").contains("podinfo"))
    }

    @Test("contradictions are usage errors, no directory is exit 4") func usage() async throws {
        #expect(try await Program.run("serve", "--read-only", "--in-memory").code == 2)
        #expect(try await Program.run("serve", "--read-only", "--data", "/nonexistent").code == 4)
    }
}
