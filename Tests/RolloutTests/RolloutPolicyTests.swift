import Foundation
import Rollout
import Testing

/// Where recordings show a defect, the default policy differs on purpose.
@Suite(
    "Where we differ from recordings",
    .enabled(if: GoldenTrace.folder != nil, "needs the folder shared beside the repository"))
struct RolloutPolicyTests {
    /// Recordings that come out the same under the default policy.
    static let same = GoldenReplayTests.whole.filter { !["17", "43", "50", "53"].contains($0) }

    @Test("Ordinary rollouts are the recorded ones under the default policy, too", arguments: same)
    func ordinary(_ number: String) throws {
        let trace = try GoldenTrace(number: number)
        let recorded = RolloutStory(recorded: trace)
        var replay = GoldenReplay(trace, policy: .safe, recordedChecks: false)
        let played = try replay.run()
        #expect(played.statuses == recorded.statuses)
        #expect(played.events == recorded.events)
        #expect(played.routes == recorded.routes)
        #expect(played.hooks == recorded.hooks)
    }

    @Test("17: a rollback because of readiness sends an alert")
    func alertsOnReadiness() throws {
        var replay = GoldenReplay(try GoldenTrace(number: "17"), policy: .safe, recordedChecks: false)
        let played = try replay.run()
        #expect(played.alerts.count == 3)
        #expect(played.alerts.last?.hasPrefix("7 Canary rolled back: canary deployment podinfo.g17 not ready") == true)
    }

    @Test("43: a target that is put back mid-run ends the run, and nothing is rolled out twice")
    func abortsOnRevert() throws {
        let trace = try GoldenTrace(number: "43")
        var replay = GoldenReplay(trace, policy: .safe, recordedChecks: false)
        let played = try replay.run()
        #expect(
            played.events.contains("6 Warning Rolling back podinfo.g43 target was put back to the promoted revision"))
        #expect(played.events.last == "6 Warning Canary failed! Scaling down podinfo.g43")
        #expect(played.routes.last == "6 100/0")
        #expect(!played.objects.contains { $0.contains("promote") })
        #expect(played.statuses.last?.hasPrefix("6 Failed w0 f0 i0 spec-1 spec-1") == true)
    }

    @Test("50: a router that can't mirror beside weights does not hold the run up for ever")
    func goesOnWithoutMirror() throws {
        var replay = GoldenReplay(try GoldenTrace(number: "50"), policy: .safe, recordedChecks: false)
        let played = try replay.run()
        #expect(played.routes == ["2 100/0", "5 80/20", "6 60/40", "7 40/60"])
        #expect(played.events.count { $0.contains("going on without mirroring") } == 1)
    }

    @Test("53: a revision that arrives in Failed while the primary is not ready is not forgotten")
    func remembersRevisions() throws {
        var replay = GoldenReplay(try GoldenTrace(number: "53"), policy: .safe, recordedChecks: false)
        let played = try replay.run()
        // The primary is ready again at tick 11; Flagger waits for another revision until tick 14.
        #expect(played.events.contains("11 Normal New revision detected! Scaling up podinfo.g53"))
    }
}
