package import FlaggerAPI
package import Model
package import Rollout

/// One reconciliation of one Canary: observe, let the state machine plan, provide its inputs, perform its actions in order.
///
/// The reconciler keeps nothing between two reconciliations, so it may be stopped anywhere and another one may go on.
package struct Reconciler: Sendable {
    private let cluster: any RolloutCluster
    private let hooks: any WebhookClient
    private let checks: any CheckRunner
    private let events: any EventSink
    private let clock: any WallClock
    private let policy: RolloutPolicy
    private let defaultProvider: String?

    /// A reconciliation needs at most so many inputs: every hook once, the providers and the checks, with room to spare.
    private static let inputsMax = 1_000

    /// A reconciler over these seams.
    package init(
        cluster: any RolloutCluster, hooks: any WebhookClient, checks: any CheckRunner, events: any EventSink,
        clock: any WallClock, policy: RolloutPolicy = .safe, defaultProvider: String? = nil
    ) {
        self.cluster = cluster
        self.hooks = hooks
        self.checks = checks
        self.events = events
        self.clock = clock
        self.policy = policy
        self.defaultProvider = defaultProvider
    }

    /// Reconciles until the task is cancelled or `body`, which sees every result, returns false. The interval is counted
    /// from the beginning of a reconciliation; an overlong one delays the next, and none is made up for.
    package func run(_ reference: ObjectReference, body: (ReconcileResult) async -> Bool) async throws {
        while true {
            let start = clock.now()
            let outcome = await reconcile(reference)
            guard await body(outcome) else { return }
            try await clock.sleep(until: start + outcome.requeueAfter)
        }
    }

    /// One reconciliation.
    package func reconcile(_ reference: ObjectReference) async -> ReconcileResult {
        let now = clock.now()
        let object: CanaryObject
        do {
            guard let found = try await cluster.fetch(reference) else { return .gone }
            object = found
        } catch {
            return .failed(error)
        }
        let machine: CanaryStateMachine
        do {
            machine = try CanaryStateMachine(object.canary, policy: policy, defaultProvider: defaultProvider)
        } catch {
            await warn(error.description, object, at: now)
            return .unsupported(error)
        }
        do {
            let observation = try await cluster.observe(object.canary)
            return .planned(try await carryOut(machine, object, observation, at: now))
        } catch {
            await warn(error.description, object, at: now)
            return .failed(error)
        }
    }

    /// Performs the plan as it unfolds, input by input.
    private func carryOut(
        _ machine: CanaryStateMachine, _ object: CanaryObject, _ first: Observation, at now: Timestamp
    ) async throws(ClusterFailure) -> Transition {
        var observation = first
        var transition = machine.advance(object.status, observation, now: now)
        var performed = 0
        for _ in 0..<Reconciler.inputsMax {
            for action in transition.actions.dropFirst(performed) { try await perform(action, object, at: now) }
            performed = transition.actions.count
            guard let pending = transition.pending else { break }
            await provide(pending, object.canary, &observation.inputs, at: now)
            transition = machine.advance(object.status, observation, now: now)
        }
        return transition
    }

    private func provide(
        _ pending: PendingInput, _ canary: Canary, _ inputs: inout ReconcileInputs, at now: Timestamp
    ) async {
        switch pending {
        case .providerCheck: inputs.providers = await checks.checkProviders(canary)
        case .checks: inputs.checks = await checks.check(canary, at: now)
        case .hook(let call):
            guard let list = canary.analysis?.webhooks, list.indices.contains(call.index) else {
                inputs.hooks[call.index] = .failed("webhook \(call.index) does not exist")
                return
            }
            let hook = list[call.index]
            let payload = HookPayload(
                canary: canary.reference, phase: call.phase, revision: call.revision, metadata: hook.metadata)
            inputs.hooks[call.index] = await hooks.call(hook, payload)
        }
    }

    private func perform(_ action: Action, _ object: CanaryObject, at now: Timestamp) async throws(ClusterFailure) {
        switch action {
        case .event(let event): await announce(event, object.canary, at: now)
        case .alert(let alert): await events.send(alert, about: object.canary, at: now)
        default: try await cluster.perform(action, for: object.canary)
        }
    }

    private func warn(_ text: String, _ object: CanaryObject, at now: Timestamp) async {
        let event = RolloutEvent(
            .warning, text, phase: object.status.phase, revision: object.status.revision)
        await announce(event, object.canary, at: now)
    }

    /// Records an event and calls every event hook with it; the answers change nothing.
    private func announce(_ event: RolloutEvent, _ canary: Canary, at now: Timestamp) async {
        await events.record(event, on: canary.reference, at: now)
        for hook in canary.analysis?.webhooks ?? [] where hook.kind == .event {
            var metadata = hook.metadata
            metadata["eventMessage"] = event.text
            metadata["eventType"] = event.kind.rawValue
            metadata["timestamp"] = "\(now)"
            let payload = HookPayload(
                canary: canary.reference, phase: event.phase, revision: event.revision, metadata: metadata)
            _ = await hooks.call(hook, payload)
        }
    }
}

/// How a reconciliation went.
package enum ReconcileResult: Sendable, Hashable {
    /// The plan was carried out whole.
    case planned(Transition)
    /// The cluster refused something; the rest of the plan was left, and the next reconciliation plans anew.
    case failed(ClusterFailure)
    /// The Canary asks for what is not built.
    case unsupported(UnsupportedStrategy)
    /// There is no such Canary.
    case gone

    /// When to reconcile again, in milliseconds after the beginning of this reconciliation.
    package var requeueAfter: Milliseconds {
        if case .planned(let transition) = self { return transition.requeueAfter }
        return CanaryStateMachine.intervalMin
    }
}
