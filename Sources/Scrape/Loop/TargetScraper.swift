internal import Exposition
internal import Model
private import NIOCore
private import Synchronization

/// Scrapes one target, one scrape at a time.
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

    /// Gzip bodies beyond this on the wire are read one at a time.
    private static let largeGzipBytes = 1 << 18
    /// So are plain ones beyond this, and those of targets whose last body had more than this, decompressed.
    private static let largeBodyBytes = 4 << 20

    /// Where a body is read.
    private enum Reading {
        /// On the loop of its connection.
        case onLoop
        /// Not there, since the other targets of the loop would wait for milliseconds.
        case offLoop
        /// Not there, and one such body at a time.
        case alone
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

    /// Whether nothing has to change for this item.
    func serves(_ item: TargetPlan.Item) -> Bool { target == item.target && job == item.job && refusal == item.refusal }

    /// The target's state after its last scrape.
    var status: TargetStatus { state.withLock { $0.status } }

    /// Metadata of the last good body.
    var metadata: [String: MetricMetadata] { series.withLock { $0.metadata } }

    /// Takes over the series and the state of the scraper that this one replaces, which must have stopped.
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
                // A task keeps the deepest stack that it ever had, eight kilobytes after a scrape, and this one mostly
                // sleeps. A child's goes with it.
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

    /// Ends the target's series and closes its connection, behind a scrape out of turn that is in progress. What asks for
    /// one later gets none: its row would open a group that nobody ends.
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
        if let failure { rest(failure) } else { await scrapeOnce() }
    }

    /// Stores that the target is still taken to be out of reach.
    private func rest(_ failure: FetchFailure) {
        let time = schedule.sampleTime(began: environment.clock.now())
        environment.counter.noteRest()
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
        switch reading(of: fetched) {
        case .onLoop: report = store(fetched, at: time, since: stopwatch)
        case .offLoop: report = await storeOffLoop(fetched, at: time, since: stopwatch)
        case .alone:
            await environment.largeBodies.acquire()
            defer { environment.largeBodies.release() }
            report = await storeOffLoop(fetched, at: time, since: stopwatch)
        }
        note(report, began: began)
        state.withLock { state in
            if case .failure(let failure) = fetched { state.failure = failure }
            state.backOff.note(report.outcome)
            state.bodyBytes = report.bodyBytes
        }
        environment.listener?.scraped(target.labels, at: time)
    }

    /// By the body's size on the wire and what the one before it had, decompressed.
    private func reading(of fetched: Result<FetchedBody, FetchFailure>) -> Reading {
        guard case .success(let body) = fetched else { return .onLoop }
        let wire = body.bytes.readableBytes
        let last = state.withLock { $0.bodyBytes }
        let isLarge = wire > (body.isGzip ? Self.largeGzipBytes : Self.largeBodyBytes)
        if isLarge || last < 0 || last > Self.largeBodyBytes { return .alone }
        // Expositions shrink to a sixteenth or less.
        let most = environment.bodyBytesOnLoopMax
        return last > most || wire > (body.isGzip ? most / 16 : most) ? .offLoop : .onLoop
    }

    private func storeOffLoop(
        _ fetched: Result<FetchedBody, FetchFailure>, at time: Timestamp, since began: ContinuousClock.Instant
    ) async -> ScrapeReport {
        await withTaskExecutorPreference(globalConcurrentExecutor) { store(fetched, at: time, since: began) }
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

    private func store(
        _ fetched: Result<FetchedBody, FetchFailure>, at time: Timestamp, since began: ContinuousClock.Instant
    ) -> ScrapeReport {
        let pace = environment.pace
        return environment.scratches.use { scratch in
            store(fetched, at: time, &scratch) { pace.nominalSeconds(ContinuousClock.now - began) }
        }
    }

    private func store(
        _ fetched: Result<FetchedBody, FetchFailure>, at time: Timestamp, _ scratch: inout Scratch,
        elapsed: () -> Double
    ) -> ScrapeReport {
        series.withLock { series in
            let time = series.rowTime(time)
            do throws(FetchFailure) {
                let report = try read(fetched.get(), &scratch, &series, time, elapsed)
                series.shareMetadata(environment.metadata)
                return report
            } catch {
                return series.storeFailure(error, at: time, row: &scratch.row, elapsed: elapsed)
            }
        }
    }

    private func read(
        _ body: FetchedBody, _ scratch: inout Scratch, _ series: inout TargetSeries, _ time: Timestamp,
        _ elapsed: () -> Double
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
        func take(_ bytes: UnsafeRawBufferPointer, _ row: inout SampleRow) -> ScrapeReport {
            let body = unsafe TargetSeries.Body(bytes: BodyBytes(bytes), format: format, isComplete: isComplete)
            return series.store(body, at: time, row: &row, elapsed: elapsed)
        }
        unsafe body.bytes.withUnsafeReadableBytes { wire in
            guard body.isGzip else {
                report = unsafe take(wire, &scratch.row)
                return
            }
            do throws(Inflater.Failure) {
                // The closure may not touch the scratch that is being inflated into, so the row comes along.
                var row = SampleRow(time: time)
                swap(&row, &scratch.row)
                defer { swap(&row, &scratch.row) }
                report = try unsafe scratch.inflater.inflate(wire, limit: limit) { unsafe take($0, &row) }
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
