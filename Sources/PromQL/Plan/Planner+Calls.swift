import Model

extension Planner {
    /// A function call.
    mutating func plan(_ call: Call, over grid: StepGrid) throws(QueryError) -> Planned {
        let (name, traits) = (call.function.name, call.function.traits)
        if let constant = traits.constant { return (.number(value(of: constant)), true) }
        let arguments = call.arguments.map(Self.unwrapped)
        var hints = SelectHints()
        hints.function = name
        hints.zeroStart = zeroStart && traits.mayStartAtZero
        let outer = readsTotals
        switch traits.histogramReading {
        case .inherited: break
        case .totals: readsTotals = true
        case .buckets: readsTotals = false
        }
        defer { readsTotals = outer }
        var operands: [Planned] = []
        let planned = traits.joinsInfo ? Array(arguments.prefix(1)) : arguments
        for argument in planned { operands.append(try plan(argument, over: grid, hints)) }
        try checkAnchoring(call.function, operands, at: call.range)
        let (nodes, invariant) = Self.settled(operands, varies: Self.varies(traits, operands))
        var plan = CallPlan(
            name: name, function: call.function.id, arguments: nodes, positions: arguments.map(\.range),
            position: call.range, isScalar: call.function.result == .scalar)
        if traits.takesLabelsFromMatchers, let first = arguments.first { plan.absentLabels = Self.absentLabels(first) }
        if traits.joinsInfo { plan.info = try infoPlan(arguments, over: grid) }
        return (.call(plan), invariant)
    }

    /// Refuses `anchored` and `smoothed` arguments of functions that have no such form.
    private func checkAnchoring(
        _ function: FunctionSignature, _ operands: [Planned], at position: SourceRange
    ) throws(QueryError) {
        let (name, traits) = (function.name, function.traits)
        for operand in operands {
            if traits.readsSampleTimes, case .selector(let selector) = operand.node, selector.isSmoothed {
                throw .unsupported(feature: "\(name) of a smoothed selector", at: position)
            }
            guard case .range(let range) = operand.node, range.anchoring != .none else { continue }
            if traits.anchorings.contains(range.anchoring) { continue }
            let allowed = functions.names(allowing: range.anchoring)
            throw .evaluation(
                "\(range.anchoring == .anchored ? "anchored" : "smoothed") modifier can only be used with: "
                    + "\(allowed.joined(separator: ", ")) - not with \(name)")
        }
    }

    /// Whether a call may have different values at two steps although its operands do not. `timestamp` of a selector with
    /// `@` gives the sample's time, which is the same at every step.
    private static func varies(_ traits: FunctionTraits, _ operands: [Planned]) -> Bool {
        switch traits.stepDependence {
        case .none: return false
        case .always: return true
        case .exceptOfSelector:
            if operands.count == 1, case .selector = operands[0].node { return false }
            return true
        }
    }

    /// A number of the query itself, in seconds.
    private func value(of constant: FunctionTraits.QueryConstant) -> Double {
        switch constant {
        case .start: Double(bounds.start) / 1000
        case .end: Double(bounds.end) / 1000
        case .range: durations.rangeSeconds
        case .step: durations.stepSeconds
        }
    }

    /// The labels that the absence of a selector's series suggests: the first
    /// equality matcher of a label counts, and any matcher of the same label after it takes the label back.
    private static func absentLabels(_ argument: Expr) -> Labels {
        let matchers: [Matcher]
        switch argument {
        case .vector(let selector): matchers = selector.matchers
        case .matrix(let matrix): matchers = matrix.selector.matchers
        default: return Labels()
        }
        var labels = Labels()
        var seen: Set<Label> = []
        for matcher in matchers where !matcher.name.equalsByBytes(LabelName.metricName) {
            let isFirst = matcher.kind == .equal && seen.insert(Label(matcher.name, "")).inserted
            labels[matcher.name] = isFirst ? matcher.value : ""
        }
        return labels
    }

    /// The info series of an `info` call: chosen by name, looked up at the time that the first selector of the
    /// argument refers to.
    private mutating func infoPlan(_ arguments: [Expr], over grid: StepGrid) throws(QueryError) -> InfoPlan {
        var nameMatchers: [Matcher] = []
        var dataMatchers: [Matcher] = []
        if arguments.count > 1, case .vector(let selector) = arguments[1] {
            for matcher in selector.matchers {
                if matcher.name.equalsByBytes(LabelName.metricName) {
                    nameMatchers.append(matcher)
                } else {
                    dataMatchers.append(matcher)
                }
            }
        }
        if nameMatchers.isEmpty { nameMatchers = [Matcher(name: LabelName.metricName, equals: "target_info")] }
        if nameMatchers.allSatisfy(\.isNegative), let suffix = try? Matcher(.regex, LabelName.metricName, ".+_info") {
            nameMatchers.append(suffix)
        }
        var reference = ReferenceTime()
        if let first = arguments.first { reference = try firstReference(first) ?? reference }
        let window = window(reference, lookback, over: grid)
        let request = requests.add(nameMatchers, window, SelectHints(function: "info"))
        let selector = SelectorPlan(
            request: request, reference: reference, lookback: lookback,
            position: arguments.last?.range ?? SourceRange(0, 0))
        return InfoPlan(selector: selector, nameMatchers: nameMatchers, dataMatchers: dataMatchers)
    }

    /// The time of the first selector in an expression, with the `@` and offsets of subqueries around it.
    private func firstReference(_ expr: Expr) throws(QueryError) -> ReferenceTime? {
        switch expr {
        case .number, .string: return nil
        case .vector(let selector): return try resolve(selector.modifiers)
        case .matrix(let matrix): return try resolve(matrix.selector.modifiers)
        case .paren(let paren): return try firstReference(paren.expr)
        case .unary(let unary): return try firstReference(unary.expr)
        case .aggregate(let aggregate): return try firstReference(aggregate.expr)
        case .binary(let binary):
            if let left = try firstReference(binary.left) { return left }
            return try firstReference(binary.right)
        case .call(let call):
            for argument in call.arguments {
                if let found = try firstReference(argument) { return found }
            }
            return nil
        case .subquery(let subquery):
            guard var inner = try firstReference(subquery.expr) else { return nil }
            let outer = try resolve(subquery.modifiers)
            if inner.at == nil {
                inner.at = outer.at
                inner.offset = inner.offset.plusClamped(outer.offset)
            }
            return inner
        }
    }
}
