import Model
import NIOCore
import Scrape
import Synchronization
import TestSupport
import Testing

@Suite("Hostile targets", .serialized)
struct HostileTargetTests {
    /// A job that allows enough for what the replies are about, and little time.
    private func job(_ name: String, _ address: String, _ hostile: HostileReply?) -> ScrapeJob {
        ScrapeBench.job([address]) {
            $0.name = name
            $0.interval = 300_000
            $0.timeout = hostile?.outcome == .timedOut ? 300 : 300_000
            $0.limits.bodyBytes = hostile?.bodyLimit ?? 0
            $0.limits.samples = 100
            $0.limits.labelValueBytes = 10_000
        }
    }

    @Test("each is bounded, counted, down, and told why", .serialized, arguments: HostileReply.all)
    func each(_ hostile: HostileReply) async throws {
        let server = try await TestServer.start { _ in hostile.reply }
        let bench = ScrapeBench(timeoutFloor: .milliseconds(1), eventLoops: ScrapeBench.heavyLoop)
        bench.apply(job("j", server.address, hostile))
        for _ in 0..<2 {
            let row = try #require(await bench.scrape())
            #expect(row.outcome == hostile.outcome)
            #expect(row.value("up") == 0)
            #expect(row.scraped.isEmpty)
        }
        let status = try #require(bench.manager.targets().first)
        #expect(status.health == .down)
        #expect(status.lastError.contains(hostile.message), "\(status.lastError)")
        #expect(status.lastError.utf8.count < 600)
        #expect(bench.manager.counts().scrapes == [hostile.outcome.kind: 2])
        // What both sides' sockets buffer comes on top of the limit.
        let read = hostile.reply.endlessly.isEmpty ? hostile.reply.bytes.count : hostile.bodyLimit
        #expect(server.sentBytes < 2 * read + (48 << 20))
        await server.stop()
    }

    @Test("the same series over and over is counted, and the first value stands")
    func duplicates() async throws {
        let body = "a{b=\"c\"} 1\n" + String(repeating: "a{b=\"c\"} 2\n", count: 20_000) + "d 1\n"
        let next = Mutex([body, body, "e 1\n" + body][...])
        let server = try await TestServer.start { _ in .text(next.withLock { $0.popFirst() } ?? "") }
        let bench = ScrapeBench(eventLoops: ScrapeBench.heavyLoop)
        bench.apply(ScrapeBench.job([server.address]))
        // The second body is walked along the first; the lines of the third are found by their hashes.
        #expect(await bench.scrape()?.scraped == ["a": 1, "d": 1])
        #expect(await bench.scrape()?.scraped == ["a": 1, "d": 1])
        #expect(await bench.scrape()?.scraped == ["a": 1, "d": 1, "e": 1])
        #expect(bench.manager.counts().duplicateSamples == 60_000)
        await server.stop()
    }

    @Test("lines that are no UTF-8 among good ones are skipped, counted and told")
    func invalidLines() async throws {
        let bad = Array("a{b=\"".utf8) + [0xc3] + Array("\"} 1\n".utf8)
        let server = try await TestServer.start { _ in .body(bad + Array("c 2\n".utf8) + bad) }
        let bench = ScrapeBench(eventLoops: ScrapeBench.heavyLoop)
        bench.apply(ScrapeBench.job([server.address]))
        #expect(await bench.scrape()?.scraped == ["c": 2])
        let status = try #require(bench.manager.targets().first)
        #expect(status.health == .up)
        #expect(
            status.lastError
                == "2 lines of the body could not be read and were skipped; line 1: a quoted text is not valid UTF-8")
        #expect(bench.manager.counts().skippedLines == 2)
        await server.stop()
    }

    @Test("a target among all of them misses no scrape")
    func neighbours() async throws {
        let bench = ScrapeBench(timeoutFloor: .milliseconds(1), eventLoops: ScrapeBench.heavyLoop)
        let good = try await TestServer.start { _ in .text("a 1\n") }
        var servers = [good]
        var jobs = [job("good", good.address, nil)]
        for (number, hostile) in HostileReply.all.enumerated() {
            let server = try await TestServer.start { _ in hostile.reply }
            servers.append(server)
            jobs.append(job("hostile \(number)", server.address, hostile))
        }
        var configuration = ScrapeConfiguration()
        configuration.jobs = jobs
        bench.manager.apply(configuration)
        let running = Task { await bench.manager.run() }
        let keys = try jobs.map { job in
            guard case .target(let target) = TargetBuilder.build(job.staticConfigs, for: job).first else {
                throw CancellationError()
            }
            return target.key
        }
        let schedule = ScrapeSchedule(interval: 300_000, key: keys[0])
        var times: [Timestamp] = []
        for _ in 0..<4 {
            times.append(schedule.next(after: bench.clock.now()))
            await bench.clock.waitForSleeper(until: times.last ?? 0)
            bench.clock.advance(to: times.last ?? 0)
            await bench.appender.waitForRow(of: keys[0], at: times.last ?? 0)
        }
        for key in keys { await bench.appender.waitForRow(of: key, at: .min + 1) }
        running.cancel()
        await running.value
        let rows = bench.appender.state.withLock { $0.rows }
        #expect(rows[keys[0]]?.map(\.time) == times)
        #expect(rows[keys[0]]?.allSatisfy { $0.outcome == .ok } == true)
        for (key, hostile) in zip(keys.dropFirst(), HostileReply.all) {
            #expect(rows[key]?.allSatisfy { $0.outcome != .ok } == true, "\(hostile.name)")
        }
        for server in servers { await server.stop() }
    }

    @Test("series with times of their own that come and go do not pile up")
    func timedChurn() async throws {
        let bodies = [(0..<2_000).map { "a{s=\"\($0)\"} 1 5000\n" }.joined(), "b 1 5000\n", "b 1 6000\n"]
        let next = Mutex(bodies[...])
        let server = try await TestServer.start { _ in .text(next.withLock { $0.popFirst() } ?? "") }
        let bench = ScrapeBench(eventLoops: ScrapeBench.heavyLoop)
        bench.apply(ScrapeBench.job([server.address]))
        for _ in bodies { #expect(await bench.scrape()?.outcome == .ok) }
        #expect(bench.appender.state.withLock { $0.timed.count } == 2_002)
        await server.stop()
    }
}
