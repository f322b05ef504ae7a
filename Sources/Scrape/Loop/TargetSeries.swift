internal import Exposition
internal import Model

/// The series of one target: turns bodies and failures into rows of the target's group, with Prometheus's staleness.
///
/// Staleness: a series that the last good scrape had and this one has not gets a stale marker (`SpecialValue.stale`) in this
/// scrape's row. A failed scrape marks every series stale, and so does the end of the target. The columns of the last good
/// scrape are held as a bit set (`PresentSet`), so that the difference of two scrapes costs a word per 64 columns.
///
/// Besides those it holds the last body's template. One caller at a time.
struct TargetSeries {
    /// The store's limit of series per target was reached. The store closes a group most of whose series are gone; when it has
    /// closed this target's group since, a body of more lines than the limit is refused unread until `until`. Otherwise a
    /// target that always sends new series would fill the store with their names.
    private struct SeriesLimitRefusal {
        /// How long bodies are refused.
        static let length: Milliseconds = 3_600_000
        var failure: FetchFailure
        var linesMax: Int
        var until: Timestamp

        /// Whether bodies are refused at this time. A clock that was set back does not make the refusal longer.
        func holds(at time: Timestamp) -> Bool { time < until && until - time <= Self.length }
    }

    /// A decompressed body.
    struct Body {
        var bytes: BodyBytes
        var format: ExpositionFormat
        var isComplete: Bool
    }

    /// Series that the store refused when the current template was made. Their lines are read and not stored.
    private struct RefusedSeries {
        /// Nominal time after which the store is asked again.
        static let retry: Milliseconds = 60_000
        var count: Int
        var reason: String
        var retryAt: Timestamp
    }

    private let key: GroupKey
    private let timeout: Milliseconds
    /// How far the newest row may be ahead of the clock. If it is further ahead, the clock has been set back since.
    private let clockTolerance: Milliseconds
    private let appender: any SampleAppender
    private let pipeline: SeriesPipeline
    private var reader: BodyReader
    private var group: (any GroupAppender)?
    private var synthetic: [Int] = []
    private var present = PresentSet()
    private var timed = TimedSeries()
    /// Series with timestamps of their own in the last good body, where their end is tracked (`track_timestamps_staleness`).
    private var timedPresent: Set<Labels> = []
    private var newest: Timestamp?
    private var refusal: SeriesLimitRefusal?
    private var refused: RefusedSeries?
    /// Whether the group was opened and no body has been read into it yet.
    private var isFresh = false
    /// Number of columns of the group that this target uses.
    private var columnCount = 0

    /// The series of a target that has none yet.
    init(_ target: Target, job: ScrapeJob, appender: any SampleAppender) {
        key = target.key
        timeout = target.timeout
        clockTolerance = max(2 * target.interval, 2_000)
        self.appender = appender
        pipeline = SeriesPipeline(targetLabels: target.labels, job: job)
        reader = BodyReader(
            BodyReader.Options(honorsTimestamps: job.honorsTimestamps), hashSeed: .random(in: .min ... .max))
    }

    /// Continues the series of `other` under another configuration of the job: series that `other` had and this job does not
    /// have become stale.
    mutating func inherit(_ other: TargetSeries) {
        group = other.group
        let count = SyntheticSeries.names(of: pipeline.job).count
        synthetic = Array(other.synthetic.prefix(count))
        present = other.present
        // Synthetic series that this job does not have become stale in its first scrape.
        for column in other.synthetic.dropFirst(count) { present.insert(column) }
        timedPresent = other.timedPresent
        newest = other.newest
        refusal = other.refusal
        isFresh = other.isFresh
        columnCount = other.columnCount
    }

    /// Metadata of the last good body.
    var metadata: [ExactText: MetricMetadata] { reader.metadata }

    /// Replaces the metadata by an equal value of other targets, so that it is in memory once.
    mutating func shareMetadata(_ pool: MetadataPool) {
        if reader.metadataChanged { reader.replaceMetadata(pool.shared(reader.metadata)) }
    }

    /// The time of a row: `time`, or just after the newest row. When the clock has been set back, the row keeps `time` and goes
    /// into a new group: queries ask for the present, and would not see the row at another time.
    mutating func rowTime(_ time: Timestamp) -> Timestamp {
        guard let newest, newest >= time else { return time }
        if newest - time <= clockTolerance { return newest + 1 }
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

    /// Stores the row of a body. `elapsed` gives the nominal seconds since the scrape began.
    mutating func storeBody(
        _ body: Body, at time: Timestamp, row: inout SampleRow, elapsed: () -> Double
    ) -> ScrapeReport {
        let report = appendBody(body, at: time, row: &row, elapsed: elapsed)
        // The store has closed the group, as it does when most of a group's series are gone: the body goes into a new group.
        return group == nil ? appendBody(body, at: time, row: &row, elapsed: elapsed) : report
    }

    /// Reads a body and appends its row to the group. `group` is `nil` afterwards when the store has closed it.
    private mutating func appendBody(
        _ body: Body, at time: Timestamp, row: inout SampleRow, elapsed: () -> Double
    ) -> ScrapeReport {
        var report = ScrapeReport()
        report.bodyBytes = body.bytes.count
        do throws(FetchFailure) {
            try openGroup()
            row.reset(time: time, columnCount: columnCount)
            try readSamples(of: body, into: &row, &report)
        } catch {
            return appendFailure(error, at: time, row: &row, report, elapsed)
        }
        let now = PresentSet(row, except: synthetic)
        report.seriesAdded = now.countMissing(in: present)
        present.forEachMissing(in: now) { row.markStale($0) }
        appendRow(&row, &report, elapsed)
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

    /// Stores the row of a failed scrape: all series of the last good scrape become stale.
    mutating func storeFailure(
        _ failure: FetchFailure, at time: Timestamp, row: inout SampleRow, elapsed: () -> Double
    ) -> ScrapeReport {
        let report = appendFailure(failure, at: time, row: &row, ScrapeReport(), elapsed)
        return group == nil ? appendFailure(failure, at: time, row: &row, ScrapeReport(), elapsed) : report
    }

    /// Appends the row of a failed scrape. `group` is `nil` afterwards when the store has closed it.
    private mutating func appendFailure(
        _ failure: FetchFailure, at time: Timestamp, row: inout SampleRow, _ report: ScrapeReport,
        _ elapsed: () -> Double
    ) -> ScrapeReport {
        var report = report
        report.outcome = failure.outcome
        report.error = failure.message
        if failure == .bodyTooLarge { report.bodyBytes = -1 }
        do throws(FetchFailure) {
            try openGroup()
        } catch {
            report.seconds = elapsed()
            return report
        }
        row.reset(time: time, outcome: failure.outcome, columnCount: columnCount)
        present.forEachMissing(in: PresentSet()) { row.markStale($0) }
        appendRow(&row, &report, elapsed)
        present = PresentSet()
        endTimed(except: [], at: time)
        return report
    }

    /// Ends the series with timestamps of their own that the last body had and this one has not.
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
        present.forEachMissing(in: PresentSet()) { row.markStale($0) }
        if newest != nil {
            for column in synthetic { row.markStale(column) }
            // A row is refused when a newer one is there: then its series end with that one.
            try? group.append(row)
        }
        group.close()
        self.group = nil
        present = PresentSet()
    }

    /// Opens the target's group and its synthetic columns, as far as they are not open.
    private mutating func openGroup() throws(FetchFailure) {
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

    /// Reads the samples of a body into a row and counts them in the report.
    private mutating func readSamples(
        of body: Body, into row: inout SampleRow, _ report: inout ScrapeReport
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
        // Series beyond the sample limit got a slot that is wrong for the next body.
        if resolver.overflow > 0 { reader.forget() }
        if let linesMax = resolver.seriesMax {
            let failure = FetchFailure(.rejected, "storing a new series: \(resolver.refusalReason)")
            refusal = SeriesLimitRefusal(
                failure: failure, linesMax: linesMax, until: row.time + SeriesLimitRefusal.length)
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

    /// Adds the synthetic samples (`up` and others) to a row and appends it to the group.
    private mutating func appendRow(_ row: inout SampleRow, _ report: inout ScrapeReport, _ elapsed: () -> Double) {
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
            // The store has closed the group: the caller opens another one.
            if error == .closed {
                group = nil
                present = PresentSet()
            }
        }
    }
}

extension TargetSeries {
    /// Appends a row to the group. A group that was recovered after a restart may have rows that are newer than the clock: then
    /// the row goes behind them, or, when the clock has been set back, `closed` is thrown and the caller opens another group.
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
    /// Sets a column to the stale marker, which ends its series.
    mutating func markStale(_ column: Int) {
        grow(columnCount: column + 1)
        set(column, to: SpecialValue.stale)
    }
}
