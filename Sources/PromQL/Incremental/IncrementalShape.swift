import Model

/// The forms of queries that can be maintained incrementally. The value of each is one number without labels.
///
/// **Problem.** Which queries does `IncrementalQuery` take over from the engine? Those that success-rate and latency checks
/// consist of: `sum(rate(x[w]))`, `histogram_quantile(q, sum by (le) (rate(x[w])))`, both also with `increase`, arithmetic
/// between them and with numbers, and `... or vector(n)`.
///
/// **Method.** Pattern matching on the plan, all or nothing. The result is a flat list of nodes in post-order, so that
/// evaluating it follows no references.
struct IncrementalShape: Sendable {
    /// A part of the query. Operands are indexes of earlier nodes.
    enum Node: Sendable {
        /// A constant.
        case number(Double)
        /// Sum of the rates of all series of a selection, given by the index of its request.
        case sum(Int, Extrapolation)
        /// Quantile, 0...1, of the buckets of a selection, given by the index of its request.
        case quantile(Double, Int, Extrapolation)
        /// An arithmetic operator between two nodes.
        case arithmetic(BinaryOperator, Int, Int)
        /// Unary minus.
        case negated(Int)
        /// The value of a node, or the number where the node's vector is empty.
        case orNumber(Int, Double)
    }

    /// Most selections of a query: one bit each in `IncrementalEvaluation.counted`.
    static let requestsMax = 64

    /// The nodes in post-order; the last one is the whole query.
    var nodes: [Node]

    /// One selection of a shape.
    struct Request: Sendable {
        /// The selector.
        var matchers: [Matcher]
        /// Length of the window.
        var duration: Milliseconds
        /// Whether its series are summed by `le` instead of all together.
        var byBound: Bool
    }

    /// The shape of a planned query with its selections; `nil` for any other query.
    static func recognise(_ plan: QueryPlan) -> (shape: IncrementalShape, requests: [Request])? {
        var reader = ShapeReader(plan: plan, requests: Array(repeating: nil, count: plan.requests.count))
        guard (1...requestsMax).contains(plan.requests.count), reader.shape(plan.root) != nil else { return nil }
        let requests = reader.requests.compactMap { $0 }
        return requests.count == plan.requests.count ? (IncrementalShape(nodes: reader.nodes), requests) : nil
    }
}

/// Matches a plan against the forms, and collects nodes and requests on the way.
private struct ShapeReader {
    let plan: QueryPlan
    var requests: [IncrementalShape.Request?]
    var nodes: [IncrementalShape.Node] = []

    private mutating func add(_ node: IncrementalShape.Node) -> Int {
        nodes.append(node)
        return nodes.count - 1
    }

    /// Adds the nodes for a node of the plan, and returns the index of the last one; `nil` for another form.
    mutating func shape(_ node: PlanNode) -> Int? {
        switch node {
        case .number(let value): return add(.number(value))
        case .invariant(let inner): return shape(inner)
        case .negate(let inner, _):
            guard let inner = shape(inner) else { return nil }
            return add(.negated(inner))
        case .aggregate(let aggregate):
            guard aggregate.grouping.labels.isEmpty, !aggregate.grouping.without else { return nil }
            guard let rate = rate(of: aggregate, byBound: false) else { return nil }
            return add(.sum(rate.request, rate.extrapolation))
        case .call(let call): return quantile(call)
        case .binary(let binary): return arithmetic(binary)
        case .string, .selector, .range: return nil
        }
    }

    private mutating func quantile(_ call: CallPlan) -> Int? {
        guard call.name == "histogram_quantile", call.arguments.count == 2,
            let share = number(call.arguments[0]), (0...1).contains(share),
            case .aggregate(let aggregate) = call.arguments[1], !aggregate.grouping.without,
            aggregate.grouping.labels == ["le"], let rate = rate(of: aggregate, byBound: true)
        else { return nil }
        return add(.quantile(share, rate.request, rate.extrapolation))
    }

    /// `sum(rate(x[w]))` or `sum(increase(x[w]))`. `nil` also for a request that two ranges use with different windows or
    /// classes.
    private mutating func rate(
        of aggregate: AggregatePlan, byBound: Bool
    ) -> (request: Int, extrapolation: Extrapolation)? {
        guard aggregate.op == .sum, aggregate.parameter == nil, case .call(let call) = aggregate.operand,
            call.name == "rate" || call.name == "increase", call.arguments.count == 1,
            case .range(let range) = call.arguments[0], case .selection(let request) = range.source,
            range.anchoring == .none, range.reference == ReferenceTime(), range.duration > 0
        else { return nil }
        let wanted = IncrementalShape.Request(
            matchers: plan.requests[request].matchers, duration: range.duration, byBound: byBound)
        if let known = requests[request] {
            guard known.duration == wanted.duration, known.byBound == byBound else { return nil }
        }
        requests[request] = wanted
        return (request, Extrapolation(isCounter: true, isRate: call.name == "rate"))
    }

    private mutating func arithmetic(_ binary: BinaryPlan) -> Int? {
        if binary.op == .or {
            guard Self.matchesAll(binary.matching, .manyToMany), let left = shape(binary.left),
                !binary.left.isScalar, let number = vectorNumber(binary.right)
            else { return nil }
            return add(.orNumber(left, number))
        }
        guard BinaryArithmetic.operation(binary.op) != nil, Self.matchesAll(binary.matching, .oneToOne),
            let left = shape(binary.left), let right = shape(binary.right)
        else { return nil }
        return add(.arithmetic(binary.op, left, right))
    }

    /// The number of `vector(n)`.
    private func vectorNumber(_ node: PlanNode) -> Double? {
        switch node {
        case .invariant(let inner): return vectorNumber(inner)
        case .call(let call) where call.name == "vector" && call.arguments.count == 1:
            return number(call.arguments[0])
        default: return nil
        }
    }

    /// The number of a literal.
    private func number(_ node: PlanNode) -> Double? {
        switch node {
        case .number(let value): return value
        case .invariant(let inner): return number(inner)
        default: return nil
        }
    }

    private static func matchesAll(_ matching: VectorMatching, _ cardinality: VectorMatching.Cardinality) -> Bool {
        matching.cardinality == cardinality && !matching.on && matching.labels.isEmpty && matching.include.isEmpty
            && matching.fillLeft == nil && matching.fillRight == nil
    }
}
