import Model

/// `absent` and `absent_over_time`: 1 where a vector has no sample.
enum AbsentFunctions {
    /// The records.
    static let all: [FunctionRecord] = [
        FunctionRecord(
            "absent", [.vector], .vector, traits: FunctionTraits(takesLabelsFromMatchers: true), does: .node(absent)),
        FunctionRecord(
            "absent_over_time", [.matrix], .vector, traits: FunctionTraits(takesLabelsFromMatchers: true),
            does: .node(absentOverTime)),
    ]

    private static func absent(
        _ evaluation: Evaluation, _ plan: CallPlan, _ grid: StepGrid
    ) throws(QueryError) -> NodeValue {
        let vector = try evaluation.vector(plan.arguments[0], over: grid)
        var found = Array(repeating: false, count: grid.count)
        for cell in vector.values.indices where vector.hasSample(cell) { found[cell % grid.count] = true }
        return inverted(found, evaluation, plan)
    }

    private static func absentOverTime(
        _ evaluation: Evaluation, _ plan: CallPlan, _ grid: StepGrid
    ) throws(QueryError) -> NodeValue {
        guard case .range(let range) = plan.arguments[0] else {
            throw .evaluation("absent_over_time needs a range vector")
        }
        var found = Array(repeating: false, count: grid.count)
        let source = try evaluation.rangeSeries(of: range, over: grid)
        try evaluation.forEachSeries(of: source, range, over: grid) { (_, samples) throws(QueryError) in
            var cursor = WindowCursor()
            for step in 0..<grid.count where !found[step] {
                if cursor.window(of: range, at: grid.time(step), in: samples).count > 0 { found[step] = true }
            }
        }
        return inverted(found, evaluation, plan)
    }

    /// 1 wherever nothing was found, with the labels that the selector suggests.
    private static func inverted(_ found: [Bool], _ evaluation: Evaluation, _ plan: CallPlan) -> NodeValue {
        let labels = SeriesLabels(ordered: [evaluation.overlay.pairs(plan.absentLabels)])
        var out = SeriesVector(labels: labels, stepCount: found.count)
        for (step, found) in found.enumerated() where !found { out.set(step, 1) }
        return .vector(out)
    }
}
