internal import Model
package import NIOCore

/// How the wall clock of the scraper relates to real time.
///
/// Intervals, timeouts and timestamps are nominal: they count on the `WallClock`, which in demonstrations may run many
/// times faster than real time. Sockets don't: so a fetch may take `timeout / speed` of real time, but at least
/// `timeoutFloor`, and a real duration counts `speed` times as long in `scrape_duration_seconds`.
package struct ScrapePace: Sendable {
    /// Nominal time per real time; 1 for the system clock. Above 0.
    package var speed: Double
    /// The least real time a fetch gets.
    package var timeoutFloor: TimeAmount

    /// A pace; the default is real time.
    package init(speed: Double = 1, timeoutFloor: TimeAmount = .milliseconds(1)) {
        self.speed = speed > 0 ? speed : 1
        self.timeoutFloor = timeoutFloor
    }

    /// Real time for a nominal timeout.
    func realTime(_ nominal: Milliseconds) -> TimeAmount {
        let nanoseconds = min(Double(nominal) * 1e6 / speed, 1e18)
        return max(timeoutFloor, .nanoseconds(Int64(nanoseconds)))
    }

    /// Nominal seconds of a real duration, in whole microseconds: the digits behind them say nothing, and would be a
    /// tenth of what a target's samples take on disk.
    func nominalSeconds(_ real: Duration) -> Double { (real / .microseconds(1) * speed).rounded() / 1e6 }
}
