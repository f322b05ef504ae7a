package import FlaggerAPI

/// From a Canary to the checks it asks for.
package enum Analysis {
    /// The checks of a Canary in the order Flagger evaluates them: builtins and inline queries first, in the order of
    /// the list, then templates. A metric may make two checks, and with our annotations one more for each. One that can't be
    /// run carries its `problem`; the others are not affected. Pure; O(templates + metrics x query).
    package static func plan(
        _ canary: Canary, templates: [MetricTemplate], options: PlanOptions = PlanOptions()
    ) -> [Check] {
        plan(AnalysisRequest(canary, templates: templates), options: options)
    }

    /// The checks of a request, in the same order.
    package static func plan(_ request: AnalysisRequest, options: PlanOptions = PlanOptions()) -> [Check] {
        let planner = CheckPlanner(request, options: options)
        return request.metrics.flatMap(planner.ownChecks) + request.metrics.flatMap(planner.templateChecks)
    }
}
