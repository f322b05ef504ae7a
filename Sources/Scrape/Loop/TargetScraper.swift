internal import Exposition
internal import Model
private import NIOCore
private import Synchronization

/// Scrapes one target, one scrape at a time.
final class TargetScraper: Sendable {
    let target: Target
    let job: ScrapeJob
    private let environment: ScrapeEnvironment
    private let schedule: ScrapeSchedule
    private let client: ScrapeClient
    private let turn = AsyncLock()
    private let series: Mutex<TargetSeries>
    private let state: Mutex<State>

    private struct State {
        var status: TargetStatus
        /// Scrapes begun so far.
        var begun = 0
    }

    init(_ target: Target, job: ScrapeJob, environment: ScrapeEnvironment) {
        self.target = target
        self.job = job
        self.environment = environment
        schedule = ScrapeSchedule(interval: target.interval, key: target.key, seed: environment.offsetSeed)
        client = ScrapeClient(group: environment.eventLoops, budget: environment.budget)
        series = Mutex(TargetSeries(target, job: job, appender: environment.appender))
        let status = TargetStatus(
            job: target.job, url: target.url.description, discoveredLabels: target.discoveredLabels,
            labels: target.labels, interval: target.interval, timeout: target.timeout)
        state = Mutex(State(status: status))
    }

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
        while !Task.isCancelled {
            let due = schedule.next(after: environment.clock.now())
            do {
                try await environment.clock.sleep(until: due)
            } catch {
                return
            }
            await scrape()
        }
    }

    /// Scrapes out of turn. Callers that ask while a scrape runs share the next one.
    func scrapeNow() async {
        let begunBefore = state.withLock { $0.begun }
        await turn.acquire()
        defer { turn.release() }
        if state.withLock({ $0.begun }) > begunBefore { return }
        await scrapeOnce()
    }

    /// Ends the target's series and closes its connection. No scrape runs any more.
    func retire() {
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
        await scrapeOnce()
    }

    private func scrapeOnce() async {
        let began = environment.clock.now()
        let stopwatch = ContinuousClock.now
        state.withLock { $0.begun += 1 }
        let fetched = await fetch()
        // A scrape that was cut short says nothing about the target.
        if case .failure = fetched, Task.isCancelled { return }
        let pace = environment.pace
        let report = environment.scratches.use { scratch in
            store(fetched, at: schedule.sampleTime(began: began), &scratch) {
                pace.nominalSeconds(ContinuousClock.now - stopwatch)
            }
        }
        note(report, began: began)
    }

    private func fetch() async -> Result<FetchedBody, FetchFailure> {
        do throws(FetchFailure) {
            let request = FetchRequest(
                target, job: job, authorization: try authorization(),
                timeout: environment.pace.realTime(target.timeout), userAgent: environment.userAgent)
            return .success(try await client.fetch(request))
        } catch {
            return .failure(error)
        }
    }

    private func authorization() throws(FetchFailure) -> String? {
        do throws(ScrapeAuthorization.SecretError) {
            return try job.authorization.header()
        } catch {
            throw FetchFailure(.connectionFailed, "unable to read authorization credentials file \(error.path)")
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
        case .tooLarge: FetchFailure(.limitExceeded, "body size limit exceeded")
        case .noMemory: FetchFailure(.limitExceeded, "no memory to inflate the body")
        }
    }

    private func note(_ report: ScrapeReport, began: Timestamp) {
        state.withLock { state in
            state.status.health = report.outcome == .ok ? .up : .down
            state.status.outcome = report.outcome
            state.status.lastError = report.error
            state.status.lastScrape = began
            state.status.lastDurationSeconds = report.seconds
            if report.outcome == .ok { state.status.samples = report.samples }
            state.status.skippedLineCount = report.skippedLineCount
            state.status.skippedLines = report.skippedLines
        }
    }
}
