import Model
import NIOCore
import PromQL
import Scrape
import Simulator
import Synchronization
import TSDB
import TestSupport
import Testing

/// A clock that is set ahead and back while targets are scraped and the scraper is restarted: after each scrape, a
/// question about the present is answered from it.
@Suite("Clock jumps") struct ClockJumpTests {
    @Test("the present is answered from the newest scrape", arguments: 1...8) func present(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let clock = ManualClock(at: Pipeline.start)
        let database = Database()
        let engine = Engine()
        let value = Mutex(0)
        let server = try await TestServer.start { _ in .text("a \(value.withLock { $0 })\n") }
        func scraper() -> ScrapeManager {
            let manager = ScrapeManager(
                ScrapeEnvironment(
                    appender: database, clock: clock, pace: ScrapePace(timeoutFloor: .seconds(60)),
                    eventLoops: HeavyScrapes.loops))
            var configuration = ScrapeConfiguration()
            var job = ScrapeJob(name: "j")
            job.interval = 1_000
            job.timeout = 1_000
            job.staticConfigs = [TargetGroup(addresses: [server.address])]
            configuration.jobs = [job]
            manager.apply(configuration)
            return manager
        }
        var manager = scraper()
        for step in 1...40 {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0: clock.setBack(by: Timestamp(generator.pick([1_500, 60_000, 3_600_000, 86_400_000])))
            case 1: clock.advance(by: Timestamp(generator.pick([60_000, 3_600_000, 86_400_000])))
            // Like a restart: what the store has, this scraper does not know.
            case 2: manager = scraper()
            default: break
            }
            clock.advance(by: 1_000)
            value.withLock { $0 = step }
            await manager.scrapeNow(matching: [])
            let target = try #require(manager.targets().first)
            #expect(target.health == .up, "step \(step): \(target.lastError)")
            // A clock set back by less than two intervals moves rows a little instead of opening a group.
            let now = clock.now() + 2_000
            let result = try engine.instant(try engine.prepare("a"), at: now, on: database)
            guard case .vector(let elements) = result.value, case .float(let found) = elements.first?.value else {
                Issue.record("step \(step): no value at the present")
                continue
            }
            #expect(elements.count == 1 && found == Double(step), "step \(step): \(elements)")
        }
        await server.stop()
    }
}
