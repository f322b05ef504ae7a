import Controller
import FlaggerAPI
import Foundation
import Model
import Rollout
import Simulator
import Synchronization

/// A rollout as text: for each tick what it was told (`user:`, `checks:`) and what it decided (`reason:`, `did:`, `event:`,
/// `alert:`, `status:`). Blank lines separate ticks, lines that begin with `#` are remarks.
struct RolloutRecording: Equatable {
    /// One tick: a line with its time, and one line for each thing.
    struct Step: Equatable {
        /// Milliseconds after the beginning of the run.
        var time: Milliseconds
        /// The lines, in order.
        var lines: [String]

        /// The answers of the checks, as they were recorded.
        var checks: [CheckOutcome] {
            lines.compactMap { line in
                if line == "checks: passed" { return .passed }
                return line.hasPrefix("checks: failed ") ? .failed(String(line.dropFirst(15))) : nil
            }
        }
    }

    var steps: [Step] = []

    /// No step yet.
    init() {}

    /// Reads a recording.
    init(_ text: String) {
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            if line.hasPrefix("tick "), let seconds = Int64(line.dropFirst(5).dropLast()) {
                steps.append(Step(time: seconds * 1_000, lines: []))
            } else if !steps.isEmpty {
                steps[steps.count - 1].lines.append(String(line))
            }
        }
    }

    /// The steps as they stand in a file.
    var text: String {
        steps.map { "tick \($0.time / 1_000)s\n" + $0.lines.map { $0 + "\n" }.joined() }.joined(separator: "\n")
    }

    /// The index of the first step that differs; `nil` when the two recordings say the same.
    func firstDifference(from other: RolloutRecording) -> Int? {
        let common = zip(steps, other.steps).enumerated().first { $0.element.0 != $0.element.1 }?.offset
        if let common { return common }
        return steps.count == other.steps.count ? nil : min(steps.count, other.steps.count)
    }
}

/// A rollout of the simulator that is kept in `Recordings`.
struct RecordedScenario: Sendable, CustomStringConvertible {
    /// The name of the file, without `.txt`.
    let name: String
    /// What happens, one line for people.
    let story: String
    /// What is wrong with the new revision.
    let fault: DemoScenario.FaultKind
    /// Between these moments, in milliseconds after the beginning, no request reaches the canary.
    var silence: Range<Milliseconds> = 0..<0
    /// The last reason of the rollout.
    let ending: TransitionReason
    /// The canary's weights, in the order in which they were written.
    let weights: [Int]

    var description: String { name }

    static let all = [
        RecordedScenario(
            name: "success", story: "a good revision is promoted", fault: .none, ending: .succeeded,
            weights: [0, 10, 20, 30, 40, 50, 0]),
        RecordedScenario(
            name: "rollback", story: "a revision that answers 10 % with 500 is taken back", fault: .error,
            ending: .rolledBack, weights: [0, 10, 20, 30, 0]),
        RecordedScenario(
            name: "missing-traffic",
            story: "no request reaches the canary for 20 s: the weight stays until there is traffic again",
            fault: .none, silence: 60_000..<80_000, ending: .succeeded, weights: [0, 10, 20, 30, 40, 50, 0]),
    ]

    /// The folder of the recordings, beside this file.
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Recordings")

    private var url: URL { Self.folder.appendingPathComponent(name + ".txt") }

    /// The recording in the tree.
    func stored() throws -> RolloutRecording { RolloutRecording(try String(contentsOf: url, encoding: .utf8)) }

    /// Replaces the recording in the tree.
    func store(_ recording: RolloutRecording) throws {
        let head = """
            # A rollout of podinfo.test in the simulator: \(story).
            # For each tick: what it was told (user, checks), what it decided (reason, did, event, alert, status).
            # Recorded anew by: HALDANE_RECORD_ROLLOUTS=1 swift test --filter RecordedRolloutTests


            """
        try (head + recording.text).write(to: url, atomically: true, encoding: .utf8)
    }

    /// Plays the rollout. Checks look into the simulator's ledger over one interval, unless others are given.
    func play(checks: (any CheckRunner)? = nil) async throws -> RolloutRecording {
        let run = RolloutRun(DemoScenario(fault: fault))
        let noted = NotedChecks(checks ?? LedgerChecks(fleet: run.fleet, window: 10_000))
        var recorder = RolloutRecorder(run: run, checks: noted)
        _ = try await run.play(checks: noted, until: [.succeeded, .failed]) { outcome in
            await recorder.note(outcome)
            await cutTraffic(of: run)
        }
        return recorder.recording
    }

    /// The router sends nothing to the canary while there is silence, whatever the route says.
    private func cutTraffic(of run: RolloutRun) async {
        let now = run.clock.now() - DemoScenario.start
        guard !silence.isEmpty, now <= silence.upperBound, let weights = await run.cluster.snapshot.route?.weights
        else { return }
        let canary = silence.contains(now) ? 0 : weights.canary
        run.fleet.change {
            $0.setWeights(["podinfo-primary": 100 - canary, "podinfo-canary": canary], of: "podinfo")
        }
    }
}

/// Writes down tick after tick of a run.
private struct RolloutRecorder {
    let run: RolloutRun
    let checks: NotedChecks
    var recording = RolloutRecording()
    private var lastTime: Milliseconds = -1
    private var eventCount = 0
    private var alertCount = 0

    init(run: RolloutRun, checks: NotedChecks) {
        self.run = run
        self.checks = checks
    }

    mutating func note(_ outcome: ReconcileResult) async {
        let time = run.clock.now() - DemoScenario.start
        var lines = run.scenario.stimuli.filter { $0.after > lastTime && $0.after <= time }
            .map { "user: \($0.description)" }
        lines += checks.take().map { Self.text($0) }
        if case .planned(let transition) = outcome {
            lines.append("reason: \(transition.reason)")
        } else {
            lines.append("reason: \(outcome)")
        }
        for entry in await run.cluster.takeJournal() { if let text = Self.text(entry) { lines.append("did: \(text)") } }
        lines += run.sink.events.dropFirst(eventCount).map { "event: \($0)" }
        lines += run.sink.sent.dropFirst(alertCount).map { "alert: \($0)" }
        eventCount = run.sink.events.count
        alertCount = run.sink.sent.count
        let status = await run.cluster.snapshot.status
        lines.append(
            "status: \(status.phase.rawValue), weight \(status.canaryWeight), failed checks \(status.failedChecks), "
                + "iterations \(status.iterations)")
        recording.steps.append(RolloutRecording.Step(time: time, lines: lines))
        lastTime = time
    }

    private static func text(_ answer: CheckOutcome) -> String {
        answer.passed ? "checks: passed" : "checks: failed \(answer.haltText ?? "")"
    }

    /// What a rollout changed; `nil` for the status, which has a line of its own.
    private static func text(_ entry: JournalEntry) -> String? {
        switch entry {
        case .service(let role, let created): "service \(role) \(created ? "made" : "put back in shape")"
        case .deployment(let name, let replicas): "deployment \(name) made, replicas \(replicas)"
        case .replicas(let name, let old, let new): "deployment \(name) replicas \(old) to \(new)"
        case .route(let weights, let created):
            "route \(created ? "made" : "written"), primary \(weights.primary) canary \(weights.canary)"
        case .promoted(let name, let image): "deployment \(name) given \(image)"
        case .status: nil
        }
    }
}

/// Passes questions on and remembers the answers.
final class NotedChecks: CheckRunner {
    private let inner: any CheckRunner
    private let answers = Mutex<[CheckOutcome]>([])

    init(_ inner: any CheckRunner) { self.inner = inner }

    /// The answers since this was last asked.
    func take() -> [CheckOutcome] {
        answers.withLock { list in
            defer { list = [] }
            return list
        }
    }

    func checkProviders(_ canary: Canary) async -> ProviderCheck { await inner.checkProviders(canary) }

    func check(_ canary: Canary, at time: Timestamp) async -> CheckOutcome {
        let outcome = await inner.check(canary, at: time)
        answers.withLock { $0.append(outcome) }
        return outcome
    }
}

/// Answers checks as a recording has it, by the time of the tick.
struct RecordedChecks: CheckRunner {
    private let answers: [Timestamp: CheckOutcome]

    init(_ recording: RolloutRecording) {
        var answers: [Timestamp: CheckOutcome] = [:]
        for step in recording.steps { answers[DemoScenario.start + step.time] = step.checks.first }
        self.answers = answers
    }

    func checkProviders(_ canary: Canary) async -> ProviderCheck { .available }

    func check(_ canary: Canary, at time: Timestamp) async -> CheckOutcome {
        answers[time] ?? .failed("the recording has no answer at \(time - DemoScenario.start) ms")
    }
}
