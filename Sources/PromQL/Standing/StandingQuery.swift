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
                query.expr, from: 0, through: 0, step: 0, options, QueryControl(zeroStart: zeroStart)),
            let (shape, requests) = StandingShape.recognise(plan)
        else { return nil }
        self.shape = shape
        selections = requests.map {
            KeptSelection($0.matchers, duration: $0.duration, zeroStart: zeroStart, byBound: $0.byBound)
        }
    }

    /// Begins to follow the rows of a store. `now` is the present.
    package func follow(_ feed: any RowFeed, now: Timestamp) {
        for selection in selections {
            selection.begin(at: now)
            feed.add(selection)
        }
    }

    /// Ends that.
    package func leave(_ feed: any RowFeed) { for selection in selections { feed.remove(selection) } }

    /// The answer at a time not before that of the last call; `nil` when the engine has to be asked.
    package func evaluate(at time: Timestamp) -> QueryResult? {
        var evaluation = StandingEvaluation(
            selections: selections, time: time, zeroStarts: Array(repeating: 0, count: selections.count))
        let value = evaluation.value(of: shape)
        if evaluation.hasFailed { return nil }
        var result = QueryResult(value: .vector([]))
        if let value { result.value = .vector([VectorElement(labels: Labels(), time: time, value: .float(value))]) }
        result.statistics.samplesRead = evaluation.samples
        result.statistics.series = evaluation.series
        result.statistics.zeroStarts = evaluation.zeroStarts.reduce(0, +)
        return result
    }
}

/// One evaluation.
private struct StandingEvaluation {
    let selections: [KeptSelection]
    let time: Timestamp
    /// Series with a 0 at their beginning, per selection.
    var zeroStarts: [Int]
    var samples = 0
    var series = 0
    var hasFailed = false

    /// The number, or `nil` for an empty vector.
    mutating func value(of shape: StandingShape) -> Double? {
        switch shape {
        case .number(let value): return value
        case .sum(let request, let extrapolation): return sums(request, extrapolation).first?.sum
        case .quantile(let share, let request, let extrapolation):
            return quantile(share, sums(request, extrapolation))
        case .arithmetic(let op, let left, let right):
            let left = value(of: left)
            let right = value(of: right)
            guard let left, let right, !hasFailed else { return nil }
            return BinaryArithmetic.scalar(op, left, right)
        case .negated(let inner): return value(of: inner).map { -$0 }
        case .orNumber(let inner, let number): return value(of: inner) ?? number
        }
    }

    private mutating func sums(_ request: Int, _ extrapolation: Extrapolation) -> [(bound: Double, sum: Double)] {
        guard let outcome = selections[request].outcome(extrapolation, at: time) else {
            hasFailed = true
            return []
        }
        samples += outcome.samples
        series += outcome.series
        zeroStarts[request] = outcome.zeroStarts
        return outcome.sums
    }

    private func quantile(_ share: Double, _ sums: [(bound: Double, sum: Double)]) -> Double? {
        if sums.isEmpty { return nil }
        var histogram = ClassicHistogram(sorted: sums.map { ClassicHistogram.Bucket(bound: $0.bound, count: $0.sum) })
        return histogram.quantile(share).value
    }
}
