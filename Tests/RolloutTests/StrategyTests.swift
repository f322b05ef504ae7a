import FlaggerAPI
import Rollout
import Testing

@Suite("Which Canaries the state machine takes")
struct StrategyTests {
    private func canary(_ change: (inout Canary) -> Void = { _ in }) -> Canary {
        var analysis = CanaryAnalysis()
        analysis.stepWeight = 10
        var canary = Canary(
            reference: ObjectReference(name: "podinfo", namespace: "test"),
            target: WorkloadReference(apiVersion: "apps/v1", kind: "Deployment", name: "podinfo"),
            service: CanaryService(port: 80), analysis: analysis)
        change(&canary)
        return canary
    }

    private func refusal(_ canary: Canary, defaultProvider: String? = nil) -> UnsupportedStrategy? {
        do {
            _ = try CanaryStateMachine(canary, defaultProvider: defaultProvider)
            return nil
        } catch {
            return error
        }
    }

    @Test("Every strategy on Deployments and DaemonSets, with or without an analysis")
    func accepts() {
        let ladder = canary {
            $0.analysis?.stepWeight = 0
            $0.analysis?.stepWeights = [5, 50]
        }
        let skipping = canary {
            $0.analysis?.stepWeight = 0
            $0.skipAnalysis = true
        }
        #expect(refusal(canary()) == nil)
        #expect(refusal(canary { $0.analysis = nil }) == nil)
        #expect(refusal(ladder) == nil)
        #expect(refusal(skipping) == nil)
        #expect(refusal(canary { $0.provider = "linkerd" }, defaultProvider: "kubernetes") == nil)
        let byHeader = canary {
            $0.analysis?.iterations = 2
            $0.analysis?.match = [MatchCondition()]
        }
        #expect(refusal(byHeader) == nil)
        #expect(refusal(canary { $0.analysis?.iterations = 2 }) == nil)
        #expect(refusal(canary { $0.analysis?.mirror = true }) == nil)
        #expect(refusal(canary { $0.analysis?.sessionAffinity = SessionAffinity(cookieName: "c") }) == nil)
        #expect(refusal(canary { $0.target.kind = "DaemonSet" }) == nil)
        #expect(refusal(canary { $0.provider = "kubernetes" }) == nil)
        #expect(refusal(canary(), defaultProvider: "kubernetes") == nil)
    }

    @Test("Everything else is refused by name")
    func refuses() {
        #expect(refusal(canary { $0.analysis?.stepWeight = 0 }) == .noSteps)
        #expect(refusal(canary { $0.target.kind = "Service" }) == .targetKind("Service"))
    }

    @Test("Each refusal says what was found and what is wanted")
    func explains() {
        let all: [UnsupportedStrategy] = [
            .targetKind("Service"), .noSteps,
        ]
        for strategy in all { #expect(strategy.description.contains("wanted "), "\(strategy)") }
    }

    @Test("The tick period is at least ten seconds, and a minute without an analysis")
    func interval() throws {
        #expect(try CanaryStateMachine(canary { $0.analysis?.interval = 1_000 }).interval == 10_000)
        #expect(try CanaryStateMachine(canary { $0.analysis?.interval = 30_000 }).interval == 30_000)
        #expect(try CanaryStateMachine(canary { $0.analysis = nil }).interval == 60_000)
    }
}
