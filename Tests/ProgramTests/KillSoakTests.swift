import Archive
import Foundation
import Model
import TSDB
import TestSupport
import Testing

/// The real binary under load, killed at any instant, again and again over one data directory.
@Suite("kill -9 (soak)", .serialized) struct KillSoakTests {
    /// Scraped samples may be missing when they are younger than this at the kill: the flush interval and some slack for
    /// a machine that is busy.
    static let unflushed: Milliseconds = 2_000
    /// Each round looks so far back, which is some rounds.
    static let checked: Milliseconds = 40_000

    /// Starts are killed at any moment of so many milliseconds: before they read, while they read the directory back, and
    /// when they have just begun to write.
    private static let startTime = 300

    private static let writes = WrittenSamples(seriesCount: 50, samplesPerSeries: 100)

    @Test("at most the last second is missing, and nothing that was acknowledged") func kills() async throws {
        let folder = try ServeTests.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let data = folder.appendingPathComponent("data").path
        let proxies = try await Daemon.start("proxies", "--listen", "127.0.0.1:0", "--workload", "name=podinfo,rps=200")
        let configuration = try await ServeTests.configuration(proxies, in: folder)
        var acknowledged: [Timestamp] = []
        var next = SystemTime.now
        var batches = 0
        for seed in SoakBudget.seeds(3, full: 200) {
            var generator = SeededGenerator(seed: seed)
            let words = [
                "serve", "--listen", "127.0.0.1:0", "--data", data, "--retention", "4m", "--config", configuration,
            ]
            let delays = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                Int.random(in: 0...Self.startTime, using: &generator)
            }
            for delay in delays { try await Self.killStart(words, after: delay) }
            let server = try await Daemon.start(arguments: words)
            #expect(server.messages.contains("recovered"), "\(server.messages)")
            let noise = ["missing:", "put aside", "could not be used"].filter { server.messages.contains($0) }
            #expect(noise.isEmpty, "seed \(seed): \(server.messages)")
            next = max(next, SystemTime.now)
            let start = next
            let url = server.url
            let writer = Task { await Self.write(from: start, to: url) }
            try await Task.sleep(for: .milliseconds(Int.random(in: 50...900, using: &generator)))
            let scraped = try await Self.scraped(server)
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...900, using: &generator)))
            server.stop(SIGKILL)
            let killed = SystemTime.now
            let sent = await writer.value
            acknowledged += sent
            next = (sent.last ?? next) + 2 * Int64(Self.writes.samplesPerSeries)
            batches += sent.count
            acknowledged.removeAll { $0 < killed - Self.checked }
            try Self.check(data, acknowledged, scraped, killed, "seed \(seed)")
        }
        print("kill -9: \(batches) acknowledged batches of \(Self.writes.seriesCount * 100) samples")
        #expect(batches > 0)
    }

    /// Begins a start and kills it. What it leaves is what the next one finds.
    private static func killStart(_ words: [String], after delay: Int) async throws {
        try await Blocking.run {
            let process = try ChildProcess(Program.url.path, words)
            usleep(UInt32(delay) * 1_000)
            process.stop(SIGKILL)
        }
    }

    /// Writes batch after batch until the server is gone; returns the starts of those that were acknowledged.
    private static func write(from start: Timestamp, to url: String) async -> [Timestamp] {
        var done: [Timestamp] = []
        var time = start
        while let status = try? await writes.send(from: time, to: url), status == 204 {
            done.append(time)
            time += Int64(writes.samplesPerSeries)
        }
        return done
    }

    /// Samples of the scraped counters of the last minutes, as the running server answers them.
    private static func scraped(_ server: Daemon) async throws -> [Labels: [Timestamp: Double]] {
        let text = try await server.get("/api/v1/query?query=response_total%5B40s%5D")
        let answer = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        let series = (answer?["data"] as? [String: Any])?["result"] as? [[String: Any]] ?? []
        var out: [Labels: [Timestamp: Double]] = [:]
        for one in series {
            guard let metric = one["metric"] as? [String: String], let values = one["values"] as? [[Any]] else {
                continue
            }
            for pair in values {
                guard let seconds = pair[0] as? Double, let text = pair[1] as? String else { continue }
                out[Labels(metric), default: [:]][Timestamp((seconds * 1000).rounded())] = Double(text)
            }
        }
        return out
    }

    private static func check(
        _ data: String, _ acknowledged: [Timestamp], _ scraped: [Labels: [Timestamp: Double]], _ killed: Timestamp,
        _ note: String
    ) throws {
        let directory = try DataDirectory.openReadOnly(data, now: killed)
        let report = directory.report
        let window = TimeWindow(after: killed - checked - 1, through: .max)
        let (times, problems) = try WrittenSamples.read(directory.database, in: window)
        #expect(problems.isEmpty, "\(note): \(problems.prefix(3))")
        #expect(report.damaged.isEmpty && report.framesUnusable == 0, "\(note): \(report)")
        for start in acknowledged {
            for number in 0..<writes.seriesCount {
                for time in start..<(start + Int64(writes.samplesPerSeries)) where times[number]?.contains(time) != true
                {
                    Issue.record("\(note): series \(number) lacks the acknowledged sample at \(time); \(report)")
                    return
                }
            }
        }
        let stored = try WrittenSamples.stored(directory.database, "response_total", in: window)
        for (labels, samples) in scraped {
            for (time, value) in samples
            where time > killed - checked && time < killed - unflushed
                && stored[labels]?[time] != value
            {
                Issue.record("\(note): \(labels) at \(time), \(killed - time) ms before the kill: \(value) is missing")
                return
            }
        }
    }
}
