import FlaggerAPI

/// A Canary asks for a way of releasing that this state machine does not have. Each case names what is missing.
package enum UnsupportedStrategy: Error, Sendable, Hashable {
    /// `analysis.match` with `analysis.iterations`.
    case abTesting
    /// `analysis.iterations` without `match`, or the provider `kubernetes`, which knows nothing else.
    case blueGreen(provider: String?)
    /// `analysis.mirror`
    case mirroring
    /// `analysis.sessionAffinity`
    case sessionAffinity
    /// A target that is not a Deployment.
    case targetKind(String)
    /// Neither `stepWeight` nor `stepWeights`: the canary would stay at weight 0 for ever.
    case noSteps
}

extension UnsupportedStrategy {
    /// Refuses what the state machine does not perform. A router of kind `provider` carries the traffic.
    static func check(_ analysis: CanaryAnalysis?, provider: String?) throws(UnsupportedStrategy) {
        if provider == ReleaseStrategy.unrouted { throw .blueGreen(provider: provider) }
        guard let analysis else { return }
        if analysis.iterations > 0 { throw analysis.match.isEmpty ? .blueGreen(provider: nil) : .abTesting }
        if analysis.mirror { throw .mirroring }
        if analysis.sessionAffinity != nil { throw .sessionAffinity }
    }
}

extension UnsupportedStrategy: CustomStringConvertible {
    /// What was found and what would be needed.
    package var description: String {
        switch self {
        case .abTesting:
            "A/B testing (analysis.match with analysis.iterations) is not supported; wanted a weighted canary "
                + "(analysis.stepWeight or analysis.stepWeights)"
        case .blueGreen(let provider?):
            "provider \(provider) releases blue/green only, which is not supported; wanted a router with weights "
                + "such as gatewayapi:v1"
        case .blueGreen(nil):
            "blue/green (analysis.iterations) is not supported; wanted a weighted canary (analysis.stepWeight or "
                + "analysis.stepWeights)"
        case .mirroring:
            "traffic mirroring (analysis.mirror) is not supported; wanted mirror: false"
        case .sessionAffinity:
            "session affinity (analysis.sessionAffinity) is not supported; wanted an analysis without it"
        case .targetKind(let kind):
            "a target of kind \(kind) is not supported; wanted a Deployment"
        case .noSteps:
            "analysis has neither stepWeight nor stepWeights, so the canary would never get traffic; wanted one of them"
        }
    }
}
