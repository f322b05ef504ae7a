import Controller
import FlaggerAPI
import Model
import Rollout
import Simulator
import Testing

/// A demo scenario on a hand-driven clock, with checks that look into the ledger.
struct RolloutRun {
    let scenario: DemoScenario
    let clock: ManualClock
    let fleet: ProxyFleet
    let cluster: InMemoryCluster
    let sink = RecordingSink()
    let hooks = ScriptedHooks()

    init(_ scenario: DemoScenario) {
        self.scenario = scenario
        clock = ManualClock(at: DemoScenario.start)
        fleet = scenario.makeFleet(clock: clock)
        cluster = scenario.makeCluster(clock: clock, fleet: fleet)
    }

    /// Ticks each interval, with the stimuli between, until `done` or the scenario's limit. `eachTick` is told what came of
    /// each tick.
    func play(
        over seam: (any RolloutCluster)? = nil, checks: (any CheckRunner)? = nil, until done: Set<CanaryPhase>,
        eachTick: (ReconcileResult) async -> Void = { _ in }
    ) async throws -> CanaryStatus {
        let reconciler = Reconciler(
            cluster: seam ?? cluster, hooks: hooks, checks: checks ?? LedgerChecks(fleet: fleet), events: sink,
            clock: clock)
        var stimuli = scenario.stimuli[...]
        while clock.now() < DemoScenario.start + scenario.limit {
            let outcome = await reconciler.reconcile(scenario.canary.reference)
            await eachTick(outcome)
            let status = await cluster.snapshot.status
            if done.contains(status.phase), stimuli.isEmpty { return status }
            let next = clock.now() + (scenario.canary.analysis?.interval ?? 10_000)
            while let stimulus = stimuli.first, DemoScenario.start + stimulus.after <= next {
                clock.advance(to: DemoScenario.start + stimulus.after)
                await scenario.apply(stimulus, to: cluster, fleet, at: clock.now())
                stimuli = stimuli.dropFirst()
            }
            clock.advance(to: next)
        }
        return await cluster.snapshot.status
    }
}
