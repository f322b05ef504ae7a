import Model

/// The evaluator's switch over the nodes of a plan. It binds functions by their ids to the standard library.
extension Evaluation {
    /// The value of a node, whatever its operands hold.
    func dispatch(_ node: PlanNode, over grid: StepGrid) throws(QueryError) -> NodeValue {
        switch node {
        case .number(let value): return .scalar(Array(repeating: value, count: grid.count))
        case .string(let literal): return .string(literal.value)
        case .selector(let plan): return .vector(try select(plan, over: grid))
        case .range: throw .evaluation("a range vector can't be used here")
        case .call(let plan): return try call(plan, over: grid)
        case .aggregate(let plan): return .vector(try evaluate(aggregate: plan, over: grid))
        case .binary(let plan): return try evaluate(binary: plan, over: grid)
        case .negate(let node, _): return try evaluate(negated: node, over: grid)
        case .invariant(let node): return try evaluateOnce(node, over: grid)
        }
    }

    /// The value of a node at the first step, repeated for all.
    private func evaluateOnce(_ node: PlanNode, over grid: StepGrid) throws(QueryError) -> NodeValue {
        if grid.isSingle { return try dispatch(node, over: grid) }
        let once = try dispatch(node, over: StepGrid(at: grid.start))
        switch once {
        case .string: return once
        case .scalar(let values): return .scalar(Array(repeating: values[0], count: grid.count))
        case .vector(let vector):
            let vector = vector.compacted()
            try budget.reserveTable(series: vector.seriesCount, steps: grid.count)
            var out = SeriesVector(labels: vector.labels, stepCount: grid.count)
            for series in 0..<vector.seriesCount {
                for (step, cell) in out.cells(of: series).enumerated() {
                    try checkProgress(step, of: out)
                    out.copy(cell, from: vector, series)
                }
            }
            return .vector(out)
        }
    }

    /// Unary minus.
    private func evaluate(negated node: PlanNode, over grid: StepGrid) throws(QueryError) -> NodeValue {
        switch try evaluate(node, over: grid) {
        case .string: throw .evaluation("expected a scalar or an instant vector, found a string")
        case .scalar(let values): return .scalar(values.map { -$0 })
        case .vector(var vector):
            vector.present.forEach { vector.values[$0] = -vector.values[$0] }
            for cell in vector.histograms.keys { vector.histograms[cell]?.scale(by: -1) }
            return .vector(try droppingName(vector))
        }
    }

    /// A function call.
    private func call(_ plan: CallPlan, over grid: StepGrid) throws(QueryError) -> NodeValue {
        switch FunctionLibrary.standard[plan.function] {
        case .range(let function): return try rangeCall(plan, function, over: grid)
        case .node(let evaluate): return try evaluate(self, plan, grid)
        case .map(let transform): return try mapped(try vector(plan.arguments[0], over: grid), transform)
        case .scalars(let compute):
            var columns: [[Double]] = []
            for argument in plan.arguments { columns.append(try scalar(argument, over: grid)) }
            return .scalar((0..<grid.count).map { step in compute(columns.map { $0[step] }) })
        case .constant: throw .evaluation("\(plan.name) has no value in a plan")
        }
    }
}
