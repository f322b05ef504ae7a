import Documents
import FlaggerAPI

/// Finds what is doubtful in the weights of a Canary: those that are no share of the traffic, and those that don't rise.
enum CanaryLint {
    /// What is doubtful, how bad it is, and the path of the value that is meant.
    static func messages(_ canary: Canary) -> [(severity: Finding.Severity, path: NodePath, text: String)] {
        guard let analysis = canary.analysis else { return [] }
        return shares(analysis) + (analysis.iterations > 0 ? [] : steps(analysis))
    }

    /// Weights that are no per cents. Those of `stepWeights` are told by the decoder, which changes them.
    private static func shares(_ analysis: CanaryAnalysis) -> [(
        severity: Finding.Severity, path: NodePath, text: String
    )] {
        let weights = [
            ("stepWeight", analysis.stepWeight), ("maxWeight", analysis.maxWeight),
            ("mirrorWeight", analysis.mirrorWeight),
            ("stepWeightPromotion", analysis.stepWeightPromotion),
        ]
        return weights.compactMap { key, weight in
            (0...100).contains(weight)
                ? nil
                : (
                    .warning, NodePath("spec.analysis").key(key),
                    "\(weight) is no share of the traffic: wanted per cents from 0 to 100"
                )
        }
    }

    private static func steps(_ analysis: CanaryAnalysis) -> [(
        severity: Finding.Severity, path: NodePath, text: String
    )] {
        let path = NodePath("spec.analysis")
        var out: [(severity: Finding.Severity, path: NodePath, text: String)] = []
        for (index, pair) in zip(analysis.stepWeights, analysis.stepWeights.dropFirst()).enumerated()
        where pair.1 <= pair.0 {
            out.append(
                (
                    .warning, path.key("stepWeights").index(index + 1),
                    "weight \(pair.1) after \(pair.0): weights must rise, each is a step of its own"
                ))
        }
        if analysis.stepWeight > 0, analysis.stepWeights.isEmpty {
            let most = analysis.maxWeight > 0 ? analysis.maxWeight : 100
            // Weights may be any number that fits: no sum of them may trap.
            let rest = most % analysis.stepWeight
            let last = rest == 0 ? most : most.addingReportingOverflow(analysis.stepWeight - rest).partialValue
            if analysis.stepWeight > most {
                out.append(
                    (
                        .warning, path.key("stepWeight"),
                        "the first step of \(analysis.stepWeight) is beyond maxWeight \(most): there is only that one"
                    ))
            } else if last > most {
                out.append(
                    (
                        .note, path.key("maxWeight"),
                        "steps of \(analysis.stepWeight) don't end at maxWeight \(most): the last one is \(min(last, 100))"
                    ))
            }
        }
        return out
    }
}
