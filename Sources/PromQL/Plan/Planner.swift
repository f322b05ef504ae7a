import Model

/// Makes a plan from a syntax tree and the times of the query.
struct Planner {
    /// A node and whether its value is the same at every step.
    typealias Planned = (node: PlanNode, isInvariant: Bool)

    /// The engine's settings.
    let options: EngineOptions
    /// The functions that queries may call.
    let functions: FunctionTable
    /// The lookback of this query.
    let lookback: Milliseconds
    /// Whether counters are to begin at 0 where the store knows that they did.
    let zeroStart: Bool
    /// First and last time of the query, which `@ start()` and `@ end()` mean even inside subqueries.
    let bounds: (start: Timestamp, end: Timestamp)
    /// What duration expressions are resolved with.
    let durations: DurationResolver
    /// Whether what is being planned only serves `histogram_count` and the like, for which Prometheus reads native
    /// histograms without buckets and finds out about resets on the way.
    var readsTotals = false
    /// The selections so far.
    var requests = SelectionRequests()

    /// Plans a query from `start` through `end`. `step` is 0 for an instant query.
    static func plan(
        _ expr: Expr, from start: Timestamp, through end: Timestamp, step: Milliseconds, _ options: EngineOptions,
        _ control: QueryControl, _ functions: FunctionTable
    ) throws(QueryError) -> QueryPlan {
        let grid = step == 0 ? StepGrid(at: start) : StepGrid(from: start, through: end, step: step)
        var planner = Planner(
            options: options, functions: functions, lookback: control.lookback ?? options.lookback,
            zeroStart: control.zeroStart,
            bounds: (start, end), durations: DurationResolver(from: start, through: end, step: step))
        let planned = try planner.plan(expr, over: grid)
        let root = planned.isInvariant ? Self.wrapped(planned.node) : planned.node
        return QueryPlan(root: root, grid: grid, requests: planner.requests.requests)
    }

    /// Plans one node for evaluation over `grid`. `hints` say what the nearest selector is used for.
    mutating func plan(
        _ expr: Expr, over grid: StepGrid, _ hints: SelectHints = SelectHints()
    ) throws(QueryError) -> Planned {
        switch expr {
        case .number(let literal): return (.number(literal.value), true)
        case .string(let literal): return (.string(literal), true)
        case .paren(let paren): return try plan(paren.expr, over: grid, hints)
        case .vector(let selector): return try plan(selector, over: grid, hints)
        case .matrix(let matrix): return try plan(matrix, over: grid, hints)
        case .subquery(let subquery): return try plan(subquery, over: grid)
        case .call(let call): return try plan(call, over: grid)
        case .aggregate(let aggregate): return try plan(aggregate, over: grid)
        case .binary(let binary): return try plan(binary, over: grid)
        case .unary(let unary):
            let (node, invariant) = try plan(unary.expr, over: grid, hints)
            if unary.op == .plus { return (node, invariant) }
            if case .number(let value) = node { return (.number(-value), true) }
            return (.negate(node, at: unary.range), invariant)
        }
    }

    /// Marks a node for evaluation at one step only. Constants and ranges gain nothing by it.
    static func wrapped(_ node: PlanNode) -> PlanNode {
        switch node {
        case .number, .string, .range, .invariant: node
        default: .invariant(node)
        }
    }

    /// Several operands of one node: when the node as a whole varies, its invariant operands are marked.
    static func settled(_ operands: [Planned], varies: Bool = false) -> (nodes: [PlanNode], isInvariant: Bool) {
        let isInvariant = !varies && operands.allSatisfy(\.isInvariant)
        return (operands.map { !isInvariant && $0.isInvariant ? wrapped($0.node) : $0.node }, isInvariant)
    }

    /// The expression inside any number of parentheses.
    static func unwrapped(_ expr: Expr) -> Expr {
        var expr = expr
        while case .paren(let paren) = expr { expr = paren.expr }
        return expr
    }

    private mutating func plan(_ aggregate: Aggregate, over grid: StepGrid) throws(QueryError) -> Planned {
        var hints = SelectHints()
        hints.function = aggregate.op.rawValue
        if !aggregate.grouping.without { hints.grouping = aggregate.grouping.labels }
        var operands: [Planned] = [try plan(aggregate.expr, over: grid, hints)]
        if let parameter = aggregate.parameter { operands.append(try plan(parameter, over: grid)) }
        let (nodes, invariant) = Self.settled(operands)
        let plan = AggregatePlan(
            op: aggregate.op, parameter: nodes.count > 1 ? nodes[1] : nil,
            parameterPosition: aggregate.parameter.map { Self.unwrapped($0).range } ?? aggregate.range,
            operand: nodes[0], operandPosition: aggregate.expr.range, grouping: aggregate.grouping,
            position: aggregate.range)
        return (.aggregate(plan), invariant)
    }

    private mutating func plan(_ binary: Binary, over grid: StepGrid) throws(QueryError) -> Planned {
        let operands: [Planned] = [try plan(binary.left, over: grid), try plan(binary.right, over: grid)]
        if case .number(let left) = operands[0].node, case .number(let right) = operands[1].node,
            let value = BinaryArithmetic.scalar(binary.op, left, right)
        {
            return (.number(value), true)
        }
        let (nodes, invariant) = Self.settled(operands)
        let plan = BinaryPlan(
            op: binary.op, left: nodes[0], right: nodes[1], returnsBool: binary.returnsBool,
            matching: binary.matching ?? VectorMatching(), position: binary.range)
        return (.binary(plan), invariant)
    }
}
