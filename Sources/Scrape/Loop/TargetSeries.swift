internal import Exposition
internal import Model

/// The series of one target: turns bodies and failures into rows of the target's group.
///
/// Holds the last body's template, the columns of the last good scrape, and little else. One caller at a time.
struct TargetSeries {
    /// Names of the series that tell of the scrape itself.
    private static let syntheticNames = [
        "up", "scrape_duration_seconds", "scrape_samples_scraped", "scrape_samples_post_metric_relabeling",
        "scrape_series_added",
    ]

    /// What a scrape brought.
    struct Body {
        var bytes: BodyBytes
        var format: ExpositionFormat
        var isComplete: Bool
    }

    private let key: GroupKey
    private let appender: any SampleAppender
    private let pipeline: SeriesPipeline
    private var reader: BodyReader
    private var group: (any GroupAppender)?
    private var synthetic: [Int] = []
    private var present = PresentSet()
    private var timed = TimedSeries()
    private var newest: Timestamp?
    /// Columns the group has, as far as this target knows.
    private var columnCount = 0

    /// The series of a target that has none yet.
    init(_ target: Target, job: ScrapeJob, appender: any SampleAppender) {
        key = target.key
        self.appender = appender
        pipeline = SeriesPipeline(targetLabels: target.labels, job: job)
        reader = BodyReader(BodyReader.Options(honorsTimestamps: job.honorsTimestamps))
    }

    /// Goes on where another left off, under another job configuration: series it had and this one will not have
    /// become stale.
    mutating func inherit(_ other: TargetSeries) {
        group = other.group
        synthetic = other.synthetic
        present = other.present
        newest = other.newest
        columnCount = other.columnCount
    }

    /// Metadata of the last good body.
    var metadata: [String: MetricMetadata] { reader.metadata }

    /// Puts an equal value that others hold in place of the own, so that it is in memory once.
    mutating func shareMetadata(_ pool: MetadataPool) {
        if reader.metadataChanged { reader.replaceMetadata(pool.shared(reader.metadata)) }
    }

    /// A time for a row: `time`, or just after the newest row.
    func rowTime(_ time: Timestamp) -> Timestamp { newest.map { max(time, $0 + 1) } ?? time }

    /// Stores a body. `elapsed` gives the nominal seconds since the scrape began.
    mutating func store(
        _ body: Body, at time: Timestamp, row: inout SampleRow, elapsed: () -> Double
    ) -> ScrapeReport {
        var report = ScrapeReport()
        do throws(FetchFailure) {
            try open()
            row.reset(time: time, columnCount: columnCount)
            try read(body, &row, &report)
        } catch {
            return storeFailure(error, at: time, row: &row, report: report, elapsed: elapsed)
        }
        let now = PresentSet(row, except: synthetic)
        report.seriesAdded = now.countMissing(in: present)
        present.forEachMissing(in: now) { row.mark($0) }
        finish(&row, &report, elapsed)
        guard report.outcome == .ok else { return report }
        present = now
        report.timedRefused = timed.flush(reader.result.timed, to: appender, now: time)
        return report
    }

    /// Stores that a scrape failed: everything it could have had becomes stale.
    mutating func storeFailure(
        _ failure: FetchFailure, at time: Timestamp, row: inout SampleRow, report: ScrapeReport = ScrapeReport(),
        elapsed: () -> Double
    ) -> ScrapeReport {
        var report = report
        report.outcome = failure.outcome
        report.error = failure.message
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
        return report
    }

    /// Ends every series, because the target is gone, and closes the group.
    mutating func end(at time: Timestamp, row: inout SampleRow) {
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
        guard group == nil else { return }
        do throws(AppendError) {
            let opened = try appender.openGroup(key)
            var columns: [Int] = []
            for name in Self.syntheticNames {
                var labels = pipeline.targetLabels
                labels[LabelName.metricName] = name
                columns.append(try opened.column(for: labels))
            }
            synthetic = columns
            columnCount = (columns.max() ?? -1) + 1
            group = opened
            reader.forget()
        } catch {
            throw FetchFailure(.rejected, "opening the target's series: \(error)")
        }
    }

    private mutating func read(
        _ body: Body, _ row: inout SampleRow, _ report: inout ScrapeReport
    ) throws(FetchFailure) {
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
        if let reason = resolver.failure { throw reason }
        if let failure { throw FetchFailure(.malformedBody, failure.description) }
        if limit > 0, report.samplesKept > limit { throw FetchFailure(.limitExceeded, "sample limit exceeded") }
        if timed.isOvergrown(current: result.timed.count) {
            timed = TimedSeries()
            reader.forget()
        }
    }

    /// Adds the synthetic samples and stores the row.
    private mutating func finish(_ row: inout SampleRow, _ report: inout ScrapeReport, _ elapsed: () -> Double) {
        report.seconds = elapsed()
        let isGood = report.outcome == .ok
        let values = [
            isGood ? 1 : 0, report.seconds, Double(report.samples), Double(report.samplesKept),
            isGood ? Double(report.seriesAdded) : 0,
        ]
        for (column, value) in zip(synthetic, values) {
            row.grow(columnCount: column + 1)
            row.set(column, to: value)
        }
        do throws(AppendError) {
            try group?.append(row)
            newest = row.time
        } catch {
            report.outcome = .rejected
            report.error = "storing the scrape: \(error)"
            // Somebody else closed the group: the next scrape opens it again.
            if error == .closed {
                group = nil
                present = PresentSet()
            }
        }
    }
}

extension SampleRow {
    /// Ends a column's series.
    mutating func mark(_ column: Int) {
        grow(columnCount: column + 1)
        set(column, to: SpecialValue.stale)
    }
}
