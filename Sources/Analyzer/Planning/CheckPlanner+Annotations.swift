import Documents
import FlaggerAPI
import Model
import PromQL

/// The checks that our own annotations add or change.
extension CheckPlanner {
    /// A check, and after it the one that compares its value with the primary's, where that is asked for. `text` is the
    /// template of its query, `nil` for a builtin.
    func compared(_ check: Check, _ metric: RequestedMetric, text: String? = nil) -> [Check] {
        guard let comparison = metric.comparison, check.problem == nil,
            let isScalar = check.expr.map({ $0.type == .scalar })
        else { return [check] }
        var other = check
        other.comparison = comparison
        other.sequential = nil
        other.metric += comparison.kind == .ratio ? " ratio to primary" : " difference to primary"
        other.unit = comparison.kind == .ratio ? nil : check.unit
        other.threshold = Threshold(.atMost, range: comparison.range, single: nil)
        guard let twin = twinQuery(check, metric, text: text),
            let primary = target.primaryQuery(canary: check.query, twin: twin)
        else {
            let key = Annotation.key(Annotation.compare, metric: metric.name)
            let message =
                "annotation \(key): nothing in the query names \(target.workload), so the primary's is the same"
            other.problem = SpecProblem(.badAnnotation, message, path: CanaryAnnotations.path.key(key))
            return [check, other]
        }
        let query = comparison.query(canary: check.query, primary: primary, isScalar: isScalar)
        other.sides = ComparisonSides(check, primary: primary)
        return [check, finish(other, query: query)]
    }

    /// The query of a check as the primary's twin of the target renders it.
    private func twinQuery(_ check: Check, _ metric: RequestedMetric, text: String?) -> String? {
        let twin = target.primaryTwin
        if let builtin = check.builtin {
            return BuiltinQuery(twin, window: check.window ?? "", zeroStart: check.zeroStart).text(builtin)
        }
        let values = TemplateValues(twin, interval: check.window ?? "", variables: metric.variables)
        return text.flatMap { try? QueryTemplate($0).render(values) }
    }

    /// The check of a builtin success rate with a sequential test in place of its threshold, where that is asked for.
    /// Its query is the one that comes nearest: the same counters over a whole step.
    func sequential(_ check: Check, _ metric: RequestedMetric) -> Check {
        guard let rates = metric.sequential, check.problem == nil, let builtin = check.builtin
        else { return check }
        var check = check
        let length = request.interval
        let window = PrometheusDuration.text(length)
        let queries = BuiltinQuery(target, window: window, zeroStart: check.zeroStart)
        guard let selection = queries.selection(builtin) else { return check }
        let steps = request.stepCount
        check.sequential = SequentialPlan(
            rates: rates.perStep(of: steps), steps: steps, length: length, clock: options.steps,
            matchers: selection.all, good: selection.good)
        check.window = window
        // Two digits are enough to show; upwards, so that a faulty stretch lies below it.
        let limit = (10_000 * (1 - rates.breakEven)).rounded(.up) / 100
        check.threshold = Threshold(.atLeast, range: ThresholdRange(min: limit), single: nil)
        return finish(check, query: queries.text(builtin))
    }
}
