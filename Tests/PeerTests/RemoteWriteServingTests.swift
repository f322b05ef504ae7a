import Foundation
import Model
import RemoteWrite
import TestSupport
import Testing

/// Remote write to the real binary over a real socket.
@Suite("Serving remote write") struct RemoteWriteServingTests {
    static func post(_ body: [UInt8], to server: Daemon) async throws -> (status: Int, body: Data) {
        try await HTTP.send(
            server.url + "/api/v1/write", "POST", Data(body),
            headers: ["Content-Encoding": "snappy", "Content-Type": "application/x-protobuf"])
    }

    @Test("what was answered with 204 survives kill -9 right after the answer") func durability() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("haldane-write-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let data = folder.appendingPathComponent("data").path
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let now = Timestamp(Date().timeIntervalSince1970 * 1000)
        for round in 1...3 {
            let server = try await Daemon.start("serve", "--listen", "127.0.0.1:0", "--data", data)
            let time = now - 60_000 + Timestamp(round) * 1000
            let series = (0..<50).map {
                SeriesSamples(
                    labels: ["__name__": "written", "series": "\($0)"], times: [time], values: [.float(Double($0))])
            }
            let answer = try await Self.post(WriteRequest(series: series).snappyBody(), to: server)
            server.stop(SIGKILL)
            #expect(answer.status == 204)
            let found = try await Program.run("query", "sum(count_over_time(written[5m]))", "--data", data, "-o", "csv")
            #expect(found.output.contains(",\(50 * round)"), "round \(round): \(found.output)\(found.messages)")
        }
    }

    @Test("other methods and damaged bodies are refused in plain text") func refusals() async throws {
        let server = try await Daemon.start("serve", "--in-memory", "--listen", "127.0.0.1:0")
        let damaged = try await Self.post([0xff, 0x00, 0x13], to: server)
        #expect(damaged.status == 400)
        #expect(String(decoding: damaged.body, as: UTF8.self).hasPrefix("snappy: "))
        #expect(try await HTTP.send(server.url + "/api/v1/write", "GET").status == 405)
    }
}
