package import FlaggerAPI

/// The share of traffic of the two backends, in percent; together always 100.
package struct TrafficWeights: Sendable, Hashable {
    /// Share of the canary, 0...100.
    package let canary: Int
    /// Share of the primary.
    package var primary: Int { 100 - canary }

    /// Weights with a canary share, clamped to 0...100.
    package init(canary: Int) { self.canary = min(max(canary, 0), 100) }

    /// Nothing goes to the canary.
    package static let allToPrimary = TrafficWeights(canary: 0)
    /// Nothing goes to the primary.
    package static let allToCanary = TrafficWeights(canary: 100)
}

/// The traffic that a router is to give to the sides of a Canary's service. A setting that is absent has the router's default.
///
/// Two users: the simulated cluster's route today, and the routers of the controller (HTTPRoute, TrafficSplit) later.
package struct TrafficIntent: Sendable, Hashable {
    /// The shares of the two backends.
    package var weights: TrafficWeights
    /// Requests that meet one of these conditions go to the canary, whatever the weights; empty for none.
    package var match: [MatchCondition] = []
    /// Percent of the requests that are copied to the canary, whose answers nobody sees; `nil` for none.
    package var mirror: Int?
    /// The cookies by which clients stay with a backend; `nil` when they needn't.
    package var cookies: AffinityCookies?

    /// Weights alone.
    package init(_ weights: TrafficWeights) { self.weights = weights }

    /// Everything goes to the primary.
    package static let allToPrimary = TrafficIntent(.allToPrimary)

}
