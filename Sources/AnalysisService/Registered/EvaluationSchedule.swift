import Model

/// When a registered analysis is evaluated next, and as of when. Pure.
///
/// Scrapes decide: the first one that matters since the last evaluation makes the next one due, `settle` after the
/// time of its row, so that the rows of other targets scraped at that moment are stored too. Further scrapes until then
/// share it, and two evaluations are at least `period` apart. An evaluation that is due at a moment is as of `settle`
/// before it, which for a scrape in time is exactly the time of its row.
struct EvaluationSchedule: Sendable, Equatable {
    /// Least time between two evaluations.
    static let period: Milliseconds = 1000
    /// Time that a scrape is given to be stored before an evaluation as of its beginning.
    static let settle: Milliseconds = 100

    /// When the next evaluation is due; `nil` while no scrape asks for one.
    package private(set) var due: Timestamp?
    /// The time of the newest evaluation.
    package private(set) var last: Timestamp?

    /// A scrape that matters was stored at `now` in a row of `time`. Returns the due time if it is a new one.
    package mutating func scraped(_ time: Timestamp, now: Timestamp) -> Timestamp? {
        guard due == nil else { return nil }
        if let newest = last, ClockSetBack.shows(newest, now: now) { last = nil }
        var next = max(now, time.plusClamped(Self.settle))
        if let last { next = max(next, last.plusClamped(Self.period + Self.settle)) }
        due = next
        return next
    }

    /// Begins the evaluation that is due at `now` and returns the time as of which it is.
    package mutating func begin(now: Timestamp) -> Timestamp? {
        guard let due, due <= now else { return nil }
        self.due = nil
        let time = due.minusClamped(Self.settle)
        last = max(last ?? time, time)
        return time
    }

    /// Takes note of an evaluation that nobody scheduled.
    package mutating func evaluated(at time: Timestamp) { last = max(last ?? time, time) }
}
