package import FlaggerAPI
package import Model

/// The rollout of one canary, as a pure function of what is known.
///
/// ``advance(_:_:now:)`` is total: it throws nothing, logs nothing, holds no clock and remembers nothing. What it
/// returns can be computed again from the same arguments, so a shell that dies anywhere derives the same plan when it
/// comes back. The order of one reconciliation is Flagger's, because its users know it: services, metrics providers,
/// primary, route, change detection, readiness, hooks, failed checks, analysis, weights, promotion.
package struct CanaryStateMachine: Sendable {
    /// The Canary whose rollout this is.
    package let canary: Canary
    /// How to deal with what Flagger does wrong.
    package let policy: RolloutPolicy
    /// How releases get their traffic; `nil` when they are promoted without an analysis.
    package let strategy: ReleaseStrategy?
    /// The router's kind; `nil` when neither the Canary nor the controller names one.
    let provider: String?
    let text: EventText

    /// The shortest reconcile interval, in milliseconds; smaller values are raised to it.
    package static let intervalMin: Milliseconds = 10_000

    /// The state machine of `canary`. Fails when the Canary asks for a way of releasing that there is not.
    /// `defaultProvider` is that of canaries that name none.
    package init(
        _ canary: Canary, policy: RolloutPolicy = .safe, defaultProvider: String? = nil
    ) throws(UnsupportedStrategy) {
        guard ["Deployment", "DaemonSet"].contains(canary.target.kind) else { throw .targetKind(canary.target.kind) }
        let provider = canary.provider ?? defaultProvider
        if let analysis = canary.analysis {
            strategy =
                canary.skipAnalysis
                ? try? ReleaseStrategy(analysis, provider: provider) : try ReleaseStrategy(analysis, provider: provider)
        } else {
            strategy = nil
        }
        self.canary = canary
        self.provider = provider
        self.policy = policy
        text = EventText(canary)
    }

    var schedule: TrafficSchedule? { strategy?.schedule }

    /// Whether a router carries the traffic.
    package var isRouted: Bool { strategy?.isRouted ?? (provider != ReleaseStrategy.unrouted) }

    /// Whether releases are promoted without an analysis.
    package var skipsAnalysis: Bool { canary.skipAnalysis || strategy == nil }

    /// The reconcile interval, in milliseconds.
    package var interval: Milliseconds {
        max(canary.analysis?.interval ?? 60_000, CanaryStateMachine.intervalMin)
    }

    /// The plan of the reconciliation at `now`, as far as the inputs in `observation` reach.
    ///
    /// Complexity: linear in the number of hooks.
    package func advance(_ status: CanaryStatus, _ observation: Observation, now: Timestamp) -> Transition {
        var plan = ReconcilePlan(machine: self, status: status, observation: observation, now: now)
        let reason = plan.run()
        return plan.finish(reason, requeueAfter: interval)
    }
}
