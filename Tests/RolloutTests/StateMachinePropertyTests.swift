import FlaggerAPI
import Model
import Rollout
import TestSupport
import Testing

/// Anything that could be true of a Canary and a cluster, whether or not it makes sense together.
struct RandomWorld {
    var random: SeededGenerator
    let now: Timestamp = 1_800_000_000_000

    mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    mutating func canary() -> Canary {
        var analysis = CanaryAnalysis()
        analysis.threshold = int(-1...4)
        analysis.maxWeight = int(-5...120)
        analysis.stepWeight = random.chance(70) ? int(1...60) : 0
        analysis.stepWeights = (0..<int(1...4)).map { _ in int(-10...130) }
        analysis.stepWeightPromotion = random.chance(50) ? int(-5...120) : 0
        analysis.canaryReadyThreshold = int(0...100)
        if random.chance(30) { analysis.iterations = int(1...4) }
        if random.chance(30) { analysis.match = [MatchCondition()] }
        analysis.mirror = random.chance(20)
        if random.chance(20) {
            analysis.sessionAffinity = SessionAffinity(cookieName: "c")
            analysis.sessionAffinity?.primaryCookieName = random.chance(50) ? "p" : nil
        }
        for kind in CanaryWebhook.Kind.allCases where random.chance(40) {
            for number in 0..<int(1...2) {
                var hook = CanaryWebhook(name: "\(kind.rawValue)-\(number)", url: "http://x/")
                hook.kind = kind
                analysis.webhooks.append(hook)
            }
        }
        analysis.webhooks.shuffle(using: &random)
        var canary = Canary(
            reference: ObjectReference(name: "podinfo", namespace: "test"),
            target: WorkloadReference(apiVersion: "apps/v1", kind: "Deployment", name: "podinfo"),
            service: CanaryService(port: 80), analysis: random.chance(90) ? analysis : nil)
        if random.chance(10) { canary.target.kind = "DaemonSet" }
        if random.chance(10) { canary.provider = "kubernetes" }
        canary.skipAnalysis = random.chance(15)
        canary.suspend = random.chance(5)
        canary.progressDeadlineSeconds = int(-10...1_000)
        return canary
    }

    mutating func hash() -> String { ["x1-a", "x1-b", "x1-c"][int(0...2)] }

    /// A hash as it may stand in a status; some are Flagger's.
    mutating func storedHash() -> String { random.chance(90) ? hash() : "6f9c8d7b5" }

    mutating func status() -> CanaryStatus {
        var status = CanaryStatus()
        status.phase = CanaryPhase.allCases.randomElement(using: &random) ?? .unknown
        status.failedChecks = random.chance(3) ? .max : int(-1...5)
        status.canaryWeight = int(0...100)
        status.iterations = int(-1...6)
        status.lastAppliedSpec = random.chance(90) ? storedHash() : nil
        status.lastPromotedSpec = random.chance(90) ? storedHash() : nil
        status.trackedConfigs = random.chance(80) ? [:] : ["configmap/x": hash()]
        return status
    }

    mutating func workload() -> WorkloadFacts {
        var facts = WorkloadFacts(templateHash: hash(), settledReplicas: int(0...3))
        if random.chance(20) { facts.availableReplicas = int(0...3) }
        if random.chance(10) { facts.updatedReplicas = int(0...3) }
        if random.chance(10) { facts.generation = 2 }
        let reason = random.chance(20) ? "ProgressDeadlineExceeded" : "ReplicaSetUpdated"
        facts.conditions = [
            WorkloadCondition(type: "Progressing", isTrue: true, reason: reason, lastUpdateTime: now),
            WorkloadCondition(
                type: "Available", isTrue: random.chance(50), reason: "MinimumReplicasUnavailable",
                lastUpdateTime: random.chance(5) ? .max : now - Int64(int(0...2_000_000))),
        ]
        return facts
    }

    mutating func state() -> ObjectState { [.asWanted, .asWanted, .asWanted, .differs, .missing][int(0...4)] }

    mutating func observation() -> Observation {
        var observation = Observation(
            target: random.chance(95) ? .found(workload()) : .unusable("gone"),
            primary: random.chance(90) ? workload() : nil,
            services: ServiceFacts(canary: state(), primary: state(), apex: state()),
            route: RouteFacts(
                state: state(),
                reading: random.chance(95) ? .weights(TrafficWeights(canary: int(-20...120))) : .unreadable("no")))
        observation.trackedConfigs = random.chance(80) ? [:] : ["configmap/x": hash()]
        return observation
    }

    mutating func provide(_ pending: PendingInput, _ inputs: inout ReconcileInputs) {
        switch pending {
        case .providerCheck: inputs.providers = random.chance(50) ? .available : .unavailable("x")
        case .checks: inputs.checks = random.chance(70) ? .passed : .failed("Halt")
        case .hook(let call): inputs.hooks[call.index] = random.chance(70) ? .passed : .failed("no")
        }
    }
}

@Suite("Invariants of the rollout state machine")
struct StateMachinePropertyTests {
    @Test("Whatever is observed, no plan breaks a rule", arguments: 0..<20 as Range<UInt64>)
    func random(_ seed: UInt64) throws {
        var world = RandomWorld(random: SeededGenerator(seed: seed))
        var played = 0
        for round in 0..<500 {
            let canary = world.canary()
            let policy: RolloutPolicy = round % 2 == 0 ? .safe : .flaggerExact
            guard let machine = try? CanaryStateMachine(canary, policy: policy) else { continue }
            played += 1
            let status = world.status()
            var observation = world.observation()
            var earlier: [Action] = []
            while true {
                let plan = machine.advance(status, observation, now: world.now)
                #expect(plan == machine.advance(status, observation, now: world.now), "seed \(seed) round \(round)")
                #expect(plan.actions.starts(with: earlier), "seed \(seed) round \(round): the plan's beginning changed")
                earlier = plan.actions
                guard let pending = plan.pending else {
                    try check(plan, canary, machine, status, observation, "seed \(seed) round \(round)")
                    break
                }
                #expect(plan.status == status)
                world.provide(pending, &observation.inputs)
            }
        }
        #expect(played > 250, "seed \(seed): only \(played) of 500 Canaries have a state machine")
    }

    private func check(
        _ plan: Transition, _ canary: Canary, _ machine: CanaryStateMachine, _ before: CanaryStatus,
        _ observation: Observation, _ context: Comment
    ) throws {
        let after = plan.status
        #expect(after.phase == before.phase || before.phase.successors.contains(after.phase), context)
        #expect((0...100).contains(after.canaryWeight), context)
        let writes = plan.actions.indices.filter { if case .writeStatus = plan.actions[$0] { true } else { false } }
        // Flagger to the letter also writes in the middle, in phase Failed.
        let early = machine.policy == .flaggerExact && before.phase == .failed
        if let last = writes.last, !early { #expect(last == plan.actions.count - 1, context) }
        if !early { #expect(after.sameButTimes(as: before) == writes.isEmpty && writes.count <= 1, context) }
        if after.condition != before.condition { #expect(after.condition?.reason == after.phase.rawValue, context) }
        if machine.isRouted { checkTraffic(plan, before, observation, context) }
        let promotes = plan.actions.contains { if case .promote = $0 { true } else { false } }
        if promotes, !machine.skipsAnalysis { checkPromotion(canary, machine, before, observation, context) }
    }

    /// The target never goes to zero while the route sends traffic to it.
    private func checkTraffic(
        _ plan: Transition, _ before: CanaryStatus, _ observation: Observation, _ context: Comment
    ) {
        var weights = observation.route.reading
        for action in plan.actions {
            switch action {
            case .route(let intent):
                let new = intent.weights
                #expect((0...100).contains(new.canary) && new.canary + new.primary == 100, context)
                weights = .weights(new)
            case .applyRoute: weights = .weights(.allToPrimary)
            case .scaleTarget(to: 0) where !before.phase.isBeforeFirstRelease && before.phase != .finalising:
                #expect(weights == .weights(.allToPrimary), context)
            default: break
            }
        }
    }

    /// A promotion needs everything that was asked for.
    private func checkPromotion(
        _ canary: Canary, _ machine: CanaryStateMachine, _ before: CanaryStatus, _ observation: Observation,
        _ context: Comment
    ) {
        let isWeighted = machine.strategy?.schedule != nil
        #expect(before.phase.isAnalysed, context)
        #expect(before.failedChecks < max(canary.analysis?.threshold ?? 1, 1), context)
        #expect(observation.inputs.checks?.passed == true, context)
        for (index, hook) in (canary.analysis?.webhooks ?? []).enumerated() {
            let passed = observation.inputs.hooks[index]?.passed
            switch hook.kind {
            case .rollout, .confirmPromotion: #expect(passed == true, context)
            case .confirmTrafficIncrease where before.phase == .progressing && isWeighted:
                #expect(passed == true, context)
            case .rollback: #expect(passed == false, context)
            default: break
            }
        }
    }
}
