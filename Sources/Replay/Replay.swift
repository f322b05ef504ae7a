package import Analyzer
package import FlaggerAPI
package import Model
package import Rollout

/// What a Canary would have decided over stored data, tick by tick.
///
/// Each tick evaluates the checks as of its time, as a registered analysis does, and lets the rollout's state machine
/// decide in a workload that is always ready. The first tick finds the new revision.
package struct Replay: Sendable {
    /// The Canary as it is replayed, changes included.
    package let canary: Canary
    /// The checks of each tick.
    package let checks: [Check]
    /// The rollout; `nil` for a Canary that is not released by weights, which has verdicts only.
    package let machine: CanaryStateMachine?
    /// Why there is no rollout.
    package let unsupported: UnsupportedStrategy?

    /// A replay of a Canary.
    package init(_ canary: Canary, templates: [MetricTemplate], options: PlanOptions = PlanOptions()) {
        self.canary = canary
        checks = Analysis.plan(canary, templates: templates, options: options)
        do throws(UnsupportedStrategy) {
            machine = try CanaryStateMachine(canary)
            unsupported = nil
        } catch {
            machine = nil
            unsupported = error
        }
    }

    /// Whether there is nothing to judge: no checks, and no word of the Canary that it wants none.
    package var hasNothingToJudge: Bool { checks.isEmpty && !canary.skipAnalysis }

    /// Sentences about what is not replayed as the Canary has it.
    package var notes: [String] {
        var notes = unsupported.map { ["\(canary.reference): only verdicts, no rollout: \($0.description)"] } ?? []
        if interval > canary.analysis?.interval ?? interval {
            notes.append(
                "\(canary.reference): ticks are \(PrometheusDuration.text(interval)) apart, the least a rollout keeps")
        }
        return notes
    }

    /// Time between two ticks: the Canary's interval, as a rollout keeps it.
    package var interval: Milliseconds {
        machine?.interval ?? max(canary.analysis?.interval ?? 60_000, CanaryStateMachine.intervalMin)
    }

    /// The times of all ticks from `start` through `end`.
    package func times(from start: Timestamp, through end: Timestamp) -> [Timestamp] {
        Array(stride(from: start, through: end, by: Int(interval)))
    }

    /// Replays the ticks at these rising times; without `decides` only their verdicts.
    package func run(
        _ times: [Timestamp], decides: Bool = true, with runner: any QueryRunner, on store: any Queryable
    ) async -> ReplayResult {
        var result = ReplayResult()
        guard let first = times.first else { return result }
        var workload = AssumedWorkload(canary, at: first)
        for time in times {
            let (verdict, _) = await runner.repeatable(canary, checks, at: time, on: store)
            var tick = ReplayTick(time: time, verdict: verdict)
            if decides, let machine {
                let outcome = CheckOutcome(haltText: HaltText.text(for: verdict, of: canary))
                let transition = workload.reconcile(machine, outcome, now: time)
                tick.decision = transition.reason
                tick.phase = workload.status.phase
                tick.weight = workload.status.canaryWeight
                tick.failedChecks = workload.status.failedChecks
                result.note(tick)
            }
            result.ticks.append(tick)
        }
        return result
    }
}

/// One tick of a replay.
package struct ReplayTick: Sendable {
    /// When it was.
    package var time: Timestamp
    /// The verdict of the checks.
    package var verdict: Verdict
    /// What the rollout made of it; `nil` without a rollout.
    package var decision: TransitionReason?
    /// Where the rollout stood after the tick.
    package var phase = CanaryPhase.unknown
    /// The canary's weight after the tick.
    package var weight = 0
    /// Failed checks so far.
    package var failedChecks = 0

    /// A tick without a rollout.
    package init(time: Timestamp, verdict: Verdict) {
        self.time = time
        self.verdict = verdict
    }
}

/// The result of a replay.
package struct ReplayResult: Sendable {
    /// How the rollout ended.
    package enum Ending: Sendable, Hashable {
        /// It did not, within the ticks.
        case running
        /// The checks were through at this time, and the primary got the new revision.
        case promoted(Timestamp)
        /// Too many checks had failed at this time.
        case rolledBack(Timestamp)
    }

    /// The ticks in order.
    package var ticks: [ReplayTick] = []
    /// How the rollout ended.
    package private(set) var ending = Ending.running

    /// Whether no check of any tick saw a series: then nothing was judged, whatever the rollout made of it.
    package var sawNothing: Bool {
        ticks.allSatisfy { tick in
            !tick.verdict.checks.isEmpty
                && tick.verdict.checks.allSatisfy {
                    $0.series == 0 && $0.value == nil && $0.conclusion.outcome == .inconclusive
                }
        }
    }

    /// Nothing yet.
    package init() {}

    mutating func note(_ tick: ReplayTick) {
        guard ending == .running else { return }
        switch tick.decision {
        case .promoted?, .succeeded?: ending = .promoted(tick.time)
        case .rolledBack?: ending = .rolledBack(tick.time)
        default: return
        }
    }
}
