internal import Exposition
internal import Model
private import NIOCore
private import Synchronization

/// Scrapes one target, one scrape at a time.
///
/// A scrape goes: fetch the body (`ScrapeClient`), choose where it is read by its size, inflate it, read it into a row and
/// append the row to the target's group (`TargetSeries`), note the report. All of it runs on the event loop of the target's
/// connection; only bodies beyond a MiB or so are read on another thread, and those of several MiB one at a time.
final class TargetScraper: Sendable {
    let target: Target
    let job: ScrapeJob
    /// Why the target is not scraped (`TargetPlan.Item.refusal`); `nil` when it is.
    private let refusal: String?
    private let environment: ScrapeEnvironment
    private let executor: LoopExecutor
    private let schedule: ScrapeSchedule
    private let client: ScrapeClient
    private let turn = AsyncLock()
    private let series: Mutex<TargetSeries>
    private let state: Mutex<State>

    private struct State {
        var status: TargetStatus
        /// The target is gone.
        var isRetired = false
        /// Scrapes begun so far.
        var begun = 0
        var backOff: BackOff
        /// Why the last scrape got no body.
        var failure: FetchFailure?
        /// `ScrapeReport.bodyBytes` of the last scrape.
        var bodyBytes = 0
    }

    /// Bytes on the wire beyond which gzip bodies are read one at a time.
    private static let largeGzipBytes = 1 << 18
    /// Bytes beyond which plain bodies are read one at a time, as are bodies of targets whose last body had more,
    /// decompressed.
    private static let largeBodyBytes = 4 << 20

    /// The thread that a body is read on.
    private enum ReadingThread {
        /// The loop of the connection.
        case onLoop
        /// A thread of the pool, since the other targets of the loop would wait for milliseconds.
        case pool
        /// A thread of the pool, for one such body of all targets at a time.
        case poolOneAtATime
    }

    init(_ item: TargetPlan.Item, environment: ScrapeEnvironment) {
        let target = item.target
        self.target = target
        job = item.job
        refusal = item.refusal
        self.environment = environment
        schedule = ScrapeSchedule(interval: target.interval, key: target.key, seed: environment.offsetSeed)
        executor = environment.executors.take()
        client = ScrapeClient(
            group: executor.loop, budget: environment.budget, contexts: environment.contexts)
        series = Mutex(TargetSeries(target, job: job, appender: environment.appender))
        let status = TargetStatus(
            job: target.job, url: target.url.description, discoveredLabels: target.discoveredLabels,
            labels: target.labels, interval: target.interval, timeout: target.timeout)
        state = Mutex(State(status: status, backOff: BackOff(interval: target.interval)))
    }

    /// Whether this scraper can go on for an item of a new plan: target and job are the same.
    func serves(_ item: TargetPlan.Item) -> Bool { target == item.target && job == item.job && refusal == item.refusal }

    /// The target's state after its last scrape.
    var status: TargetStatus { state.withLock { $0.status } }

    /// Metadata of the last good body.
    var metadata: [ExactText: MetricMetadata] { series.withLock { $0.metadata } }

    /// Takes over the series and the status of the scraper that this one replaces, which must have stopped.
    func inherit(_ other: TargetScraper) {
        let before = other.series.withLock { $0 }
        series.withLock { $0.inherit(before) }
        let status = other.status
        state.withLock { state in
            state.status.health = status.health
            state.status.outcome = status.outcome
            state.status.lastError = status.lastError
            state.status.lastScrape = status.lastScrape
            state.status.lastDurationSeconds = status.lastDurationSeconds
            state.status.samples = status.samples
        }
        other.client.close()
    }

    /// Scrapes on schedule until the task is cancelled.
    func run() async {
        await withTaskExecutorPreference(executor) {
            while !Task.isCancelled {
                let due = schedule.next(after: environment.clock.now())
                do { try await executor.sleep(until: due, on: environment.clock) } catch { return }
                // A task keeps the deepest stack that it ever had, 8 KiB after a scrape, and this task mostly sleeps. The
                // stack of a child task is freed with it.
                await withDiscardingTaskGroup { $0.addTask { await self.scrape() } }
            }
        }
    }

    /// Scrapes out of turn. Callers that ask while a scrape runs share the next one.
    func scrapeNow() async { await withTaskExecutorPreference(executor) { await scrapeShared() } }

    private func scrapeShared() async {
        let begunBefore = state.withLock { $0.begun }
        await turn.acquire()
        defer { turn.release() }
        if state.withLock({ $0.begun > begunBefore || $0.isRetired }) { return }
        await scrapeOnce()
    }

    /// Ends the target's series and closes its connection, after a scrape out of turn that is in progress. Later calls of
    /// `scrapeNow` do nothing: their row would open a group that nobody ends.
    func retire() async {
        await turn.acquire()
        defer { turn.release() }
        state.withLock { $0.isRetired = true }
        let now = environment.clock.now()
        environment.scratches.use { scratch in
            series.withLock { $0.end(at: now, row: &scratch.row) }
        }
        client.close()
    }

    /// Closes the connection and leaves the series as they are.
    func disconnect() { client.close() }

    private func scrape() async {
        await turn.acquire()
        defer { turn.release() }
        let failure = state.withLock { $0.backOff.takesTurn() ? nil : $0.failure }
        if let failure { storeSkippedScrape(failure) } else { await scrapeOnce() }
    }

    /// Stores a failed scrape in place of one that back-off leaves out: the target is still taken to be unreachable.
    private func storeSkippedScrape(_ failure: FetchFailure) {
        let time = schedule.sampleTime(began: environment.clock.now())
        environment.counter.noteSkipped()
        environment.scratches.use { scratch in
            series.withLock { series in
                let time = series.rowTime(time)
                _ = series.storeFailure(failure, at: time, row: &scratch.row) { 0 }
            }
        }
        environment.listener?.scraped(target.labels, at: time)
    }

    private func scrapeOnce() async {
        let began = environment.clock.now()
        let stopwatch = ContinuousClock.now
        state.withLock { $0.begun += 1 }
        let fetched = await fetch()
        // A scrape that was cut short says nothing about the target.
        if case .failure = fetched, Task.isCancelled { return }
        let time = schedule.sampleTime(began: began)
        let report: ScrapeReport
        switch readingThread(for: fetched) {
        case .onLoop: report = storeFetched(fetched, at: time, since: stopwatch)
        case .pool: report = await storeFetchedOnPool(fetched, at: time, since: stopwatch)
        case .poolOneAtATime:
            await environment.largeBodies.acquire()
            defer { environment.largeBodies.release() }
            report = await storeFetchedOnPool(fetched, at: time, since: stopwatch)
        }
        note(report, began: began)
        state.withLock { state in
            if case .failure(let failure) = fetched { state.failure = failure }
            state.backOff.note(report.outcome)
            state.bodyBytes = report.bodyBytes
        }
        environment.listener?.scraped(target.labels, at: time)
    }

    /// The thread to read a body on, by its size on the wire and by the decompressed size of the last one.
    private func readingThread(for fetched: Result<FetchedBody, FetchFailure>) -> ReadingThread {
        guard case .success(let body) = fetched else { return .onLoop }
        let wire = body.bytes.readableBytes
        let last = state.withLock { $0.bodyBytes }
        let isLarge = wire > (body.isGzip ? Self.largeGzipBytes : Self.largeBodyBytes)
        if isLarge || last < 0 || last > Self.largeBodyBytes { return .poolOneAtATime }
        // Gzip makes expositions sixteen times smaller or more.
        let most = environment.bodyBytesOnLoopMax
        return last > most || wire > (body.isGzip ? most / 16 : most) ? .pool : .onLoop
    }

    private func storeFetchedOnPool(
        _ fetched: Result<FetchedBody, FetchFailure>, at time: Timestamp, since began: ContinuousClock.Instant
    ) async -> ScrapeReport {
        await withTaskExecutorPreference(globalConcurrentExecutor) { storeFetched(fetched, at: time, since: began) }
    }

    private func fetch() async -> Result<FetchedBody, FetchFailure> {
        if let refusal { return .failure(FetchFailure(.limitExceeded, refusal)) }
        do throws(FetchFailure) {
            let timeout = environment.pace.realTime(target.timeout)
            let request = try FetchRequest(target, job: job, timeout: timeout, userAgent: environment.userAgent)
            return .success(try await client.fetch(request))
        } catch {
            return .failure(error)
        }
    }

    /// Stores the row of a scrape: the samples of the body, or that there is none.
    private func storeFetched(
        _ fetched: Result<FetchedBody, FetchFailure>, at time: Timestamp, since began: ContinuousClock.Instant
    ) -> ScrapeReport {
        let pace = environment.pace
        return environment.scratches.use { scratch in
            storeFetched(fetched, at: time, &scratch) { pace.nominalSeconds(ContinuousClock.now - began) }
        }
    }

    private func storeFetched(
        _ fetched: Result<FetchedBody, FetchFailure>, at time: Timestamp, _ scratch: inout Scratch,
        elapsed: () -> Double
    ) -> ScrapeReport {
        series.withLock { series in
            let time = series.rowTime(time)
            do throws(FetchFailure) {
                let report = try inflateAndStore(
                    fetched.get(), &scratch.inflater, &scratch.row, &series, time, elapsed)
                series.shareMetadata(environment.metadata)
                return report
            } catch {
                return series.storeFailure(error, at: time, row: &scratch.row, elapsed: elapsed)
            }
        }
    }

    /// Inflates a body and stores its samples. Throws when the body can't be read at all.
    private func inflateAndStore(
        _ body: FetchedBody, _ inflater: inout Inflater, _ row: inout SampleRow, _ series: inout TargetSeries,
        _ time: Timestamp, _ elapsed: () -> Double
    ) throws(FetchFailure) -> ScrapeReport {
        guard let format = ExpositionFormat(contentType: body.contentType) ?? job.fallbackFormat else {
            let type = body.contentType.isEmpty ? "non-compliant scrape target sending blank Content-Type" : ""
            throw FetchFailure(
                .malformedBody,
                type.isEmpty
                    ? "received unsupported Content-Type \(GoQuote.quoted(body.contentType)) and no "
                        + "fallback_scrape_protocol specified for target"
                    : type + " and no fallback_scrape_protocol specified for target")
        }
        let limit = job.limits.bodyBytes > 0 ? job.limits.bodyBytes : ScrapeDefaults.bodySizeLimit
        var report = ScrapeReport()
        var failure: Inflater.Failure?
        let isComplete = body.isComplete || body.isGzip
        func store(_ bytes: UnsafeRawBufferPointer, _ row: inout SampleRow) -> ScrapeReport {
            let body = unsafe TargetSeries.Body(bytes: BodyBytes(bytes), format: format, isComplete: isComplete)
            return series.storeBody(body, at: time, row: &row, elapsed: elapsed)
        }
        unsafe body.bytes.withUnsafeReadableBytes { wire in
            guard body.isGzip else {
                report = unsafe store(wire, &row)
                return
            }
            do throws(Inflater.Failure) {
                report = try unsafe inflater.inflate(wire, limit: limit) { unsafe store($0, &row) }
            } catch {
                failure = error
            }
        }
        if let failure { throw Self.failure(failure) }
        return report
    }

    private static func failure(_ failure: Inflater.Failure) -> FetchFailure {
        switch failure {
        case .damaged: FetchFailure(.malformedBody, "the gzip body is damaged or ends early")
        case .tooLarge: .bodyTooLarge
        case .noMemory: FetchFailure(.limitExceeded, "no memory to inflate the body")
        }
    }

    private func note(_ report: ScrapeReport, began: Timestamp) {
        environment.counter.note(report)
        state.withLock { state in
            state.status.health = report.outcome == .ok ? .up : .down
            state.status.outcome = report.outcome
            state.status.lastError = report.note
            state.status.lastScrape = began
            state.status.lastDurationSeconds = report.seconds
            if report.outcome == .ok { state.status.samples = report.samples }
            state.status.skippedLineCount = report.skippedLineCount
            state.status.skippedLines = report.skippedLines
        }
    }
}
