import Model

/// Works out which time range is missing when frames of the head log are lost. What a lost frame held is not known, but
/// frames lie in the log in the order in which they were appended, with time frames between them.
struct LostFrames {
    /// The longest that a scrape takes: a row is appended at most so long after its time.
    static let scrapeTime: Milliseconds = 600_000
    /// The longest between reading the clock for a time frame and writing it: rows that are a little newer than the frame
    /// may lie before it.
    private static let heartbeatDelay: Milliseconds = 1_000

    /// Samples with times of their own may be that much older than the present when they are appended, and that much
    /// newer; `nil` as long as the log has no such samples.
    private(set) var seriesReach: (past: Milliseconds?, future: Milliseconds?)?
    /// The newest time that is known to have been the present so far.
    private(set) var newest = Timestamp.min
    /// The time of the log at this point: less than `newest` behind a clock that was set back.
    private var present = Timestamp.min
    /// Where the range of lost frames begins whose end is not known yet.
    private var open: Timestamp?
    /// What the present was where they were lost.
    private var lostAt = Timestamp.min

    /// The log has samples with times of their own, of which some may be among the frames that are lost.
    mutating func expectSeriesSamples(past: Milliseconds?, future: Milliseconds?) {
        if seriesReach != nil { return }
        seriesReach = (past, future)
        if let start = open { open = min(start, oldest(appendedAt: lostAt)) }
    }

    /// A row of this time was read.
    mutating func note(row time: Timestamp) {
        present = max(present, time)
        newest = max(newest, time)
    }

    /// Nothing that is appended from here on is older. `rows` is the least time of the newest rows of open groups, if
    /// there are any.
    func oldestNext(rows: Timestamp?) -> Timestamp {
        let bound = oldest(appendedAt: present)
        return seriesReach == nil ? rows.map { max($0, bound) } ?? bound : bound
    }

    /// The least time of what is appended at a time, `.min` when that is not known.
    private func oldest(appendedAt time: Timestamp) -> Timestamp {
        if time == .min { return .min }
        guard let seriesReach else { return time.minusClamped(Self.scrapeTime) }
        guard let past = seriesReach.past else { return .min }
        return time.minusClamped(max(past, Self.scrapeTime))
    }

    /// No row that was appended until here is newer.
    var end: Timestamp { newest.plusClamped(Self.heartbeatDelay) }

    /// Frames are missing whose samples are all newer than `time`.
    mutating func lose(after time: Timestamp) {
        if open == nil { lostAt = present }
        open = min(open ?? time, time)
    }

    /// The log says that it is `now`. Returns the range in which the samples of frames lost before lie.
    mutating func noteTime(_ now: Timestamp) -> TimeWindow? {
        // Frames that were lost around a jump of the clock may be of both times.
        if let start = open, now < present { open = min(start, oldest(appendedAt: now)) }
        let end = max(present, now)
        present = now
        newest = max(newest, now)
        return close(at: end)
    }

    /// The log is at its end.
    mutating func finish(now: Timestamp) -> TimeWindow? { close(at: max(now, newest)) }

    private mutating func close(at now: Timestamp) -> TimeWindow? {
        guard let start = open else { return nil }
        open = nil
        let end = now.plusClamped(Self.heartbeatDelay)
        guard let seriesReach else { return TimeWindow(after: start, through: end) }
        return TimeWindow(after: start, through: seriesReach.future.map { end.plusClamped($0) } ?? .max)
    }
}
