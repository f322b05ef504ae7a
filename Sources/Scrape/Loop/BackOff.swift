internal import Model

/// Exponential back-off for an unreachable target, so that many dead targets cost little. Pure.
///
/// The first 10 failures in a row change nothing, as pods that start are soon reachable. From then on 1, 2, 4, ... scrapes are
/// left out after each failed one, up to one attempt in 15 s. A scrape that is left out is stored as failed, too.
struct BackOff {
    /// Scrapes that fail in a row before any is left out.
    static let failuresBefore = 10
    /// The longest time between two attempts. Targets with a longer interval are never skipped.
    static let pauseMax: Milliseconds = 15_000

    private let skipsMax: Int
    private var failures = 0
    private var skips = 0

    /// The back-off of a target with this scrape interval.
    init(interval: Milliseconds) { skipsMax = Int(Self.pauseMax / max(1, interval)) - 1 }

    /// Whether the scrape that is due is to be made; counts it as left out otherwise.
    mutating func takesTurn() -> Bool {
        guard skips > 0 else { return true }
        skips -= 1
        return false
    }

    /// Notes how a scrape ended.
    mutating func note(_ outcome: ScrapeOutcome) {
        skips = 0
        switch outcome {
        case .connectionFailed, .timedOut, .tlsFailed: failures += 1
        default: failures = 0
        }
        guard failures >= Self.failuresBefore, skipsMax > 0 else { return }
        skips = min(skipsMax, 1 << min(failures - Self.failuresBefore, 30))
    }
}
