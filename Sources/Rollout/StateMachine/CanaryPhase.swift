import FlaggerAPI
package import Model

/// Where a rollout stands: `status.phase` of the Canary. The raw values are what users see and wait for.
package enum CanaryPhase: String, Sendable, Hashable, CaseIterable {
    /// Nothing was ever written; the raw value is the empty string.
    case unknown = ""
    /// The primary and its services are being made.
    case initializing = "Initializing"
    /// The primary serves everything, the target is at zero.
    case initialized = "Initialized"
    /// A new revision waits for its confirm-rollout hooks.
    case waiting = "Waiting"
    /// The canary is being analysed under live traffic.
    case progressing = "Progressing"
    /// The analysis is through, the confirm-promotion hooks are not.
    case waitingPromotion = "WaitingPromotion"
    /// The primary takes over the canary's template, traffic goes back to it.
    case promoting = "Promoting"
    /// All traffic is on the primary, the target is about to go to zero.
    case finalising = "Finalising"
    /// The new revision is the primary.
    case succeeded = "Succeeded"
    /// The new revision was taken back.
    case failed = "Failed"
    /// The Canary is being deleted and the target gets its pods back.
    case terminating = "Terminating"
    /// Named by the schema; nobody writes it.
    case terminated = "Terminated"

    /// Nothing has been promoted yet.
    package var isBeforeFirstRelease: Bool { self == .unknown || self == .initializing }

    /// A run is under way: reconciliations go on without a change of the target.
    package var isActive: Bool {
        switch self {
        case .waiting, .progressing, .waitingPromotion, .promoting, .finalising: true
        default: false
        }
    }

    /// The analysis runs in these phases and can end in a rollback.
    package var isAnalysed: Bool { self == .progressing || self == .waitingPromotion }

    /// A new template is on its way to the primary, or has arrived there.
    package var isAfterPromotion: Bool { self == .promoting || self == .finalising }

    /// The phases that may directly follow this one, itself not included. Anything else is a defect.
    package var successors: Set<CanaryPhase> {
        switch self {
        case .unknown: [.initializing, .initialized]
        case .initializing: [.initialized]
        case .initialized, .succeeded: [.waiting, .progressing, .failed]
        case .failed: [.waiting, .progressing]
        case .waiting: [.progressing, .failed]
        case .progressing: [.waitingPromotion, .promoting, .succeeded, .failed]
        case .waitingPromotion: [.progressing, .promoting, .succeeded, .failed]
        case .promoting: [.finalising, .succeeded, .failed]
        case .finalising: [.succeeded, .failed]
        case .terminating, .terminated: []
        }
    }
}

/// The value of a condition's `status`.
package enum ConditionStatus: String, Sendable, Hashable {
    case yes = "True"
    case no = "False"
    case unknown = "Unknown"
}

/// One entry of `status.conditions`; a Canary has exactly one, of type `Promoted`.
package struct CanaryCondition: Sendable, Hashable {
    /// Always `Promoted`; users wait for it with `kubectl wait --for=condition=promoted`.
    package static let type = "Promoted"

    /// Whether the newest revision is the primary.
    package var status: ConditionStatus
    /// The phase's name.
    package var reason: String
    /// A sentence for people.
    package var message: String
    /// When this condition was last replaced.
    package var lastUpdateTime: Timestamp
    /// When `status` last changed.
    package var lastTransitionTime: Timestamp

    /// A condition as read from or written to the API.
    package init(
        status: ConditionStatus, reason: String, message: String, lastUpdateTime: Timestamp,
        lastTransitionTime: Timestamp
    ) {
        self.status = status
        self.reason = reason
        self.message = message
        self.lastUpdateTime = lastUpdateTime
        self.lastTransitionTime = lastTransitionTime
    }

    /// The condition that goes with `phase`. An earlier one is kept when neither status nor reason changed; its
    /// transition time is kept while the status stays the same.
    package static func describing(
        _ phase: CanaryPhase, targetKind: String, after earlier: CanaryCondition?, now: Timestamp
    ) -> CanaryCondition {
        let (status, message) = wording(phase, targetKind: targetKind)
        if let earlier, earlier.status == status, earlier.reason == phase.rawValue { return earlier }
        let transition = earlier?.status == status ? earlier?.lastTransitionTime : nil
        return CanaryCondition(
            status: status, reason: phase.rawValue, message: message, lastUpdateTime: now,
            lastTransitionTime: transition ?? now)
    }

    private static func wording(_ phase: CanaryPhase, targetKind: String) -> (ConditionStatus, String) {
        switch phase {
        case .initialized: (.yes, "\(targetKind) initialization completed.")
        case .waiting, .waitingPromotion: (.unknown, "Waiting for approval.")
        case .progressing: (.unknown, "New revision detected, progressing canary analysis.")
        case .promoting: (.unknown, "Canary analysis completed, starting primary rolling update.")
        case .finalising: (.unknown, "Canary analysis completed, routing all traffic to primary.")
        case .succeeded: (.yes, "Canary analysis completed successfully, promotion finished.")
        case .failed: (.no, "Canary analysis failed, \(targetKind) scaled to zero.")
        case .unknown, .initializing, .terminating, .terminated:
            (.unknown, "New \(targetKind) detected, starting initialization.")
        }
    }
}
