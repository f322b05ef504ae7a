internal import Model

/// Lets a target rest that can't be reached, so that many dead ones cost little. Pure.
///
/// Nothing changes for the first failures, as pods that start are soon there. From then on 1, 2, 4, ... scrapes are left
/// out after each failed one. Each of them is stored as failed, too.
struct BackOff {
    /// Scrapes that fail in a row before any is left out.
    static let failuresBefore = 10
    /// The longest time between two attempts; intervals beyond it are never stretched.
    static let restMax: Milliseconds = 15_000

    private let restsMax: Int
    private var failures = 0
    private var rests = 0

    /// For a target that is scraped so often.
    init(interval: Milliseconds) { restsMax = Int(Self.restMax / max(1, interval)) - 1 }

    /// Whether the scrape that is due is to be made.
    mutating func takesTurn() -> Bool {
        guard rests > 0 else { return true }
        rests -= 1
        return false
    }

    /// Takes in how a scrape ended.
    mutating func note(_ outcome: ScrapeOutcome) {
        rests = 0
        switch outcome {
        case .connectionFailed, .timedOut, .tlsFailed: failures += 1
        default: failures = 0
        }
        guard failures >= Self.failuresBefore, restsMax > 0 else { return }
        rests = min(restsMax, 1 << min(failures - Self.failuresBefore, 30))
    }
}
