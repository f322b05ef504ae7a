package import Rollout

/// What a tick decided, in a few words.
package enum DecisionText {
    /// The words for a tick; `threshold` is how many failed checks the Canary allows for.
    package static func text(_ reason: TransitionReason, failedChecksMax threshold: Int) -> String {
        switch reason {
        case .started: "new revision, scaling up"
        case .restarted: "restarted"
        case .advanced(let weight): "weight \(weight)"
        case .iterated(let round, let count): "round \(round) of \(count)"
        case .checkFailed(let count): "failed check \(count) of \(threshold)"
        case .promoted: "promoted"
        case .routingToPrimary: "traffic back to the primary"
        case .succeeded: "succeeded"
        case .rolledBack: "rolled back"
        case .promotionFailed: "promotion failed"
        case .waitingForApproval(let hook): "waiting for \(hook)"
        case .waitingForPrimary(let text), .waitingForCanary(let text), .targetUnusable(let text),
            .routeUnreadable(let text):
            text
        case .initialised: "initialised"
        case .suspended: "suspended"
        case .terminating: "terminating"
        case .pending: "asking"
        case .noChange: "-"
        }
    }
}
