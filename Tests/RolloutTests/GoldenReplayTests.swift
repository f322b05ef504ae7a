import Foundation
import Rollout
import Testing

@Suite(
    "Rollouts like recorded ones",
    .enabled(if: GoldenTrace.folder != nil, "needs the folder shared beside the repository"))
struct GoldenReplayTests {
    /// Scenarios that are replayed whole: statuses, events, route weights, objects, hooks, all with their ticks.
    static let whole = [
        "01", "03", "04", "09", "10", "11", "13", "15", "17", "18", "19", "20", "23", "24", "26", "27", "28", "29",
        "30",
        "32", "37", "39", "41", "42", "43", "44", "45", "48", "49", "50", "51", "53", "55", "56", "58", "69", "70",
        "71", "73",
    ]

    /// Also replayed whole, but what the checks say is taken from the recording: the answers of the metrics server are
    /// errors and oddities that the analyser words.
    static let wholeWithRecordedChecks = ["06", "07", "31", "68", "76"]

    /// Not replayed, with the reason.
    static let notBuilt: [String: String] = [
        "36": "port discovery and user edits of Services", "38": "parent status as read by the Gateway API router",
        "52": "Service target", "61": "refusals of the Gateway API router",
        "74": "header matches in random order, not reproducible",
    ]

    @Test("The rollout tells the recorded story", arguments: whole)
    func replays(_ number: String) throws { try compare(number, recordedChecks: false) }

    @Test("The rollout tells the recorded story when told the checks' outcomes", arguments: wholeWithRecordedChecks)
    func replaysWithRecordedChecks(_ number: String) throws { try compare(number, recordedChecks: true) }

    private func compare(_ number: String, recordedChecks: Bool) throws {
        let trace = try GoldenTrace(number: number)
        let recorded = RolloutStory(recorded: trace)
        var replay = GoldenReplay(trace, policy: .flaggerExact, recordedChecks: recordedChecks)
        let played = try replay.run()
        #expect(played.statuses == recorded.statuses)
        #expect(played.events == recorded.events)
        #expect(played.routes == recorded.routes)
        #expect(played.objects == recorded.objects)
        #expect(played.hooks == recorded.hooks)
        #expect(played.cookies == recorded.cookies)
        if !recorded.alerts.isEmpty { #expect(played.alerts == recorded.alerts) }
    }

    @Test("Every recorded scenario is either replayed or listed with a reason")
    func accountsForAll() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: GoldenTrace.folder ?? "")
        let numbers = Set(files.filter { $0.hasSuffix(".json") }.map { String($0.prefix(2)) })
        let known = Set(Self.whole + Self.wholeWithRecordedChecks).union(Self.notBuilt.keys)
        #expect(numbers == known)
    }
}
