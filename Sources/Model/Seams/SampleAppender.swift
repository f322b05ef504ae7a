/// The seam between producers of samples and the store.
package protocol SampleAppender: Sendable {
    /// The group that takes the rows of one target; made when it is new. Asking again for the same key gives the
    /// same group.
    func openGroup(_ key: GroupKey) throws(AppendError) -> any GroupAppender

    /// Stores samples that come by series: explicit timestamps, remote write, test scripts. Samples of one series
    /// must rise in time. Samples that are refused are counted in the report; the others are stored.
    func append(_ batch: [SeriesSamples], at now: Timestamp) -> AppendReport
}

/// Takes the rows of one scrape target. One caller at a time per group; different groups may be used in parallel.
package protocol GroupAppender: AnyObject, Sendable {
    /// The column of a label set, made when it is new. Columns are numbered from 0 and stay for the group's life.
    func column(for labels: Labels) throws(AppendError) -> Int

    /// Stores one scrape. `row.time` must be later than the last row's.
    func append(_ row: borrowing SampleRow) throws(AppendError)

    /// Says that no more rows will come. What is stored stays until retention takes it.
    func close()
}

/// Which target a group belongs to.
package struct GroupKey: Hashable, Sendable {
    /// The scrape job.
    package var job: String
    /// The target among those of the job: its URL and labels.
    package var target: String

    /// A key.
    package init(job: String, target: String) {
        self.job = job
        self.target = target
    }

    /// Whether both have the same bytes: jobs of canonically equal names are two.
    package static func == (left: GroupKey, right: GroupKey) -> Bool {
        left.target.equalsByBytes(right.target) && left.job.equalsByBytes(right.job)
    }

    /// Hashes the bytes of both texts.
    package func hash(into hasher: inout Hasher) {
        ExactText(job).hash(into: &hasher)
        ExactText(target).hash(into: &hasher)
    }
}

/// One scrape of one target: a value per column, or none. Caller-owned and reused between scrapes.
package struct SampleRow: Sendable {
    /// When the scrape began.
    package var time: Timestamp
    /// How it ended.
    package var outcome: ScrapeOutcome
    /// A value per column; bits are kept as they are.
    package var values: [Double]
    /// One bit per column, set where the row has a sample.
    package var present: [UInt64]

    /// A row without samples for `columnCount` columns.
    package init(time: Timestamp, outcome: ScrapeOutcome = .ok, columnCount: Int = 0) {
        self.time = time
        self.outcome = outcome
        values = Array(repeating: 0, count: columnCount)
        present = Array(repeating: 0, count: (columnCount + 63) >> 6)
    }

    /// Number of columns the row has room for.
    package var columnCount: Int { values.count }

    /// Starts the next row: no samples, room for `columnCount` columns.
    package mutating func reset(time: Timestamp, outcome: ScrapeOutcome = .ok, columnCount: Int) {
        self.time = time
        self.outcome = outcome
        if values.count != columnCount {
            values = Array(repeating: 0, count: columnCount)
            present = Array(repeating: 0, count: (columnCount + 63) >> 6)
        } else {
            for word in present.indices { present[word] = 0 }
        }
    }

    /// Makes room for more columns, keeping what is there.
    package mutating func grow(columnCount: Int) {
        guard columnCount > values.count else { return }
        values += repeatElement(0, count: columnCount - values.count)
        let words = (columnCount + 63) >> 6
        if words > present.count { present += repeatElement(0, count: words - present.count) }
    }

    /// Sets the value of a column.
    package mutating func set(_ column: Int, to value: Double) {
        values[column] = value
        present[column >> 6] |= 1 << UInt64(column & 63)
    }

    /// Whether the column has a sample.
    package func has(_ column: Int) -> Bool {
        column >> 6 < present.count && present[column >> 6] & (1 << UInt64(column & 63)) != 0
    }
}

/// Samples of one series with times of their own.
package struct SeriesSamples: Sendable {
    /// Which series.
    package var labels: Labels
    /// Rising times.
    package var times: [Timestamp]
    /// A value per time.
    package var values: [SampleValue]
    /// A start time per sample (0 for unknown), or empty.
    package var startTimes: [Timestamp]

    /// Samples of one series.
    package init(labels: Labels, times: [Timestamp], values: [SampleValue], startTimes: [Timestamp] = []) {
        self.labels = labels
        self.times = times
        self.values = values
        self.startTimes = startTimes
    }
}

/// What became of a batch.
package struct AppendReport: Sendable, Equatable {
    /// Samples stored, exact repetitions of a stored sample included.
    package var appended = 0
    /// Samples older than what the store still takes.
    package var tooOld = 0
    /// Samples at a stored time with another value.
    package var duplicate = 0
    /// Samples too far in the future.
    package var tooFarAhead = 0
    /// Samples refused by a limit.
    package var limited = 0
    /// The first refusal, in words.
    package var firstError: String?

    /// Nothing yet.
    package init() {}

    /// Samples that were not stored.
    package var refused: Int { tooOld + duplicate + tooFarAhead + limited }
}

/// Why the store refused a row, a column or a group.
package enum AppendError: Error, Sendable, Equatable {
    /// The row is not later than the newest one of its group.
    case outOfOrder(time: Timestamp, newest: Timestamp)
    /// A limit was reached.
    case limitExceeded(what: String, limit: Int)
    /// The labels can't name a series.
    case invalidLabels(String)
    /// The group was closed, or its database.
    case closed
    /// Writing failed below the store.
    case io(doing: String, reason: String)
}

extension AppendError {
    /// What is exceeded when a target has more series than one may have.
    package static let seriesPerTarget = "series per target"
}

extension AppendError: CustomStringConvertible {
    /// One sentence for the user.
    package var description: String {
        switch self {
        case .outOfOrder(let time, let newest): "row at \(time) ms is not later than the newest one at \(newest) ms"
        case .limitExceeded(let what, let limit): "the limit of \(limit) \(what) is reached"
        case .invalidLabels(let reason): "invalid labels: \(reason)"
        case .closed: "the group is closed"
        case .io(let doing, let reason): "\(doing) failed: \(reason)"
        }
    }
}
