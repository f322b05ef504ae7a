package import Model

/// The times at which a target is scraped: a grid of its interval, shifted by an offset that is a hash of the target. So
/// targets spread over the interval, and each keeps its times over restarts. Pure.
package struct ScrapeSchedule: Sendable, Equatable {
    /// Time between scrapes.
    package let interval: Milliseconds
    /// The grid's shift, 0 ..< interval.
    package let offset: Milliseconds

    /// The schedule of a target. `seed` separates servers that scrape the same targets.
    package init(interval: Milliseconds, key: GroupKey, seed: UInt64 = 0) {
        self.interval = max(interval, 1)
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ seed
        for byte in (key.job + "\u{0}" + key.target).utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        // FNV's low bits are weak for short differences; the fold brings the high ones in.
        offset = Milliseconds((hash ^ (hash >> 32)) % UInt64(max(interval, 1)))
    }

    /// The first grid time after `time`.
    package func next(after time: Timestamp) -> Timestamp {
        let (rest, overflow) = time.subtractingReportingOverflow(offset)
        guard !overflow else { return time }
        var past = rest % interval
        if past < 0 { past += interval }
        return time.addingReportingOverflow(interval - past).partialValue
    }

    /// The time a scrape's samples get: the grid time when the scrape began within min(2 ms, interval/100) of it,
    /// so that equal steps compress and line up; otherwise when it began.
    package func sampleTime(began: Timestamp) -> Timestamp {
        let tolerance = min(2, interval / 100)
        let later = next(after: began - 1)
        if later - began <= tolerance { return later }
        return began - (later - interval) <= tolerance ? later - interval : began
    }
}
