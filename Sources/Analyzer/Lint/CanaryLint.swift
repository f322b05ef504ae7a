import Documents
import FlaggerAPI

/// Finds what is doubtful in a Canary besides its metrics: weights that don't rise, and ports that don't fit.
enum CanaryLint {
    /// What is doubtful, each with the path of the value that is meant.
    static func messages(_ canary: Canary) -> [(path: NodePath, text: String)] {
        weights(canary) + ports(canary)
    }

    private static func weights(_ canary: Canary) -> [(path: NodePath, text: String)] {
        guard let analysis = canary.analysis, analysis.iterations <= 0 else { return [] }
        let path = NodePath("spec.analysis")
        var out: [(path: NodePath, text: String)] = []
        for (index, pair) in zip(analysis.stepWeights, analysis.stepWeights.dropFirst()).enumerated()
        where pair.1 <= pair.0 {
            out.append(
                (
                    path.key("stepWeights").index(index + 1),
                    "weight \(pair.1) after \(pair.0): weights must rise, each is a step of its own"
                ))
        }
        if analysis.stepWeight > 0, analysis.stepWeights.isEmpty {
            let most = analysis.maxWeight > 0 ? analysis.maxWeight : 100
            let last = (most + analysis.stepWeight - 1) / analysis.stepWeight * analysis.stepWeight
            if analysis.stepWeight > most {
                out.append(
                    (
                        path.key("stepWeight"),
                        "the first step of \(analysis.stepWeight) is beyond maxWeight \(most): there is only that one"
                    ))
            } else if last > most {
                out.append(
                    (
                        path.key("maxWeight"),
                        "steps of \(analysis.stepWeight) don't end at maxWeight \(most): the last one is \(min(last, 100))"
                    ))
            }
        }
        return out
    }

    /// A route whose parent is a Service carries the traffic of that Service's port only.
    private static func ports(_ canary: Canary) -> [(path: NodePath, text: String)] {
        let path = NodePath("spec.service.gatewayRefs")
        return canary.service.gatewayRefs.enumerated().compactMap { index, parent in
            guard parent.kind == "Service", let port = parent.port, port != canary.service.port else { return nil }
            return (
                path.index(index).key("port"),
                "the route's parent is port \(port) of Service \(parent.name), and the Canary's service has port "
                    + "\(canary.service.port): no request takes this route"
            )
        }
    }
}
