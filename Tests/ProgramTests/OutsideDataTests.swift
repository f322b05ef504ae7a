import Foundation
import Model
import RemoteWrite
import TestSupport
import Testing

/// Questions about a time of which the data directory has nothing.
@Suite("Times without data") struct OutsideDataTests {
    /// Ten minutes of a healthy workload, an hour ago.
    private static let end = SystemTime.now / 1000 * 1000 - 3_600_000

    private static let canary = """
        apiVersion: flagger.app/v1beta1
        kind: Canary
        metadata: {name: podinfo, namespace: test}
        spec:
          targetRef: {apiVersion: apps/v1, kind: Deployment, name: podinfo}
          service: {port: 80}
          analysis:
            interval: 10s
            threshold: 2
            stepWeight: 20
            metrics: [{name: request-success-rate, thresholdRange: {min: 99}, interval: 1m}]
        """

    private func withData(_ body: (_ data: String, _ canary: String, _ server: Daemon) async throws -> Void)
        async throws
    {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("haldane-past-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appendingPathComponent("canary.yaml")
        try Data(Self.canary.utf8).write(to: file)
        let data = folder.appendingPathComponent("data").path
        let server = try await Daemon.start("serve", "--data", data, "--listen", "127.0.0.1:0")
        let times = stride(from: Self.end - 600_000, through: Self.end, by: 10_000).map { $0 }
        let labels: Labels = [
            "__name__": "response_total", "namespace": "test", "deployment": "podinfo", "direction": "inbound",
            "classification": "success", "route_name": "default", "target_port": "9898",
        ]
        let series = SeriesSamples(labels: labels, times: times, values: times.indices.map { .float(Double($0) * 100) })
        let headers = ["Content-Encoding": "snappy", "Content-Type": "application/x-protobuf"]
        let bytes = Data(WriteRequest(series: [series]).snappyBody())
        #expect(try await HTTP.send(server.url + "/api/v1/write", "POST", bytes, headers: headers).status == 204)
        try await body(data, file.path, server)
    }

    private func text(_ time: Timestamp) -> String { RFC3339.text(time) }

    @Test("a replay begins and ends with the data, says what it left out, and is NO DATA without any")
    func replay() async throws {
        try await withData { data, canary, _ in
            let range = "\(data) has samples from \(text(Self.end - 600_000)) to \(text(Self.end))"
            func run(_ start: Timestamp, _ end: Timestamp, _ more: String...) async throws -> Program.Outcome {
                try await Program.run(
                    ["replay", "-f", canary, "--data", data, "--start", text(start), "--end", text(end)] + more)
            }
            let before = try await run(Self.end - 7_200_000, Self.end - 3_600_000)
            #expect(before.code == 3 && before.output.contains("NO DATA"), "\(before)")
            #expect(before.messages.contains("\(range), and none from"), "\(before)")
            let json = try await run(Self.end - 7_200_000, Self.end - 3_600_000, "-o", "json")
            #expect(json.code == 3 && json.output.contains(#""outcome":"no data""#), "\(json)")
            let over = try await run(Self.end - 7_200_000, Self.end + 1_800_000)
            #expect(over.code == 0 && over.output.contains("PROMOTED"), "\(over)")
            #expect(over.output.contains("61 ticks") && over.messages.contains("is before that"), "\(over)")
            #expect(over.messages.contains("is after that"), "\(over)")
            let inside = try await run(Self.end - 500_000, Self.end)
            #expect(inside.code == 0 && inside.messages.isEmpty, "\(inside)")
            // After the promotion nothing changes any more.
            #expect(inside.output.contains(" more, to "), "\(inside)")
            #expect(inside.lines.count < 30, "\(inside)")
            let other = try String(contentsOfFile: canary, encoding: .utf8).replacing(
                "name: podinfo}", with: "name: gone}")
            try Data(other.utf8).write(to: URL(fileURLWithPath: canary))
            let gone = try await run(Self.end - 500_000, Self.end)
            #expect(gone.code == 3 && gone.output.contains("NO DATA"), "\(gone)")
        }
    }

    @Test("a replay without metrics has nothing to judge") func nothingToJudge() async throws {
        try await withData { data, canary, _ in
            let bare = try String(contentsOfFile: canary, encoding: .utf8).components(separatedBy: "    metrics:")[0]
            try Data(bare.utf8).write(to: URL(fileURLWithPath: canary))
            let arguments = [
                "replay", "-f", canary, "--data", data, "--start", text(Self.end - 300_000), "--end", text(Self.end),
            ]
            let outcome = try await Program.run(arguments)
            #expect(outcome.code == 3 && outcome.output.contains("NOTHING TO JUDGE"), "\(outcome)")
            try Data((bare + "  skipAnalysis: true\n").utf8).write(to: URL(fileURLWithPath: canary))
            #expect(try await Program.run(arguments).code == 0)
            let analysis = try await Program.run("analyze", "-f", canary, "--data", data)
            #expect(analysis.code == 0, "\(analysis)")
            try Data(bare.utf8).write(to: URL(fileURLWithPath: canary))
            let nothing = try await Program.run("analyze", "-f", canary, "--data", data)
            #expect(nothing.code == 3 && nothing.output.contains("nothing to judge"), "\(nothing)")
        }
    }

    @Test("analyze and query say which time there is") func others() async throws {
        try await withData { data, canary, server in
            let range = "from \(text(Self.end - 600_000)) to \(text(Self.end))"
            for time in [Self.end - 7_200_000, Self.end + 1_800_000] {
                let local = try await Program.run("analyze", "-f", canary, "--data", data, "--time", text(time))
                #expect(local.code == 3 && local.output.contains("no data at that time"), "\(local)")
                #expect(local.messages.contains("\(range), and none at \(text(time))"), "\(local)")
                let remote = try await Program.run(
                    "analyze", "-f", canary, "--server", server.url, "--time", text(time))
                #expect(remote.code == 3 && remote.output.contains("the store has samples \(range)"), "\(remote)")
                for source in [["--data", data], ["--server", server.url]] {
                    let instant = try await Program.run(["query", "response_total", "--time", text(time)] + source)
                    #expect(instant.code == 0 && instant.messages.contains("\(range), and none at"), "\(instant)")
                    let span = try await Program.run(
                        ["query", "response_total", "--start", text(time), "--end", text(time + 60_000)] + source)
                    #expect(span.messages.contains("\(range), and none from"), "\(span)")
                    let inside = try await Program.run(["query", "nothing", "--time", text(Self.end)] + source)
                    #expect(inside.messages.contains("No series match nothing."), "\(inside)")
                    #expect(!inside.messages.contains("and none"), "\(inside)")
                }
            }
        }
    }
}
