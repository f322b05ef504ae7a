import Model
import NIOCore
import Scrape
import Simulator
import Synchronization
import TSDB
import TestSupport
import Testing

@Suite("Targets against the store's own limits") struct StoreLimitTests {
    @Test("a label of 1 MB, too many labels, and too many series are refused for the target that sends them")
    func refused() async throws {
        let clock = ManualClock(at: Pipeline.start)
        var options = DatabaseOptions()
        options.limits.columnsPerGroup = 100
        let database = Database(options)
        let serial = Mutex(0)
        let hostile: [(message: String, body: @Sendable () -> String)] = [
            (
                "the limit of 4096 bytes in a label is reached",
                { "a{b=\"\(String(repeating: "x", count: 1 << 20))\"} 1\n" }
            ),
            (
                "the limit of 64 labels per series is reached",
                { "a{" + (0..<65).map { "l\($0)=\"1\"" }.joined(separator: ",") + "} 1\n" }
            ),
            (
                "the limit of 100 series per target is reached",
                {
                    let first = serial.withLock { value in
                        value += 1_000
                        return value
                    }
                    return (first..<first + 1_000).map { "m{s=\"\($0)\"} 1\n" }.joined()
                }
            ),
        ]
        var servers = [try await TestServer.start { _ in .text("good 1\n") }]
        for one in hostile { servers.append(try await TestServer.start { _ in .text(one.body()) }) }
        let manager = ScrapeManager(
            ScrapeEnvironment(
                appender: database, clock: clock, pace: ScrapePace(timeoutFloor: .seconds(60)),
                eventLoops: HeavyScrapes.loops))
        var configuration = ScrapeConfiguration()
        configuration.jobs = servers.enumerated().map { number, server in
            var job = ScrapeJob(name: "j\(number)")
            job.staticConfigs = [TargetGroup(addresses: [server.address])]
            return job
        }
        manager.apply(configuration)
        for _ in 0..<20 {
            clock.advance(by: 60_000)
            await manager.scrapeNow(matching: [])
            // What the store does once a minute; it closes the group that is full of series without samples.
            try database.applyRetention(now: clock.now())
        }
        let targets = manager.targets()
        #expect(targets.map(\.health) == [.up, .down, .down, .down])
        for (target, one) in zip(targets.dropFirst(), hostile) {
            #expect(target.lastError.contains(one.message), "\(target.lastError)")
        }
        #expect(manager.counts().scrapes == ["ok": 20, "rejected": 60])
        // The endless supply of new names was let in once only, and not once a minute.
        #expect(database.statistics().series < 300)
        for server in servers { await server.stop() }
    }
}
