import FlaggerAPI
import Model
import Rollout
import Simulator
import TestSupport
import Testing

/// A rollout under a user, a cluster and a controller that all misbehave: images come and go, pods fail, hooks and
/// checks say this and that, configurations change, and the controller dies in the middle of ticks.
struct RolloutSimulation {
    private static let start: Timestamp = 1_800_000_000_000

    private(set) var cluster: ClusterModel
    private var random: SeededGenerator
    private var tick = 0
    private(set) var complaints: [String] = []

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        var world = RandomWorld(random: SeededGenerator(seed: seed ^ 0xABCD))
        var canary = world.canary()
        canary.suspend = false
        canary.skipAnalysis = seed % 7 == 0
        canary.analysis?.canaryReadyThreshold = 100
        let step = canary.analysis?.stepWeight ?? 0
        canary.analysis?.stepWeight = max(step, 10)
        canary.progressDeadlineSeconds = 45
        cluster = ClusterModel(canary: canary, now: Self.start)
        cluster.create(
            deployment: "podinfo", template: TemplateModel(image: "v0"), replicas: 2, matchLabels: ["app": "podinfo"])
        cluster.advance(to: Self.start + 5_000)
    }

    private var now: Timestamp { Self.start + 10_000 + Timestamp(tick) * 10_000 }

    /// One tick. In quiet times every answer is yes and nobody dies.
    mutating func step(quiet: Bool) throws {
        cluster.advance(to: now)
        let machine = try CanaryStateMachine(cluster.canary)
        let before = cluster.status
        let primaryBefore = cluster.deployments[cluster.primaryName]?.template
        var observation = cluster.observe()
        var performed = 0
        let lifetime = quiet || random.chance(85) ? Int.max : Int.random(in: 0...6, using: &random)
        planning: while true {
            let plan = machine.advance(before, observation, now: now)
            for action in plan.actions.dropFirst(performed) {
                guard performed < lifetime else { break planning }
                performed += 1
                try? cluster.perform(action)
                check(action, machine, observation)
            }
            guard let pending = plan.pending else { break }
            provide(pending, &observation.inputs, quiet: quiet)
        }
        if before.phase != cluster.status.phase, !before.phase.successors.contains(cluster.status.phase) {
            complain("phase went from \(before.phase) to \(cluster.status.phase)")
        }
        checkTraffic()
        if let primaryBefore, cluster.deployments[cluster.primaryName]?.template != primaryBefore,
            !machine.skipsAnalysis, !before.phase.isBeforeFirstRelease, observation.inputs.checks?.passed != true
        {
            complain("the primary got a template without a passed check")
        }
        cluster.advance(to: now + 5_000)
        if !quiet { disturb() }
        tick += 1
    }

    private mutating func provide(_ pending: PendingInput, _ inputs: inout ReconcileInputs, quiet: Bool) {
        switch pending {
        case .providerCheck: inputs.providers = .available
        case .checks: inputs.checks = quiet || random.chance(80) ? .passed : .failed("Halt")
        case .hook(let call):
            let hook = cluster.canary.analysis?.webhooks[call.index]
            if hook?.kind == .rollback {
                inputs.hooks[call.index] = !quiet && random.chance(5) ? .passed : .failed("no")
            } else {
                inputs.hooks[call.index] = quiet || random.chance(85) ? .passed : .failed("no")
            }
        }
    }

    private mutating func check(_ action: Action, _ machine: CanaryStateMachine, _ observation: Observation) {
        if case .route(let intent) = action, intent.weights.canary > 0,
            cluster.deployments["podinfo"]?.replicas == 0
        {
            complain("traffic goes to a canary without pods")
        }
    }

    private mutating func checkTraffic() {
        guard let weights = cluster.route?.weights else { return }
        if weights.canary > 0, cluster.deployments["podinfo"]?.replicas == 0 {
            complain("the canary gets traffic at zero")
        }
        if weights.primary > 0, (cluster.deployments[cluster.primaryName]?.replicas ?? 0) == 0 {
            complain("the primary gets traffic at zero")
        }
    }

    private mutating func disturb() {
        switch Int.random(in: 0..<20, using: &random) {
        case 0, 1: cluster.setImage("v\(Int.random(in: 0...5, using: &random))", of: "podinfo")
        case 2: cluster.setImage("v9-never-ready", of: "podinfo")
        case 3: cluster.hold(unready: true, oldest: 1, of: "podinfo-primary")
        case 4, 5: cluster.hold(unready: false, oldest: 5, of: "podinfo-primary")
        case 6: cluster.configs = ["configmap/x": "\(Int.random(in: 0...2, using: &random))"]
        case 7: cluster.canary.suspend = true
        case 8, 9: cluster.canary.suspend = false
        case 10: cluster.edit { $0?.shape.foreign = ["x"] }
        default: break
        }
    }

    /// Everything works again, and a new image comes.
    mutating func calmDown() {
        cluster.canary.suspend = false
        cluster.hold(unready: false, oldest: 10, of: "podinfo-primary")
        cluster.setImage("final", of: "podinfo")
    }

    private mutating func complain(_ text: String) { complaints.append("tick \(tick): \(text)") }
}

@Suite("Simulated rollouts under fire")
struct RolloutSimulationTests {
    @Test(
        "Nothing forbidden ever happens, and when peace returns the newest image is released",
        arguments: 0..<150 as Range<UInt64>)
    func survives(_ seed: UInt64) throws {
        var simulation = RolloutSimulation(seed: seed)
        for _ in 0..<150 { try simulation.step(quiet: false) }
        #expect(simulation.complaints.isEmpty, "seed \(seed)")
        simulation.calmDown()
        for _ in 0..<250 { try simulation.step(quiet: true) }
        #expect(simulation.complaints.isEmpty, "seed \(seed)")
        #expect(simulation.cluster.status.phase == .succeeded, "seed \(seed)")
        #expect(simulation.cluster.deployments["podinfo-primary"]?.template.image == "final", "seed \(seed)")
        #expect(simulation.cluster.route.map { $0.weights == .allToPrimary } ?? true, "seed \(seed)")
    }
}
