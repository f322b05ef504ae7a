import Model
import NIOCore
import NIOPosix
import Scrape

/// A scraper over a fake store and a hand-driven clock.
struct ScrapeBench {
    let clock = HandClock(at: 1_000_000)
    let appender = FakeAppender()
    let environment: ScrapeEnvironment
    let manager: ScrapeManager

    /// A loop for bodies that take long: the scrapes of other tests would wait for them.
    static let heavyLoop = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    init(
        timeoutFloor: TimeAmount = .seconds(60), bodyBytesInFlightMax: Int = 512 << 20,
        eventLoops: (any EventLoopGroup)? = nil
    ) {
        var environment = ScrapeEnvironment(
            appender: appender, clock: clock, pace: ScrapePace(timeoutFloor: timeoutFloor), eventLoops: eventLoops,
            bodyBytesInFlightMax: bodyBytesInFlightMax)
        // The scrapes of all tests share their loops.
        environment.bodyBytesOnLoopMax = 0
        self.environment = environment
        manager = ScrapeManager(environment)
    }

    /// A job with these targets.
    static func job(_ addresses: [String], _ change: (inout ScrapeJob) -> Void = { _ in }) -> ScrapeJob {
        var job = ScrapeJob(name: "j")
        job.interval = 1000
        job.timeout = 1000
        job.staticConfigs = [TargetGroup(addresses: addresses)]
        change(&job)
        return job
    }

    func apply(_ jobs: ScrapeJob...) {
        var configuration = ScrapeConfiguration()
        configuration.jobs = jobs
        manager.apply(configuration)
    }

    /// Scrapes all targets once, out of turn, a second later.
    @discardableResult
    func scrape() async -> FakeAppender.Row? {
        clock.shift(by: 1000)
        await manager.scrapeNow(matching: [])
        return appender.rows.last
    }
}
