import Documents
package import FlaggerAPI

/// From a Canary to the checks it asks for.
package enum Analysis {
    /// The checks of a Canary in the order Flagger evaluates them: builtins and inline queries first, in the order of
    /// the list, then templates. A metric may make two checks, and with our annotations one more for each. One that can't be
    /// run carries its `problem`; the others are not affected. Pure; O(templates + metrics x query).
    package static func plan(
        _ canary: Canary, templates: [MetricTemplate], options: PlanOptions = PlanOptions()
    ) -> [Check] {
        let planner = CheckPlanner(canary: canary, templates: templates, options: options)
        let metrics = Array((canary.analysis?.metrics ?? []).enumerated())
        let list = NodePath("spec.analysis.metrics")
        let first = metrics.flatMap { planner.ownChecks($0.element, at: list.index($0.offset)) }
        let second = metrics.flatMap { planner.templateChecks($0.element, at: list.index($0.offset)) }
        return first + second
    }
}
