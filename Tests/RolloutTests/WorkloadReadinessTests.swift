import Model
import Rollout
import Testing

@Suite("When a Deployment is ready")
struct WorkloadReadinessTests {
    private let now: Timestamp = 1_000_000

    private func judge(threshold: Int = 100, _ change: (inout WorkloadFacts) -> Void) -> WorkloadReadiness {
        var facts = WorkloadFacts(templateHash: "a", settledReplicas: 4)
        change(&facts)
        return .judge(facts, name: "podinfo", threshold: threshold, deadlineSeconds: 60, now: now)
    }

    private func unavailable(since age: Milliseconds) -> [WorkloadCondition] {
        [
            WorkloadCondition(type: "Progressing", isTrue: true, reason: "ReplicaSetUpdated", lastUpdateTime: 0),
            WorkloadCondition(
                type: "Available", isTrue: false, reason: "MinimumReplicasUnavailable", lastUpdateTime: now - age),
        ]
    }

    @Test("A settled Deployment is ready")
    func settled() {
        #expect(judge { _ in } == .ready)
        #expect(judge { $0 = WorkloadFacts(templateHash: "a", settledReplicas: 0) } == .ready)
    }

    @Test("What is missing is said in the words users know")
    func waiting() {
        #expect(
            judge { $0.generation = 2 }
                == .waiting(
                    "waiting for rollout to finish: observed deployment generation less than desired generation"))
        #expect(
            judge { $0.updatedReplicas = 1 }
                == .waiting("waiting for rollout to finish: 1 out of 4 new replicas have been updated"))
        #expect(
            judge { $0.currentReplicas = 6 }
                == .waiting("waiting for rollout to finish: 2 old replicas are pending termination"))
        #expect(
            judge { $0.availableReplicas = 3 }
                == .waiting(
                    "waiting for rollout to finish: 3 of 4 (readyThreshold 100%) updated replicas are available"))
    }

    @Test("The threshold rounds down")
    func threshold() {
        #expect(judge(threshold: 70) { $0.availableReplicas = 2 } == .ready)
        #expect(judge(threshold: 75) { $0.availableReplicas = 2 } != .ready)
        #expect(judge(threshold: 0) { $0.availableReplicas = 0 } == .ready)
    }

    @Test(
        "The second number is how many must be available, in 32 bits as Flagger computes it",
        arguments: [
            (4, 50, 1, "1 of 2 (readyThreshold 50%)"), (4, 75, 2, "2 of 3 (readyThreshold 75%)"),
            (100, 53, 51, "51 of 52 (readyThreshold 53%)"), (4, 1000, 4, "4 of 40 (readyThreshold 1000%)"),
            (4, .max, 4, "4 of 2147483647 (readyThreshold \(Int.max)%)"),
        ])
    func wanted(replicas: Int, threshold: Int, available: Int, text: String) {
        func judge(_ available: Int) -> WorkloadReadiness {
            var facts = WorkloadFacts(templateHash: "a", settledReplicas: replicas)
            facts.availableReplicas = available
            return .judge(facts, name: "podinfo", threshold: threshold, deadlineSeconds: 60, now: now)
        }
        #expect(judge(available) == .waiting("waiting for rollout to finish: \(text) updated replicas are available"))
        if threshold <= 100 { #expect(judge(available + 1) == .ready) }
    }

    @Test("The deadline counts from when the Deployment became unavailable, and must have passed")
    func deadline() {
        func after(_ age: Milliseconds) -> WorkloadReadiness {
            judge {
                $0.availableReplicas = 0
                $0.conditions = unavailable(since: age)
            }
        }
        guard case .waiting = after(60_000) else {
            Issue.record("60 s are not more than 60 s")
            return
        }
        guard case .failed = after(60_001) else {
            Issue.record("60.001 s are")
            return
        }
    }

    @Test("The Deployment's own deadline ends the wait at once")
    func ownDeadline() {
        let readiness = judge {
            $0.conditions = [
                WorkloadCondition(
                    type: "Progressing", isTrue: false, reason: "ProgressDeadlineExceeded", lastUpdateTime: now)
            ]
        }
        #expect(readiness == .failed("deployment \"podinfo\" exceeded its progress deadline"))
    }
}
