package import FlaggerAPI

/// How a release gets its traffic.
///
/// Two users: Flagger's Canaries today, and the canary and blue/green steps of Argo Rollouts later.
package enum ReleaseStrategy: Sendable, Hashable {
    /// The canary's share of traffic grows in steps. `mirror` is the percentage of requests that are copied to the canary
    /// before its first step, `nil` for none.
    case weighted(TrafficSchedule, mirror: Int?)
    /// A/B testing: requests that meet one of the conditions of `match` go to the canary for `count` rounds of checks.
    case iterations(count: Int, match: [MatchCondition])
    /// Blue/green: the canary gets no traffic, or a copy of `mirror` percent of it, for `count` rounds of checks, then all. Not
    /// `isRouted` where plain Services carry the traffic: then nothing is written to a route.
    case blueGreen(count: Int, mirror: Int?, isRouted: Bool)

    /// Rounds of checks where a Canary of the provider `kubernetes` names none.
    static let unroutedCount = 10

    /// The strategy of an analysis behind a router of kind `provider`. Fails when a weighted analysis names no step.
    package init(_ analysis: CanaryAnalysis, provider: String?) throws(UnsupportedStrategy) {
        let mirror = analysis.mirror ? analysis.mirrorWeight : nil
        if provider == ReleaseStrategy.unrouted {
            let count = analysis.iterations < 1 ? ReleaseStrategy.unroutedCount : analysis.iterations
            self = .blueGreen(count: count, mirror: nil, isRouted: false)
        } else if analysis.iterations <= 0 {
            self = .weighted(try TrafficSchedule(analysis), mirror: mirror)
        } else if analysis.match.isEmpty {
            self = .blueGreen(count: analysis.iterations, mirror: mirror, isRouted: true)
        } else {
            self = .iterations(count: analysis.iterations, match: analysis.match)
        }
    }

    /// The provider that has no router: plain Services switch all traffic at once.
    static let unrouted = "kubernetes"

    /// The steps of a weighted release, `nil` for the others.
    package var schedule: TrafficSchedule? {
        if case .weighted(let schedule, _) = self { return schedule }
        return nil
    }

    /// Rounds of checks before the promotion; 0 for a weighted release.
    package var iterations: Int {
        switch self {
        case .weighted: 0
        case .iterations(let count, _), .blueGreen(let count, _, _): count
        }
    }

    /// Whether a router carries the traffic.
    package var isRouted: Bool {
        if case .blueGreen(_, _, let isRouted) = self { return isRouted }
        return true
    }
}
