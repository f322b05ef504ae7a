import Model
import NIOCore
import Scrape
import Simulator
import Synchronization
import TSDB
import TestSupport
import Testing

@Suite("Targets against the store's own limits") struct StoreLimitTests {
    @Test("a label of 1 MB, too many labels, and too many series are refused, and no other series of the body")
    func refused() async throws {
        let clock = ManualClock(at: Pipeline.start)
        var options = DatabaseOptions()
        options.limits.columnsPerGroup = 100
        let database = Database(options)
        let serial = Mutex(0)
        let hostile: [(message: String, body: @Sendable () -> String)] = [
            (
                "the limit of 4096 bytes in a label is reached",
                { "good 1\na{b=\"\(String(repeating: "x", count: 1 << 20))\"} 1\n" }
            ),
            (
                "the limit of 64 labels per series is reached",
                { "good 1\na{" + (0..<65).map { "l\($0)=\"1\"" }.joined(separator: ",") + "} 1\n" }
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
        #expect(targets.map(\.health) == [.up, .up, .up, .up])
        for (target, one) in zip(targets.dropFirst(), hostile) {
            #expect(target.lastError.contains(one.message), "\(target.lastError)")
        }
        #expect(manager.counts().scrapes == ["ok": 80])
        // The endless supply of new names was let in once only, and not once a minute.
        #expect(database.statistics().series < 300)
        for server in servers { await server.stop() }
    }

    @Test("what a limit refuses is asked for again a minute later, and taken when there is room") func room()
        async throws
    {
        let clock = ManualClock(at: Pipeline.start)
        var options = DatabaseOptions()
        options.limits.series = 8
        let retention: Milliseconds = 3_600_000
        options.retention = retention
        let database = Database(options)
        let taken = try database.openGroup(GroupKey(job: "other", target: "other"))
        for number in 0..<2 { _ = try taken.column(for: ["__name__": "x", "n": "\(number)"]) }
        var row = SampleRow(time: clock.now(), columnCount: 2)
        row.set(0, to: 1)
        row.set(1, to: 1)
        try taken.append(row)
        taken.close()
        let server = try await TestServer.start { _ in .text("a 1\nb 2\n") }
        let manager = ScrapeManager(
            ScrapeEnvironment(
                appender: database, clock: clock, pace: ScrapePace(timeoutFloor: .seconds(60)),
                eventLoops: HeavyScrapes.loops))
        var configuration = ScrapeConfiguration()
        var job = ScrapeJob(name: "j")
        job.staticConfigs = [TargetGroup(addresses: [server.address])]
        configuration.jobs = [job]
        manager.apply(configuration)
        // Five series of its own and one of the body fit.
        await manager.scrapeNow(matching: [])
        #expect(manager.targets().map(\.health) == [.up])
        #expect(manager.targets()[0].lastError.contains("refused 1 new series"), "\(manager.targets()[0].lastError)")
        #expect(manager.counts().refusedSeries == 1)
        clock.advance(by: 30_000)
        await manager.scrapeNow(matching: [])
        #expect(manager.counts().refusedSeries == 1)
        // The closed group goes with its samples.
        clock.advance(by: 30_000)
        try database.applyRetention(now: clock.now() + retention - 1_000)
        await manager.scrapeNow(matching: [])
        #expect(manager.targets()[0].lastError == "", "\(manager.targets()[0].lastError)")
        await server.stop()
    }
}
