import Model

extension Planner {
    /// Functions whose value differs from step to step whatever their arguments.
    private static let timeDependent: Set<String> = [
        "days_in_month", "day_of_month", "day_of_week", "day_of_year", "hour", "minute", "month", "predict_linear",
        "time", "timestamp", "year",
    ]
    /// Functions over counters, for which a series may be taken to begin at 0.
    private static let counterFunctions: Set<String> = ["rate", "increase", "irate"]

    /// Functions that need no buckets of native histograms, and functions that do.
    private static let totals: [String: Bool] = [
        "histogram_count": true, "histogram_sum": true, "histogram_avg": true, "histogram_quantile": false,
        "histogram_quantiles": false, "histogram_fraction": false, "histogram_stddev": false, "histogram_stdvar": false,
    ]

    /// A function call.
    mutating func plan(_ call: Call, over grid: StepGrid) throws(QueryError) -> Planned {
        let name = call.function.name
        if let value = contextNumber(name) { return (.number(value), true) }
        guard let implementation = FunctionLibrary.implementation(of: name) else {
            throw .unsupported(feature: "the function \(name)", at: call.range)
        }
        let arguments = call.arguments.map(Self.unwrapped)
        var hints = SelectHints()
        hints.function = name
        hints.zeroStart = zeroStart && Self.counterFunctions.contains(name)
        let outer = readsTotals
        readsTotals = Self.totals[name] ?? readsTotals
        defer { readsTotals = outer }
        var operands: [Planned] = []
        let planned = name == "info" ? Array(arguments.prefix(1)) : arguments
        for argument in planned { operands.append(try plan(argument, over: grid, hints)) }
        try checkAnchoring(name, operands, at: call.range)
        let (nodes, invariant) = Self.settled(operands, varies: varies(name, operands))
        var plan = CallPlan(
            name: name, implementation: implementation, arguments: nodes, positions: arguments.map(\.range),
            position: call.range, isScalar: call.function.result == .scalar)
        if name.hasPrefix("absent"), let first = arguments.first { plan.absentLabels = Self.absentLabels(first) }
        if name == "info" { plan.info = try infoPlan(arguments, over: grid) }
        return (.call(plan), invariant)
    }

    /// `anchored` and `smoothed` go with a few functions only.
    private func checkAnchoring(_ name: String, _ operands: [Planned], at position: SourceRange) throws(QueryError) {
        for operand in operands {
            if name.hasSuffix("timestamp"), case .selector(let selector) = operand.node, selector.isSmoothed {
                throw .unsupported(feature: "\(name) of a smoothed selector", at: position)
            }
            guard case .range(let range) = operand.node, range.anchoring != .none else { continue }
            let isAnchored = range.anchoring == .anchored
            let allowed = ExtendedRangeFunctions.names(range.anchoring)
            if allowed.contains(name) { continue }
            throw .evaluation(
                "\(isAnchored ? "anchored" : "smoothed") modifier can only be used with: "
                    + "\(allowed.joined(separator: ", ")) - not with \(name)")
        }
    }

    /// `timestamp` of a selector with `@` tells the sample's time, which is the same at every step.
    private func varies(_ name: String, _ operands: [Planned]) -> Bool {
        guard Self.timeDependent.contains(name) else { return false }
        if name == "timestamp", operands.count == 1, case .selector = operands[0].node { return false }
        return true
    }

    /// The functions that tell about the query itself; seconds.
    private func contextNumber(_ name: String) -> Double? {
        switch name {
        case "start": Double(bounds.start) / 1000
        case "end": Double(bounds.end) / 1000
        case "range": durations.rangeSeconds
        case "step": durations.stepSeconds
        default: nil
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
