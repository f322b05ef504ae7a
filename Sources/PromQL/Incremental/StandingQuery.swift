package import Model

/// A query that is evaluated again and again as time goes on: it keeps its plan, its series and their recent rows, and
/// an evaluation pays for new rows only.
///
/// It gives what the engine gives, to the last bit, or `nil`: for other forms of queries, times before the last one,
/// windows that begin before it was followed, and data that does not come in rows.
package final class StandingQuery: Sendable {
    private let shape: StandingShape
    private let selections: [KeptSelection]

    /// The query with the engine's settings; `nil` when it has another form.
    package init?(_ query: PreparedQuery, engine: Engine, zeroStart: Bool) {
        let options = engine.options
        if options.useStartTimestamps || options.typeAndUnitLabels || options.delayedNameRemoval { return nil }
        // The time of planning only moves windows, and none of the forms depends on it otherwise.
        guard
            let plan = try? Planner.plan(
                query.expr, from: 0, through: 0, step: 0, options, QueryControl(zeroStart: zeroStart),
                Parser.functions),
            let (shape, requests) = StandingShape.recognise(plan)
        else { return nil }
        self.shape = shape
        selections = requests.map {
            KeptSelection($0.matchers, duration: $0.duration, zeroStart: zeroStart, byBound: $0.byBound)
        }
    }

    /// Begins to follow the rows of a store. `now` is the present.
    package func follow(_ feed: any RowPublisher, now: Timestamp) {
        for selection in selections {
            selection.begin(at: now)
            feed.add(selection)
        }
    }

    /// Ends that. Who holds the query still gets no answer from it any more, since no rows come.
    package func leave(_ feed: any RowPublisher) {
        for selection in selections {
            feed.remove(selection)
            selection.invalidate()
        }
    }

    /// The answer at a time not before that of the last call; `nil` when the engine has to be asked.
    package func evaluate(at time: Timestamp) -> QueryResult? {
        guard let number = number(at: time) else { return nil }
        var result = QueryResult(value: .vector([]))
        if let value = number.value {
            result.value = .vector([VectorElement(labels: Labels(), time: time, value: .float(value))])
        }
        result.statistics.samplesRead = number.samples
        result.statistics.series = number.series
        result.statistics.zeroStarts = number.zeroStarts
        return result
    }

    /// The same as mere numbers. Allocates nothing.
    package func number(at time: Timestamp) -> StandingNumber? {
        var evaluation = StandingEvaluation(time: time)
        let nodes = shape.nodes
        evaluation.answer.value = evaluation.value(of: nodes.count - 1, nodes, selections)
        return evaluation.hasFailed ? nil : evaluation.answer
    }
}

/// The answer of a standing query.
package struct StandingNumber: Sendable {
    /// The number, or `nil` for an empty vector.
    package fileprivate(set) var value: Double?
    /// Samples read, as the engine counts them.
    package fileprivate(set) var samples = 0
    /// Series that they are of.
    package fileprivate(set) var series = 0
    /// Series with a 0 at their beginning.
    package fileprivate(set) var zeroStarts = 0
}

/// One evaluation.
private struct StandingEvaluation {
    let time: Timestamp
    var answer = StandingNumber()
    var hasFailed = false
    /// The selections whose zeros are counted already, a bit each.
    private var counted: UInt64 = 0

    init(time: Timestamp) { self.time = time }

    /// The number, or `nil` for an empty vector.
    mutating func value(
        of place: Int, _ nodes: [StandingShape.Node], _ selections: [KeptSelection]
    ) -> Double? {
        switch nodes[place] {
        case .number(let value): return value
        case .sum(let request, let extrapolation): return read(request, selections, .sum, extrapolation)
        case .quantile(let share, let request, let extrapolation):
            return read(request, selections, .quantile(share), extrapolation)
        case .arithmetic(let op, let left, let right):
            let left = value(of: left, nodes, selections)
            let right = value(of: right, nodes, selections)
            guard let left, let right, !hasFailed else { return nil }
            return BinaryArithmetic.scalar(op, left, right)
        case .negated(let inner): return value(of: inner, nodes, selections).map { -$0 }
        case .orNumber(let inner, let number): return value(of: inner, nodes, selections) ?? number
        }
    }

    private mutating func read(
        _ request: Int, _ selections: [KeptSelection], _ reduction: KeptSelection.Reduction,
        _ extrapolation: Extrapolation
    ) -> Double? {
        guard let outcome = selections[request].outcome(reduction, extrapolation, at: time) else {
            hasFailed = true
            return nil
        }
        answer.samples += outcome.samples
        answer.series += outcome.series
        let bit: UInt64 = 1 << UInt64(request)
        if counted & bit == 0 {
            counted |= bit
            answer.zeroStarts += outcome.zeroStarts
        }
        return outcome.value
    }
}
