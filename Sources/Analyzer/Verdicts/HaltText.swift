package import FlaggerAPI
import Model

/// The Warnings with which Flagger halts an advancement, word for word: scripts and alerts look for them.
package enum HaltText {
    /// The Warning for a check that does not pass; `nil` for one that does.
    ///
    /// `provider` is what Flagger calls its metrics provider (`linkerd`, `gatewayapi:v1`, ...). Where there is no
    /// value, Flagger's words say "no values found"; ours for the reason are in the verdict.
    package static func text(for result: CheckResult, of canary: Canary, provider: String = "linkerd") -> String? {
        switch result.conclusion {
        case .pass: nil
        case .fail(let value, let outcome):
            comparison(result.check, value, outcome).map { "Halt \(canary.reference) advancement \($0)" }
        case .inconclusive(.tooFewRequests):
            // Ours: Flagger judges by any number of requests.
            "Halt \(canary.reference) advancement \(result.check.metric): \(ReasonText.sentence(result))"
        case .inconclusive: noValues(result.check, of: canary, provider: provider)
        case .error(let failure): error(failure, in: result.check, provider: provider)
        }
    }

    /// The Warning for a whole verdict: that of the first check that does not pass, since Flagger stops there; `nil`
    /// when all pass.
    package static func text(for verdict: Verdict, of canary: Canary, provider: String = "linkerd") -> String? {
        for result in verdict.checks {
            if let text = text(for: result, of: canary, provider: provider) { return text }
        }
        return nil
    }

    /// `success rate 69.17% < 99%`, `request duration 1.2s > 500ms`, `404s percentage 6.20 > 3`; `nil` when within.
    package static func comparison(_ check: Check, _ value: Double, _ outcome: Threshold.Outcome) -> String? {
        switch outcome {
        case .within: nil
        case .below(let limit): "\(shown(check, value)) < \(limitText(check, limit))"
        case .above(let limit): "\(shown(check, value)) > \(limitText(check, limit))"
        }
    }

    /// The value with the name Flagger gives the metric.
    private static func shown(_ check: Check, _ value: Double) -> String {
        let name =
            switch check.comparison == nil ? check.builtin : nil {
            case .requestSuccessRate: "success rate"
            case .requestDuration: "request duration"
            default: check.metric
            }
        return "\(name) \(valueText(check, value))"
    }

    /// The value as Flagger prints it: two digits and a percent sign, a Go duration, or two digits.
    package static func valueText(_ check: Check, _ value: Double) -> String {
        switch check.threshold.kind {
        case .atLeast: FloatText.fixed(value, places: 2) + "%"
        case .duration: GoDuration.text(Threshold.milliseconds(value))
        case .atMost: FloatText.fixed(value, places: 2)
        }
    }

    /// A limit as Flagger prints it.
    package static func limitText(_ check: Check, _ limit: Double) -> String {
        switch check.threshold.kind {
        case .atLeast: FloatText.shortest(limit) + "%"
        case .duration: GoDuration.text(Threshold.milliseconds(limit))
        case .atMost: FloatText.shortest(limit)
        }
    }

    private static func noValues(_ check: Check, of canary: Canary, provider: String) -> String {
        let noTraffic = "probably \(canary.target.name).\(canary.reference.namespace) is not receiving traffic"
        switch check.source {
        case .builtin(.requestSuccessRate):
            let inner = queryPrefix(.requestSuccessRate, provider) + "no values found"
            return "Halt advancement no values found for \(provider) metric \(check.metric) \(noTraffic): \(inner)"
        case .builtin: return "Halt advancement no values found for \(provider) metric \(check.metric) \(noTraffic)"
        case .inline: return "Halt advancement no values found for metric: \(check.metric)"
        case .template, .nothing:
            return "Halt advancement no values found for custom metric: \(check.metric): no values found"
        }
    }

    /// Flagger's generic HTTP observer alone passes errors of the success rate on without these words.
    private static func queryPrefix(_ builtin: Builtin, _ provider: String) -> String {
        let isGeneric = provider.hasPrefix("kubernetes") || provider.hasPrefix("gatewayapi:")
        return isGeneric && builtin == .requestSuccessRate ? "" : "running query failed: "
    }

    private static func error(_ failure: CheckError, in check: Check, provider: String) -> String {
        switch check.source {
        case .nothing: return "Metric query failed for no usable metrics template and query were configured"
        case .builtin(let builtin):
            return "Prometheus query failed: \(queryPrefix(builtin, provider))\(failure.message)"
        case .inline: return "Prometheus query failed for \(check.metric): \(failure.message)"
        case .template(let reference):
            guard case .spec(let problem) = failure else {
                return "Metric query failed for \(check.metric): \(failure.message)"
            }
            switch problem.kind {
            case .missingTemplate: return "Metric template \(reference) error: \(problem.message)"
            case .unsupportedProvider(let type):
                return "Metric template \(reference) provider \(type) error: \(problem.message)"
            case .badTemplate: return "Metric template \(reference) query render error: \(problem.message)"
            case .nothingToMeasure, .badQuery, .missingInterval, .badAnnotation, .unsupportedTarget:
                return "Metric query failed for \(check.metric): \(problem.message)"
            }
        }
    }
}
