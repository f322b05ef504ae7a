import Model

/// Works out which time range is missing when frames of the head log are lost. What a lost frame held is not known, but
/// frames lie in the log in the order in which they were appended, with a mark of the present between them.
struct LostFrames {
    /// The longest that a scrape takes: a row is appended at most so long after its time.
    static let scrapeTime: Milliseconds = 600_000

    /// Samples with times of their own may be that much older than the present when they are appended, and that much
    /// newer; `nil` as long as the log has no such samples.
    var looseReach: (past: Milliseconds?, future: Milliseconds?)?
    /// The newest time that is known to have been the present so far.
    private(set) var present = Timestamp.min
    /// Where the range of lost frames begins whose end is not known yet.
    private var open: Timestamp?

    /// A row of this time was read.
    mutating func note(row time: Timestamp) { present = max(present, time) }

    /// Nothing that is appended from here on is older. `rows` is the least time of the newest rows of open groups, if
    /// there are any.
    func oldestNext(rows: Timestamp?) -> Timestamp {
        if present == .min { return .min }
        if let looseReach {
            guard let past = looseReach.past else { return .min }
            return present.addingClamped(-max(past, Self.scrapeTime))
        }
        let bound = present.addingClamped(-Self.scrapeTime)
        return rows.map { max($0, bound) } ?? bound
    }

    /// Frames are missing whose samples are all newer than `time`.
    mutating func lose(after time: Timestamp) { open = min(open ?? time, time) }

    /// The log says that it is `now`. Returns the range in which the samples of frames lost before lie.
    mutating func mark(_ now: Timestamp) -> TimeWindow? {
        present = max(present, now)
        return close(at: now)
    }

    /// The log is at its end.
    mutating func finish(now: Timestamp) -> TimeWindow? { close(at: max(now, present)) }

    private mutating func close(at now: Timestamp) -> TimeWindow? {
        guard let start = open else { return nil }
        open = nil
        guard let looseReach else { return TimeWindow(after: start, through: now) }
        return TimeWindow(after: start, through: looseReach.future.map { now.addingClamped($0) } ?? .max)
    }
}
