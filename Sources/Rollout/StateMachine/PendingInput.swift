/// Something a reconciliation needs to know before it can go on, and that only the world outside can answer.
package enum PendingInput: Sendable, Hashable {
    /// Are all metrics providers reachable?
    case providerCheck
    /// Call this hook.
    case hook(HookCall)
    /// Run the metric checks.
    case checks
}

/// One call of a hook.
package struct HookCall: Sendable, Hashable {
    /// Index of the hook in `analysis.webhooks`.
    package var index: Int
    /// The phase in its payload.
    package var phase: CanaryPhase
    /// The revision in its payload.
    package var revision: RevisionKey

    /// A call of the hook at `index`.
    package init(index: Int, phase: CanaryPhase, revision: RevisionKey) {
        self.index = index
        self.phase = phase
        self.revision = revision
    }
}

/// What a hook answered.
package struct HookAnswer: Sendable, Hashable {
    /// The answer was 200, 201 or 202.
    package var passed: Bool
    /// The body or the transport's error, for a hook that did not agree; empty when it did.
    package var failure: String

    /// An answer.
    package init(passed: Bool, failure: String = "") {
        self.passed = passed
        self.failure = failure
    }

    /// The hook agreed.
    package static let passed = HookAnswer(passed: true)
    /// The hook did not agree.
    package static func failed(_ text: String) -> HookAnswer { HookAnswer(passed: false, failure: text) }
}

/// The outcome of the metric checks of one reconciliation. The verdict behind it belongs to the analyzer; a rollout only
/// counts failures.
package struct CheckOutcome: Sendable, Hashable {
    /// Every check passed, or counts as passed.
    package var passed: Bool
    /// The Warning that users see when not; `nil` when passed.
    package var haltText: String?

    /// The outcome of checks that ended in this Warning, `nil` when all passed. Flagger's strictness lies in the text: it is
    /// that of the first check that does not pass, whether it failed, had no value or could not be run.
    package init(haltText: String?) {
        passed = haltText == nil
        self.haltText = haltText
    }

    /// All checks passed.
    package static let passed = CheckOutcome(haltText: nil)
    /// One more failed check.
    package static func failed(_ text: String) -> CheckOutcome { CheckOutcome(haltText: text) }
}

/// Whether the metrics providers are reachable.
package enum ProviderCheck: Sendable, Hashable {
    /// All providers are reachable.
    case available
    /// A provider is not reachable; the text names it.
    case unavailable(String)
}

/// The inputs of one reconciliation that are known so far.
package struct ReconcileInputs: Sendable, Hashable {
    /// For ``PendingInput/providerCheck``.
    package var providers: ProviderCheck?
    /// For ``PendingInput/hook(_:)``, by the hook's index.
    package var hooks: [Int: HookAnswer] = [:]
    /// For ``PendingInput/checks``.
    package var checks: CheckOutcome?

    /// No input is known yet.
    package init() {}
}
