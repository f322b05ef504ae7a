import Model

/// Functions that convert between scalars and vectors, and functions of sample and step times.
enum ScalarFunctions {
    /// The records.
    static let all: [FunctionRecord] = [
        FunctionRecord("pi", [], .scalar, does: .scalars { _ in .pi }),
        FunctionRecord(
            "max_of", [.scalar, .scalar], .scalar, experimental: true,
            does: .scalars { ElementwiseFunctions.larger($0[0], $0[1]) }),
        FunctionRecord(
            "min_of", [.scalar, .scalar], .scalar, experimental: true,
            does: .scalars { ElementwiseFunctions.smaller($0[0], $0[1]) }),
        FunctionRecord(
            "time", [], .scalar, traits: FunctionTraits(stepDependence: .always),
            does: .node { (_, _, grid) throws(QueryError) in
                .scalar((0..<grid.count).map { Double(grid.time($0)) / 1000 })
            }),
        FunctionRecord("vector", [.scalar], .vector, does: .node(vector)),
        FunctionRecord("scalar", [.vector], .scalar, does: .node(scalar)),
        FunctionRecord(
            "timestamp", [.vector], .vector,
            traits: FunctionTraits(stepDependence: .exceptOfSelector, readsSampleTimes: true), does: .node(timestamp)),
        FunctionRecord(
            "start_timestamp", [.vector], .vector, experimental: true, traits: FunctionTraits(readsSampleTimes: true),
            does: .node(startTimestamp)),
    ]

    /// A series without labels.
    private static func vector(
        _ evaluation: Evaluation, _ plan: CallPlan, _ grid: StepGrid
    ) throws(QueryError) -> NodeValue {
        let values = try evaluation.scalar(plan.arguments[0], over: grid)
        var out = SeriesVector(labels: SeriesLabels(ordered: [[]]), stepCount: grid.count)
        for (step, value) in values.enumerated() { out.set(step, value) }
        return .vector(out)
    }

    /// The only float of each step, NaN where there is none or several.
    private static func scalar(
        _ evaluation: Evaluation, _ plan: CallPlan, _ grid: StepGrid
    ) throws(QueryError) -> NodeValue {
        let vector = try evaluation.vector(plan.arguments[0], over: grid)
        var counts = Array(repeating: 0, count: grid.count)
        var values = Array(repeating: Double.nan, count: grid.count)
        vector.present.forEach { cell in
            let step = cell % grid.count
            counts[step] += 1
            values[step] = counts[step] == 1 ? vector.values[cell] : .nan
        }
        return .scalar(values)
    }

    /// The sample's own time for a selector, the step's for anything else; seconds.
    private static func timestamp(
        _ evaluation: Evaluation, _ plan: CallPlan, _ grid: StepGrid
    ) throws(QueryError) -> NodeValue {
        if case .selector(let selector) = plan.arguments[0] {
            let found = try evaluation.select(selector, over: grid, .time)
            return .vector(try evaluation.droppingName(found))
        }
        let vector = try evaluation.vector(plan.arguments[0], over: grid)
        var out = SeriesVector(labels: vector.labels, stepCount: grid.count)
        for cell in vector.values.indices where vector.hasSample(cell) {
            out.set(cell, Double(grid.time(cell % grid.count)) / 1000)
        }
        return .vector(try evaluation.droppingName(out))
    }

    /// When the counters of a selector's samples started, in seconds; 0 where that is not known. Anything but a selector
    /// has no start times: the result is empty.
    private static func startTimestamp(
        _ evaluation: Evaluation, _ plan: CallPlan, _ grid: StepGrid
    ) throws(QueryError) -> NodeValue {
        guard case .selector(let selector) = plan.arguments[0] else {
            _ = try evaluation.vector(plan.arguments[0], over: grid)
            return .vector(.empty(stepCount: grid.count))
        }
        let found = try evaluation.select(selector, over: grid, .startTime)
        return .vector(try evaluation.droppingName(found))
    }
}
