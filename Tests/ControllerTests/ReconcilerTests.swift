import Controller
import FlaggerAPI
import Model
import Rollout
import Simulator
import Testing

@Suite("The reconciler")
struct ReconcilerTests {
    @Test("A good revision is promoted, and the traffic follows the weights")
    func promotes() async throws {
        let run = RolloutRun(DemoScenario(fault: .none))
        let status = try await run.play(until: [.succeeded, .failed])
        #expect(status.phase == .succeeded)
        let snapshot = await run.cluster.snapshot
        #expect(snapshot.deployments["podinfo-primary"]?.template.image == DemoScenario.nextImage)
        #expect(snapshot.deployments["podinfo"]?.replicas == 0)
        #expect(snapshot.route?.weights == .allToPrimary)
        let journal = await run.cluster.takeJournal()
        let weights = journal.compactMap { entry -> Int? in
            if case .route(let weights, _) = entry { weights.canary } else { nil }
        }
        #expect(weights == [0, 10, 20, 30, 40, 50, 0])
        #expect(run.sink.events.last == "Normal Promotion completed! Scaling down podinfo.test")
        // Nobody's request was lost on the way, and the canary's proxy is gone.
        #expect(run.fleet.ledger.totals.values.allSatisfy { $0.unanswered == 0 })
        #expect(!run.fleet.pods.contains { $0.workload == "podinfo" })
    }

    @Test("A bad revision is taken back", arguments: [DemoScenario.FaultKind.error, .latency])
    func rollsBack(_ fault: DemoScenario.FaultKind) async throws {
        let run = RolloutRun(DemoScenario(fault: fault))
        let status = try await run.play(until: [.succeeded, .failed])
        #expect(status.phase == .failed)
        let snapshot = await run.cluster.snapshot
        #expect(snapshot.deployments["podinfo-primary"]?.template.image == DemoScenario.firstImage)
        #expect(snapshot.deployments["podinfo"]?.replicas == 0)
        #expect(snapshot.route?.weights == .allToPrimary)
        #expect(run.sink.events.contains("Warning Rolling back podinfo.test failed checks threshold reached 3"))
        #expect(run.sink.sent.contains("error Failed checks threshold reached 3"))
    }

    @Test(
        "The Canary of users' documents is released or taken back in time", arguments: DemoScenario.FaultKind.allCases)
    func usersCanary(_ fault: DemoScenario.FaultKind) async throws {
        var canary = DemoScenario.podinfo
        canary.provider = nil
        canary.autoscaler = WorkloadReference(
            apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", name: "podinfo")
        canary.analysis?.interval = 30_000
        canary.analysis?.threshold = 5
        canary.analysis?.stepWeight = 5
        var test = CanaryWebhook(name: "acceptance-test", url: "http://flagger-loadtester.test/")
        test.kind = .preRollout
        canary.analysis?.webhooks = [test, CanaryWebhook(name: "load-test", url: "http://flagger-loadtester.test/")]
        let run = RolloutRun(DemoScenario(fault: fault, canary: canary))
        let status = try await run.play(until: [.succeeded, .failed])
        #expect(status.phase == (fault == .none ? .succeeded : .failed))
        #expect(run.clock.now() < DemoScenario.start + run.scenario.limit)
        #expect(run.hooks.calls.filter { $0.hasPrefix("acceptance-test") }.count == 1)
    }

    /// Every action of a whole release fails once, one per case: the next ticks derive what is missing.
    @Test("A release that loses its connection at any action still ends the same", arguments: 1...25)
    func survivesRefusals(_ number: Int) async throws {
        var scenario = DemoScenario(fault: .none)
        scenario.rate = 10
        let run = RolloutRun(scenario)
        let seam = FaultyCluster(run.cluster, failingAction: number)
        let status = try await run.play(over: seam, until: [.succeeded, .failed])
        #expect(status.phase == .succeeded, "action \(number)")
        #expect(await seam.hasFailed, "action \(number) was never performed")
        let snapshot = await run.cluster.snapshot
        #expect(snapshot.deployments["podinfo-primary"]?.template.image == DemoScenario.nextImage)
        #expect(snapshot.route?.weights == .allToPrimary)
        let promotions = snapshot.journal.filter { if case .promoted = $0 { true } else { false } }
        #expect(promotions.count == 1)
        #expect(run.sink.events.contains { $0.hasSuffix("connection refused") })
    }

    @Test("A template that changes between observation and promotion is not promoted unseen")
    func promotesOnlyWhatWasAnalysed() async throws {
        let run = RolloutRun(DemoScenario(fault: .none))
        let late = LateEditor(run.cluster)
        let status = try await run.play(over: late, until: [.succeeded])
        #expect(status.phase == .succeeded)
        let snapshot = await run.cluster.snapshot
        #expect(snapshot.deployments["podinfo-primary"]?.template.image == "ghcr.io/stefanprodan/podinfo:6.0.2")
        #expect(run.sink.events.contains { $0.contains("Restarting analysis") })
        #expect(run.sink.events.contains { $0.contains("which was analysed") })
    }

    @Test("Hooks are called with what their kind is told, event hooks with every event")
    func callsHooks() async throws {
        var canary = DemoScenario.podinfo
        for (name, kind) in [
            ("gate", CanaryWebhook.Kind.confirmRollout), ("test", .preRollout), ("load", .rollout),
            ("more", .confirmTrafficIncrease), ("promote", .confirmPromotion), ("abort", .rollback),
            ("after", .postRollout),
        ] {
            var hook = CanaryWebhook(name: name, url: "http://x/\(name)")
            hook.kind = kind
            canary.analysis?.webhooks.append(hook)
        }
        let run = RolloutRun(DemoScenario(fault: .none, canary: canary))
        run.hooks.setFailing(["abort"])
        let status = try await run.play(checks: FixedChecks(), until: [.succeeded])
        #expect(status.phase == .succeeded)
        let calls = run.hooks.calls
        #expect(calls.first == "gate Initialized")
        #expect(calls.last == "after Succeeded")
        #expect(calls.filter { $0 == "test Progressing" }.count == 1)
        #expect(calls.filter { $0 == "load Progressing" }.count == 5)
        #expect(calls.filter { $0 == "more Progressing" }.count == 6)
        #expect(calls.filter { $0 == "promote Progressing" }.count == 1)
    }

    @Test("Blue/green and A/B testing go through their rounds", arguments: [false, true])
    func rounds(matches: Bool) async throws {
        var canary = DemoScenario.podinfo
        canary.analysis?.iterations = 3
        if matches { canary.analysis?.match = [MatchCondition()] }
        let run = RolloutRun(DemoScenario(fault: .none, canary: canary))
        let status = try await run.play(checks: FixedChecks(), until: [.succeeded])
        #expect(status.phase == .succeeded)
        #expect(run.sink.events.count { $0.contains("canary iteration 3/3") } == 1)
        #expect(run.sink.events.contains { $0.contains("Routing all traffic to canary") } == !matches)
    }

    @Test("What is not built is refused in words")
    func refuses() async throws {
        var canary = DemoScenario.podinfo
        canary.analysis?.stepWeight = 0
        let run = RolloutRun(DemoScenario(fault: .none, canary: canary))
        let reconciler = Reconciler(
            cluster: run.cluster, hooks: run.hooks, checks: FixedChecks(), events: run.sink, clock: run.clock)
        #expect(await reconciler.reconcile(canary.reference) == .unsupported(.noSteps))
        #expect(run.sink.events.first?.contains("stepWeight") == true)
        #expect(await reconciler.reconcile(ObjectReference(name: "x", namespace: "y")) == .gone)
    }

    @Test("The loop keeps to the interval")
    func loops() async throws {
        let run = RolloutRun(DemoScenario(fault: .none))
        let reconciler = Reconciler(
            cluster: run.cluster, hooks: run.hooks, checks: FixedChecks(), events: run.sink, clock: run.clock)
        let clock = run.clock
        let driver = Task {
            while !Task.isCancelled {
                if let deadline = clock.nextDeadline { clock.advance(to: deadline) }
                await Task.yield()
            }
        }
        var times: [Timestamp] = []
        try await reconciler.run(run.scenario.canary.reference) { _ in
            times.append(clock.now() - DemoScenario.start)
            return times.count < 4
        }
        driver.cancel()
        #expect(times == [0, 10_000, 20_000, 30_000])
    }
}

/// Someone sets a newer image between the controller's observation and its promotion, once.
actor LateEditor: RolloutCluster {
    private let inner: InMemoryCluster
    private var isDone = false

    init(_ inner: InMemoryCluster) { self.inner = inner }

    func fetch(_ reference: ObjectReference) async throws(ClusterFailure) -> CanaryObject? {
        try await inner.fetch(reference)
    }

    func observe(_ canary: Canary) async throws(ClusterFailure) -> Observation { try await inner.observe(canary) }

    func perform(_ action: Action, for canary: Canary) async throws(ClusterFailure) {
        if case .promote = action, !isDone {
            isDone = true
            await inner.change { $0.setImage("ghcr.io/stefanprodan/podinfo:6.0.2", of: "podinfo") }
        }
        try await inner.perform(action, for: canary)
    }
}
