internal import Exposition
internal import Model

/// Gives the new series of one body their slots: relabels them and opens their columns.
struct SeriesResolver {
    let pipeline: SeriesPipeline
    let group: (any GroupAppender)?
    /// New series that get a column at most; further ones are only counted, so that a body over its sample limit makes no more
    /// columns than a body within it. 0 is no bound.
    let newSeriesMax: Int
    var timed: TimedSeries
    /// New series beyond `newSeriesMax`.
    private(set) var overflow = 0
    /// Why the reading was stopped; `nil` when it was not.
    private(set) var failure: FetchFailure?
    /// The store's limit of series per target, if it has refused a series of this body for it.
    private(set) var seriesMax: Int?
    /// New series that the store refused because of a limit of its own; the other series of the body are stored.
    private(set) var refused = 0
    /// Why the store refused the first one.
    private(set) var refusalReason = ""
    private var added = 0

    init(pipeline: SeriesPipeline, group: (any GroupAppender)?, newSeriesMax: Int, timed: TimedSeries) {
        self.pipeline = pipeline
        self.group = group
        self.newSeriesMax = newSeriesMax
        self.timed = timed
    }

    /// The slot of a series; `nil` when the series fails the scrape.
    mutating func slot(_ series: NewSeries) -> Slot? {
        do throws(FetchFailure) {
            guard let labels = try pipeline.labels(of: series) else { return .dropped }
            added += 1
            if newSeriesMax > 0, added > newSeriesMax {
                overflow += 1
                return .dropped
            }
            return series.isTimed ? timed.slot(labels) : try column(labels)
        } catch {
            failure = error
            return nil
        }
    }

    private mutating func column(_ labels: Labels) throws(FetchFailure) -> Slot? {
        guard let group else { throw FetchFailure(.rejected, "the target's group is closed") }
        do throws(AppendError) {
            return Slot.column(try group.column(for: labels))
        } catch {
            switch error {
            case .limitExceeded, .invalidLabels:
                if case .limitExceeded(AppendError.seriesPerTarget, let limit) = error { seriesMax = limit }
                if refused == 0 { refusalReason = error.description }
                refused += 1
                return .dropped
            case .outOfOrder, .closed, .io: throw FetchFailure(.rejected, "storing a new series: \(error)")
            }
        }
    }
}

/// The series of one target whose lines have timestamps of their own.
struct TimedSeries {
    private var numbers: [Labels: Int] = [:]
    private var labels: [Labels] = []

    /// The slot of a series with its number, which is a new one for a new series.
    mutating func slot(_ series: Labels) -> Slot? {
        if let number = numbers[series] { return Slot.timed(number) }
        numbers[series] = labels.count
        labels.append(series)
        return Slot.timed(labels.count - 1)
    }

    /// The series of these samples.
    func present(in samples: [BodyResult.TimedSample]) -> Set<Labels> { Set(samples.map { labels[$0.series] }) }

    /// Whether far more series are known than bodies have.
    func isOvergrown(current: Int) -> Bool { labels.count > 1000 + 4 * current }

    /// Stores samples by series; returns how many the store refused.
    func flush(_ samples: [BodyResult.TimedSample], to appender: any SampleAppender, now: Timestamp) -> Int {
        guard !samples.isEmpty else { return 0 }
        var bySeries: [Int: [BodyResult.TimedSample]] = [:]
        for sample in samples { bySeries[sample.series, default: []].append(sample) }
        let batch = bySeries.sorted { $0.key < $1.key }.map { number, samples in
            let inOrder = samples.sorted { $0.time < $1.time }
            return SeriesSamples(
                labels: labels[number], times: inOrder.map(\.time), values: inOrder.map { .float($0.value) })
        }
        return appender.append(batch, at: now).refused
    }
}
