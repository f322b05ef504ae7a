/// A Canary asks for a way of releasing that this state machine does not have. Each case names what is missing.
package enum UnsupportedStrategy: Error, Sendable, Hashable {
    /// A target that is neither a Deployment nor a DaemonSet.
    case targetKind(String)
    /// Neither `stepWeight` nor `stepWeights`: the canary would stay at weight 0 for ever.
    case noSteps
}

extension UnsupportedStrategy: CustomStringConvertible {
    /// What was found and what would be needed.
    package var description: String {
        switch self {
        case .targetKind(let kind):
            "a target of kind \(kind) is not supported; wanted a Deployment or a DaemonSet"
        case .noSteps:
            "analysis has neither stepWeight, stepWeights nor iterations, so the canary would never get traffic; wanted one "
                + "of them"
        }
    }
}
