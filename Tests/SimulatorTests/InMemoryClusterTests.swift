import FlaggerAPI
import Model
import Rollout
import Testing

@testable import Simulator

@Suite("The in-memory cluster moves the traffic")
struct InMemoryClusterTests {
    @Test("Pods, weights and faults of the cluster show in the proxies")
    func drives() async throws {
        let scenario = DemoScenario(fault: .error)
        let clock = ManualClock(at: DemoScenario.start)
        let fleet = scenario.makeFleet(clock: clock)
        let cluster = scenario.makeCluster(clock: clock, fleet: fleet)
        let canary = scenario.canary
        #expect(fleet.pods.count { $0.workload == "podinfo" } == 2)

        clock.advance(by: 10_000)
        await cluster.catchUp()
        #expect(fleet.ledger.totals["podinfo"]?.unanswered == 0)
        let first = try #require(fleet.ledger.totals["podinfo"]).requests
        #expect(first > 300)

        try await cluster.perform(.createPrimary, for: canary)
        clock.advance(by: 5_000)
        for role in ServiceRole.allCases { try await cluster.perform(.applyService(role), for: canary) }
        try await cluster.perform(.applyRoute, for: canary)
        try await cluster.perform(.route(TrafficIntent(TrafficWeights(canary: 30))), for: canary)
        let before = fleet.ledger
        clock.advance(by: 60_000)
        await cluster.catchUp()
        let requests = { (ledger: Ledger, workload: String) in Double(ledger.totals[workload]?.requests ?? 0) }
        let primary = requests(fleet.ledger, "podinfo-primary") - requests(before, "podinfo-primary")
        let target = requests(fleet.ledger, "podinfo") - requests(before, "podinfo")
        #expect(abs(target / (primary + target) - 0.3) < 0.03)

        try await cluster.perform(.route(.allToPrimary), for: canary)
        try await cluster.perform(.scaleTarget(to: 0), for: canary)
        #expect(!fleet.pods.contains { $0.workload == "podinfo" })
        let read = try await cluster.observe(canary)
        #expect(read.route.reading == .weights(.allToPrimary))
    }

    @Test("A rolling update keeps old pods until new ones are ready, and a broken image never replaces them")
    func rolls() throws {
        var model = ClusterModel(canary: DemoScenario.podinfo, now: 0)
        model.create(
            deployment: "podinfo", template: TemplateModel(image: "a"), replicas: 2, matchLabels: ["app": "podinfo"])
        model.advance(to: 10_000)
        model.setImage("b", of: "podinfo")
        let during = try #require(model.deployments["podinfo"]?.facts(at: model.now))
        #expect(during.currentReplicas == 4 && during.updatedReplicas == 2 && during.availableReplicas == 2)
        model.advance(to: 11_000)
        let after = try #require(model.deployments["podinfo"]?.facts(at: model.now))
        #expect(after.currentReplicas == 2 && after.availableReplicas == 2)
        model.setImage("c-never-ready", of: "podinfo")
        model.advance(to: 1_000_000)
        let stuck = try #require(model.deployments["podinfo"]?.facts(at: model.now))
        #expect(stuck.currentReplicas == 4 && stuck.availableReplicas == 2)
        #expect(stuck.condition("Available")?.isTrue == true)
    }
}
