package import Model
package import NIOCore

/// What all targets of one scraper share.
package struct ScrapeEnvironment: Sendable {
    /// The store that samples go to.
    package var appender: any SampleAppender
    /// Nominal time.
    package var clock: any WallClock
    /// How nominal time relates to real time.
    package var pace: ScrapePace
    /// `User-Agent` of requests.
    package var userAgent: String
    /// Seed of the scrape offsets, which makes them differ from those of another server.
    package var offsetSeed: UInt64
    /// Is called after each scrape.
    package var listener: (any ScrapeListener)?
    /// Bytes of a body, decompressed, up to which it is read on the loop of its connection. A MiB takes milliseconds; a debug
    /// build takes a hundred times as long.
    package var bodyBytesOnLoopMax = 1 << 20
    /// Where connections live and scrapes run.
    let executors: LoopExecutors
    let budget: BodyBudget
    let scratches = ScratchPool()
    let metadata = MetadataPool()
    let contexts = TLSContexts()
    let counter = ScrapeCounter()
    /// Held while a large body is read: one at a time, so that a few huge ones keep no thread from small ones.
    let largeBodies = AsyncLock()

    /// An environment.
    ///
    /// - Parameter bodyBytesInFlightMax: bytes of bodies, as they come over the wire, that all targets together may
    ///   hold beyond the first MiB of each; a fetch that would exceed it fails. With the inflate buffers (one per thread, each at most the body
    ///   limit) this bounds the memory that targets can take.
    package init(
        appender: any SampleAppender, clock: any WallClock, pace: ScrapePace = ScrapePace(),
        eventLoops: (any EventLoopGroup)? = nil, userAgent: String = "haldane Prometheus/3.14.0",
        offsetSeed: UInt64 = 0, bodyBytesInFlightMax: Int = 512 << 20, listener: (any ScrapeListener)? = nil
    ) {
        self.appender = appender
        self.clock = clock
        self.pace = pace
        executors = LoopExecutors(eventLoops ?? LoopExecutors.shared)
        self.userAgent = userAgent
        self.offsetSeed = offsetSeed
        self.listener = listener
        budget = BodyBudget(limit: bodyBytesInFlightMax)
    }
}
