import FlaggerAPI
import Model
import Rollout
import Simulator
import Testing

@Suite("Taking over from Flagger")
struct TakeoverTests {
    private let now: Timestamp = 1_800_000_000_000

    /// A cluster in which a release is done, with a status as Flagger would have written it.
    private func cluster(_ change: (inout CanaryStatus) -> Void) throws -> ClusterModel {
        var model = ClusterModel(canary: DemoScenario.podinfo, now: now - 60_000)
        model.create(
            deployment: "podinfo", template: TemplateModel(image: "a"), replicas: 1, matchLabels: ["app": "podinfo"])
        for action in [Action.createPrimary, .applyRoute, .scaleTarget(to: 0)] { try model.perform(action) }
        for role in ServiceRole.allCases { try model.perform(.applyService(role)) }
        model.advance(to: now)
        var status = CanaryStatus()
        status.restart(
            in: .succeeded, revision: RevisionKey(spec: "6f9c8d7b5", configs: [:]), targetKind: "Deployment", now: 0)
        change(&status)
        try model.perform(.writeStatus(status))
        return model
    }

    private func tick(_ model: inout ClusterModel) throws -> Transition {
        let plan = try CanaryStateMachine(model.canary).advance(model.status, model.observe(), now: model.now)
        for action in plan.actions { try model.perform(action) }
        return plan
    }

    @Test("A hash that cannot be compared starts nothing, and the next revision is seen")
    func adopts() throws {
        var model = try cluster { _ in }
        #expect(try tick(&model).reason == .noChange)
        #expect(model.status.lastAppliedSpec == TemplateModel(image: "a").hash)
        #expect(model.status.lastPromotedSpec == TemplateModel(image: "a").hash)
        #expect(model.status.phase == .succeeded)
        #expect(try tick(&model).actions.isEmpty)
        model.setImage("b", of: "podinfo")
        #expect(try tick(&model).reason == .started)
    }

    @Test("A run that Flagger began goes on from its weight")
    func goesOn() throws {
        var model = try cluster { status in
            status.lastPromotedSpec = "55c8d7b5c"
            status.enter(.progressing, targetKind: "Deployment", now: 0)
            status.canaryWeight = 20
        }
        try model.perform(.scaleTarget(to: 1))
        try model.perform(.route(TrafficIntent(TrafficWeights(canary: 20))))
        model.advance(to: now + 10_000)
        let plan = try tick(&model)
        #expect(plan.pending == .checks)
        #expect(!plan.actions.contains(.route(.allToPrimary)))
    }
}
