internal import Exposition
internal import Model

/// The series of one target: turns bodies and failures into rows of the target's group.
///
/// Holds the last body's template, the columns of the last good scrape, and little else. One caller at a time.
struct TargetSeries {
    /// The store took no more series of this target. When it has closed the target's group since, as it does when most of
    /// a group's series are gone, a body of more lines than it takes series is refused unread until some time has passed:
    /// a target that always sends new series would fill the store with their names.
    private struct Refusal {
        static let length: Milliseconds = 3_600_000
        var failure: FetchFailure
        var linesMax: Int
        var until: Timestamp

        /// Whether its time is not over. A clock that was set back does not make it longer.
        func holds(at time: Timestamp) -> Bool { time < until && until - time <= Self.length }
    }

    /// What a scrape brought.
    struct Body {
        var bytes: BodyBytes
        var format: ExpositionFormat
        var isComplete: Bool
    }

    /// Series that the store refused when the present template of the body was learned: their lines are passed over.
    private struct RefusedSeries {
        /// Nominal time after which the store is asked for them again.
        static let retry: Milliseconds = 60_000
        var count: Int
        var reason: String
        var retryAt: Timestamp
    }

    private let key: GroupKey
    private let timeout: Milliseconds
    /// A newest row further ahead of the clock than this was stored under a clock that has been set back since.
    private let setBack: Milliseconds
    private let appender: any SampleAppender
    private let pipeline: SeriesPipeline
    private var reader: BodyReader
    private var group: (any GroupAppender)?
    private var synthetic: [Int] = []
    private var present = PresentSet()
    private var timed = TimedSeries()
    /// Series with own times in the last good body, where their end is looked after.
    private var timedPresent: Set<Labels> = []
    private var newest: Timestamp?
    private var refusal: Refusal?
    private var refused: RefusedSeries?
    /// Whether the group has been opened and no body read into it.
    private var isFresh = false
    /// Columns the group has, as far as this target knows.
    private var columnCount = 0

    /// The series of a target that has none yet.
    init(_ target: Target, job: ScrapeJob, appender: any SampleAppender) {
        key = target.key
        timeout = target.timeout
        setBack = max(2 * target.interval, 2_000)
        self.appender = appender
        pipeline = SeriesPipeline(targetLabels: target.labels, job: job)
        reader = BodyReader(
            BodyReader.Options(honorsTimestamps: job.honorsTimestamps), hashSeed: .random(in: .min ... .max))
    }

    /// Goes on where another left off, under another job configuration: series it had and this one will not have
    /// become stale.
    mutating func inherit(_ other: TargetSeries) {
        group = other.group
        let count = SyntheticSeries.names(of: pipeline.job).count
        synthetic = Array(other.synthetic.prefix(count))
        present = other.present
        // Those this job does not have are ended by its first scrape.
        for column in other.synthetic.dropFirst(count) { present.insert(column) }
        timedPresent = other.timedPresent
        newest = other.newest
        refusal = other.refusal
        isFresh = other.isFresh
        columnCount = other.columnCount
    }

    /// Metadata of the last good body.
    var metadata: [String: MetricMetadata] { reader.metadata }

    /// Puts an equal value that others hold in place of the own, so that it is in memory once.
    mutating func shareMetadata(_ pool: MetadataPool) {
        if reader.metadataChanged { reader.replaceMetadata(pool.shared(reader.metadata)) }
    }

    /// A time for a row: `time`, or just after the newest row. Where the clock has been set back, the row gets the new time
    /// and goes into another group: queries ask for the present, and would not see it elsewhere.
    mutating func rowTime(_ time: Timestamp) -> Timestamp {
        guard let newest, newest >= time else { return time }
        if newest - time <= setBack { return newest + 1 }
        leaveGroup()
        return time
    }

    /// Closes the group as it is; the next row opens another.
    private mutating func leaveGroup() {
        group?.close()
        group = nil
        newest = nil
        present = PresentSet()
    }

    /// Stores a body. `elapsed` gives the nominal seconds since the scrape began.
    mutating func store(
        _ body: Body, at time: Timestamp, row: inout SampleRow, elapsed: () -> Double
    ) -> ScrapeReport {
        let report = attempt(body, at: time, row: &row, elapsed: elapsed)
        // The store closes a group most of whose series are gone. The body goes into a new one.
        return group == nil ? attempt(body, at: time, row: &row, elapsed: elapsed) : report
    }

    private mutating func attempt(
        _ body: Body, at time: Timestamp, row: inout SampleRow, elapsed: () -> Double
    ) -> ScrapeReport {
        var report = ScrapeReport()
        report.bodyBytes = body.bytes.count
        do throws(FetchFailure) {
            try open()
            row.reset(time: time, columnCount: columnCount)
            try read(body, &row, &report)
        } catch {
            return attempt(failure: error, at: time, row: &row, report, elapsed)
        }
        let now = PresentSet(row, except: synthetic)
        report.seriesAdded = now.countMissing(in: present)
        present.forEachMissing(in: now) { row.mark($0) }
        finish(&row, &report, elapsed)
        guard report.outcome == .ok else { return report }
        present = now
        report.timedRefused = timed.flush(reader.result.timed, to: appender, now: time)
        if pipeline.job.tracksTimestamps { endTimed(except: timed.present(in: reader.result.timed), at: time) }
        if timed.isOvergrown(current: reader.result.timed.count) {
            timed = TimedSeries()
            reader.forget()
        }
        return report
    }

    /// Stores that a scrape failed: everything it could have had becomes stale.
    mutating func storeFailure(
        _ failure: FetchFailure, at time: Timestamp, row: inout SampleRow, elapsed: () -> Double
    ) -> ScrapeReport {
        let report = attempt(failure: failure, at: time, row: &row, ScrapeReport(), elapsed)
        return group == nil ? attempt(failure: failure, at: time, row: &row, ScrapeReport(), elapsed) : report
    }

    private mutating func attempt(
        failure: FetchFailure, at time: Timestamp, row: inout SampleRow, _ report: ScrapeReport,
        _ elapsed: () -> Double
    ) -> ScrapeReport {
        var report = report
        report.outcome = failure.outcome
        report.error = failure.message
        if failure == .bodyTooLarge { report.bodyBytes = -1 }
        do throws(FetchFailure) {
            try open()
        } catch {
            report.seconds = elapsed()
            return report
        }
        row.reset(time: time, outcome: failure.outcome, columnCount: columnCount)
        present.forEachMissing(in: PresentSet()) { row.mark($0) }
        finish(&row, &report, elapsed)
        present = PresentSet()
        endTimed(except: [], at: time)
        return report
    }

    /// Ends the series with times of their own that are not there any more.
    private mutating func endTimed(except current: Set<Labels>, at time: Timestamp) {
        let gone = timedPresent.subtracting(current)
        timedPresent = current
        guard !gone.isEmpty else { return }
        _ = appender.append(
            gone.map { SeriesSamples(labels: $0, times: [time], values: [.float(SpecialValue.stale)]) }, at: time)
    }

    /// Ends every series, because the target is gone, and closes the group.
    mutating func end(at time: Timestamp, row: inout SampleRow) {
        endTimed(except: [], at: time)
        guard let group else { return }
        row.reset(time: rowTime(time), columnCount: columnCount)
        present.forEachMissing(in: PresentSet()) { row.mark($0) }
        if newest != nil {
            for column in synthetic { row.mark(column) }
            // A refusal means that a newer row is there, and nothing has to be ended.
            try? group.append(row)
        }
        group.close()
        self.group = nil
        present = PresentSet()
    }

    private mutating func open() throws(FetchFailure) {
        let names = SyntheticSeries.names(of: pipeline.job)
        guard group == nil || synthetic.count < names.count else { return }
        do throws(AppendError) {
            let opened: any GroupAppender
            if let group { opened = group } else { opened = try appender.openGroup(key) }
            synthetic = []
            for name in names {
                var labels = pipeline.targetLabels
                labels[LabelName.metricName] = name
                synthetic.append(try opened.column(for: labels))
            }
            columnCount = max(group == nil ? 0 : columnCount, (synthetic.max() ?? -1) + 1)
            if group == nil {
                reader.forget()
                refused = nil
                isFresh = true
            }
            group = opened
        } catch {
            throw FetchFailure(.rejected, "opening the target's series: \(error)")
        }
    }

    private mutating func read(
        _ body: Body, _ row: inout SampleRow, _ report: inout ScrapeReport
    ) throws(FetchFailure) {
        if isFresh, let refusal, refusal.holds(at: row.time), body.bytes.hasMoreLines(than: refusal.linesMax) {
            throw refusal.failure
        }
        isFresh = false
        if let refused, !(refused.retryAt - RefusedSeries.retry..<refused.retryAt).contains(row.time) {
            self.refused = nil
            reader.forget()
        }
        let limit = pipeline.job.limits.samples
        var resolver = SeriesResolver(pipeline: pipeline, group: group, newSeriesMax: limit, timed: timed)
        var failure: BodyError?
        do throws(BodyError) {
            try reader.read(body.bytes, format: body.format, isComplete: body.isComplete, into: &row) { series in
                resolver.slot(series)
            }
        } catch {
            failure = error
        }
        timed = resolver.timed
        columnCount = max(columnCount, row.columnCount)
        let result = reader.result
        report.samples = result.samples
        report.samplesKept = result.samples - result.dropped + resolver.overflow
        report.duplicates = result.duplicates
        report.skippedLineCount = result.skippedLineCount
        report.skippedLines = result.skippedLines
        // Places given beyond the limit are wrong for the next body.
        if resolver.overflow > 0 { reader.forget() }
        if let linesMax = resolver.seriesMax {
            let failure = FetchFailure(.rejected, "storing a new series: \(resolver.refusalReason)")
            refusal = Refusal(failure: failure, linesMax: linesMax, until: row.time + Refusal.length)
        }
        if resolver.refused > 0 {
            refused = RefusedSeries(
                count: (refused?.count ?? 0) + resolver.refused, reason: resolver.refusalReason,
                retryAt: refused?.retryAt ?? row.time + RefusedSeries.retry)
        }
        report.newlyRefused = resolver.refused
        report.refusedSeries = refused?.count ?? 0
        report.refusalReason = refused?.reason ?? ""
        if let reason = resolver.failure { throw reason }
        if let failure { throw FetchFailure(.malformedBody, failure.description) }
        if limit > 0, report.samplesKept > limit { throw FetchFailure(.limitExceeded, "sample limit exceeded") }
    }

    /// Adds the synthetic samples and stores the row.
    private mutating func finish(_ row: inout SampleRow, _ report: inout ScrapeReport, _ elapsed: () -> Double) {
        report.seconds = elapsed()
        let values = SyntheticSeries.values(of: report, job: pipeline.job, timeout: timeout)
        for (column, value) in zip(synthetic, values) {
            row.grow(columnCount: column + 1)
            row.set(column, to: value)
        }
        do throws(AppendError) {
            try append(&row)
        } catch {
            report.outcome = .rejected
            report.error = "storing the scrape: \(error)"
            // Somebody else closed the group: another is to be opened.
            if error == .closed {
                group = nil
                present = PresentSet()
            }
        }
    }
}

extension TargetSeries {
    /// Stores a row. A group that was recovered after a restart may have rows that are newer than the clock: the row goes
    /// behind them, or, where the clock has been set back, what is thrown opens another group.
    private mutating func append(_ row: inout SampleRow) throws(AppendError) {
        guard let group else { return }
        do throws(AppendError) {
            try group.append(row)
        } catch {
            guard case .outOfOrder(_, let stored) = error else { throw error }
            newest = stored
            row.time = rowTime(row.time)
            guard let group = self.group else { throw .closed }
            try group.append(row)
        }
        newest = row.time
    }
}

extension SampleRow {
    /// Ends a column's series.
    mutating func mark(_ column: Int) {
        grow(columnCount: column + 1)
        set(column, to: SpecialValue.stale)
    }
}
