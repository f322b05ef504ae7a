import Model

extension Planner {
    /// An instant selector.
    mutating func plan(
        _ selector: VectorSelector, over grid: StepGrid, _ hints: SelectHints
    ) throws(QueryError) -> Planned {
        if selector.anchoring == .anchored {
            throw .unsupported(feature: "the anchored modifier of an instant selector", at: selector.range)
        }
        let reference = try resolve(selector.modifiers)
        var hints = hints
        hints.zeroStart = false
        var window = window(reference, lookback, over: grid)
        if selector.anchoring == .smoothed { window.end = window.end.plusClamped(lookback) }
        let request = requests.add(selector.matchers, window, hints)
        let plan = SelectorPlan(
            request: request, reference: reference, lookback: lookback, isSmoothed: selector.anchoring == .smoothed,
            detectsResets: readsTotals, position: selector.range)
        return (.selector(plan), reference.at != nil)
    }

    /// A range selector.
    mutating func plan(
        _ matrix: MatrixSelector, over grid: StepGrid, _ hints: SelectHints
    ) throws(QueryError) -> Planned {
        let reference = try resolve(matrix.selector.modifiers)
        let duration = try durations.positive(matrix.duration)
        var plan = RangePlan(
            source: .selection(0), duration: duration, reference: reference, lookback: lookback,
            anchoring: matrix.selector.anchoring, detectsResets: readsTotals, position: matrix.range)
        plan.source = .selection(requests.add(matrix.selector.matchers, plan.reach(over: grid), hints))
        return (.range(plan), reference.at != nil)
    }

    /// A subquery. Its inner steps are the multiples of its step that lie in any window of the outer steps.
    mutating func plan(_ subquery: Subquery, over grid: StepGrid) throws(QueryError) -> Planned {
        let reference = try resolve(subquery.modifiers)
        let duration = try durations.positive(subquery.duration)
        let step = try subquery.step.map { (expr) throws(QueryError) in try durations.positive(expr) }
        var plan = RangePlan(
            source: .selection(0), duration: duration, reference: reference, position: subquery.range)
        let inner = Self.alignedGrid(plan.reach(over: grid), step: max(step ?? options.subqueryStep, 1))
        let operand = try self.plan(subquery.expr, over: inner)
        plan.source = .subquery(operand.isInvariant ? Self.wrapped(operand.node) : operand.node, inner)
        return (.range(plan), reference.at != nil)
    }

    /// The multiples of `step` in a window that is open on the left.
    static func alignedGrid(_ window: TimeWindow, step: Milliseconds) -> StepGrid {
        var first = window.start / step * step
        if first <= window.start { first = first.plusClamped(step) }
        return StepGrid(from: first, through: window.end, step: step)
    }

    /// The samples that may be read for windows of a length over all steps of a grid.
    func window(_ reference: ReferenceTime, _ length: Milliseconds, over grid: StepGrid) -> TimeWindow {
        if grid.count == 0 { return TimeWindow(after: grid.start, through: grid.start) }
        return TimeWindow(
            after: reference.time(at: grid.start).minusClamped(length), through: reference.time(at: grid.end))
    }

    /// `offset` and `@` as numbers.
    func resolve(_ modifiers: TimeModifiers) throws(QueryError) -> ReferenceTime {
        var reference = ReferenceTime()
        if let offset = modifiers.offset { reference.offset = try durations.offset(offset) }
        switch modifiers.at {
        case .none: break
        case .time(let time): reference.at = time
        case .start: reference.at = bounds.start
        case .end: reference.at = bounds.end
        }
        return reference
    }
}
