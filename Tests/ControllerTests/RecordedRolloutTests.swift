import Controller
import FlaggerAPI
import Foundation
import Model
import Rollout
import Simulator
import Testing

/// Rollouts of the simulator whose decisions are kept in `Recordings`: a change of the controller that changes a decision
/// shows here, at the tick where it does. `HALDANE_RECORD_ROLLOUTS=1` writes the files anew; read their difference.
@Suite("Recorded rollouts")
struct RecordedRolloutTests {
    private static let records = ProcessInfo.processInfo.environment["HALDANE_RECORD_ROLLOUTS"] != nil

    @Test("Every recording in the tree has its scenario")
    func complete() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: RecordedScenario.folder.path)
        #expect(Set(files) == Set(RecordedScenario.all.map { $0.name + ".txt" }))
        #expect(files.count >= 3)
    }

    @Test("Told what the recording was told, each tick decides the same", arguments: RecordedScenario.all)
    func decisions(_ scenario: RecordedScenario) async throws {
        if Self.records { try scenario.store(try await scenario.play()) }
        let stored = try scenario.stored()
        compare(try await scenario.play(checks: RecordedChecks(stored)), with: stored)
    }

    @Test("The simulator's traffic still leads to the same answers and decisions", arguments: RecordedScenario.all)
    func traffic(_ scenario: RecordedScenario) async throws {
        if Self.records { try scenario.store(try await scenario.play()) }
        compare(try await scenario.play(), with: try scenario.stored())
    }

    private func compare(_ present: RolloutRecording, with stored: RolloutRecording) {
        guard let index = present.firstDifference(from: stored) else { return }
        let got = index < present.steps.count ? present.steps[index].lines : ["no such tick"]
        let wanted = index < stored.steps.count ? stored.steps[index].lines : ["no such tick"]
        Issue.record(
            "step \(index) differs\nrecorded:\n\(wanted.joined(separator: "\n"))\nnow:\n\(got.joined(separator: "\n"))")
    }

    @Test("The recordings hold what their stories say", arguments: RecordedScenario.all)
    func stories(_ scenario: RecordedScenario) throws {
        let stored = try scenario.stored()
        let lines = stored.steps.flatMap(\.lines)
        #expect(stored.steps.count >= 8)
        #expect(lines.last { $0.hasPrefix("reason: ") } == "reason: \(scenario.ending)")
        let weights = lines.filter { $0.hasPrefix("did: route") }.compactMap {
            $0.split(separator: " ").last.map(String.init)
        }
        #expect(weights == scenario.weights.map(String.init))
        let failed = stored.steps.flatMap(\.checks).count { $0 != .passed }
        switch scenario.name {
        case "success": #expect(failed == 0)
        case "rollback": #expect(failed >= 3)
        default: #expect((1...2).contains(failed) && lines.contains { $0.contains("no traffic") })
        }
    }

    @Test("Any altered line of a recording is noticed at its step", arguments: RecordedScenario.all)
    func altered(_ scenario: RecordedScenario) throws {
        let stored = try scenario.stored()
        #expect(RolloutRecording(stored.text) == stored)
        for (index, step) in stored.steps.enumerated() {
            for line in step.lines.indices {
                var other = stored
                other.steps[index].lines[line] += "!"
                #expect(stored.firstDifference(from: other) == index)
            }
        }
        var shorter = stored
        shorter.steps.removeLast()
        #expect(stored.firstDifference(from: shorter) == shorter.steps.count)
    }
}
