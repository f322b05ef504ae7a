package import Model

/// Why a check has no value to judge. The sentences are in `ReasonText`.
package enum InconclusiveReason: Sendable, Hashable {
    /// No target and no series carries the labels of the workload, or none any more since `lastSeen`.
    case noSuchWorkload(matchers: String, lastSeen: Timestamp? = nil)
    /// The workload's targets are known, and none of them can be scraped.
    case targetsDown([TargetFact])
    /// A selector has no series. `culprits` are the matchers without any one of which it would have some; empty when
    /// it takes several together.
    case noMatchingSeries(selector: String, culprits: [String])
    /// There are series, but a rate needs two samples of one; `most` is what the best of them has in the window.
    case fewerThanTwoSamples(selector: String, most: Int, window: Milliseconds)
    /// There are series, but none of their samples lies in the window: it is shorter than the time between two scrapes,
    /// or there are none around it for long. `before` is the newest sample ahead of the window, `after` the oldest one
    /// behind it, as far as it was looked for.
    case noSampleInWindow(
        selector: String, window: TimeWindow, before: Timestamp, after: Timestamp?, isBetweenScrapes: Bool)
    /// The store has no samples of that time at all. `first` and `last` are the ends of what it has, `nil` where a verdict
    /// must not depend on later data.
    case noData(first: Timestamp?, last: Timestamp?)
    /// The value is not a number: the counters that were read stood still, and a share of nothing is none.
    case noTraffic
    /// The value is not a number although something was counted, or no counters were read; `part` of the query made it
    /// so, out of `operands`, where that could be found out.
    case notANumber(part: String?, operands: String?)
    /// The query leaves out health probes and requests to the proxy's admin port, and there was nothing else.
    case onlyProbes(selector: String)
    /// There is a value, but it rests on fewer requests than were asked for.
    case tooFewRequests(counted: Double, wanted: Double)
    /// There are series with samples, but a filter or a match of the query's own left none.
    case nothingLeft
    /// The query gave no value, and nobody could say why (a remote engine that was asked no diagnostic queries).
    case noValue

    /// A few stable words, for people and programs.
    package var code: String {
        switch self {
        case .noSuchWorkload: "no such workload"
        case .targetsDown: "targets down"
        case .noMatchingSeries, .nothingLeft: "no matching series"
        case .noSampleInWindow(_, _, _, _, true): "fewer than two samples"
        case .fewerThanTwoSamples: "fewer than two samples"
        case .noSampleInWindow: "no data at that time"
        case .noData: "no data at that time"
        case .notANumber: "value is not a number"
        case .noTraffic, .onlyProbes: "no traffic"
        case .tooFewRequests: "too few requests"
        case .noValue: "no value"
        }
    }
}
