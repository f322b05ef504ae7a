package import Model

/// A query over sliding windows that is evaluated again and again as time goes on, as the checks of a canary are.
///
/// **Problem.** An engine evaluates each query from scratch. A check that runs at every scrape of a long release would read
/// the same minutes of samples hundreds of times.
///
/// **Method.** Incremental view maintenance: the query is planned once and recognised as one of a few forms
/// (`IncrementalShape`), whose selections subscribe to the store's rows (`IncrementalSelection`). An evaluation pays for
/// new rows only.
///
/// **Invariant.** The answer equals the engine's to the last bit, or there is none: for other forms of queries, for times
/// before that of the last evaluation, for windows that begin before the subscription, and for samples that do not come in
/// rows. `IncrementalQueryTests` compare the two on random targets.
package final class IncrementalQuery: Sendable {
    private let shape: IncrementalShape
    private let selections: [IncrementalSelection]

    /// The incremental form of a query under the engine's settings; `nil` for a query of another form.
    package init?(_ query: PreparedQuery, engine: Engine, zeroStart: Bool) {
        let options = engine.options
        if options.useStartTimestamps || options.typeAndUnitLabels || options.delayedNameRemoval { return nil }
        // The times of a plan only move its windows, and no form that is recognised depends on them otherwise.
        guard
            let plan = try? Planner.plan(
                query.expr, from: 0, through: 0, step: 0, options, QueryControl(zeroStart: zeroStart),
                Parser.functions),
            let (shape, requests) = IncrementalShape.recognise(plan)
        else { return nil }
        self.shape = shape
        selections = requests.map {
            IncrementalSelection($0.matchers, duration: $0.duration, zeroStart: zeroStart, byBound: $0.byBound)
        }
    }

    /// Subscribes to the rows of a store. `now` is the time of the subscription.
    package func subscribe(to publisher: any RowPublisher, now: Timestamp) {
        for selection in selections {
            selection.begin(at: now)
            publisher.add(selection)
        }
    }

    /// Ends the subscription. The query gives no answer afterwards, whoever still holds it.
    package func unsubscribe(from publisher: any RowPublisher) {
        for selection in selections {
            publisher.remove(selection)
            selection.invalidate()
        }
    }

    /// The answer at a time not before that of the last call; `nil` when the engine has to be asked.
    package func evaluate(at time: Timestamp) -> QueryResult? {
        guard let answer = answer(at: time) else { return nil }
        var result = QueryResult(value: .vector([]))
        if let value = answer.value {
            result.value = .vector([VectorElement(labels: Labels(), time: time, value: .float(value))])
        }
        result.statistics.samplesRead = answer.samples
        result.statistics.series = answer.series
        result.statistics.zeroStarts = answer.zeroStarts
        return result
    }

    /// The same answer as plain numbers. Allocates nothing.
    package func answer(at time: Timestamp) -> IncrementalAnswer? {
        var evaluation = IncrementalEvaluation(time: time)
        let nodes = shape.nodes
        evaluation.answer.value = evaluation.value(of: nodes.count - 1, nodes, selections)
        return evaluation.hasFailed ? nil : evaluation.answer
    }
}

/// The answer of an incremental query.
package struct IncrementalAnswer: Sendable {
    /// The number; `nil` for an empty vector.
    package fileprivate(set) var value: Double?
    /// Samples in the windows, counted as the engine counts them.
    package fileprivate(set) var samples = 0
    /// Series with at least one sample in a window.
    package fileprivate(set) var series = 0
    /// Series with an inserted zero at their beginning.
    package fileprivate(set) var zeroStarts = 0
}

/// One evaluation of an incremental query.
private struct IncrementalEvaluation {
    let time: Timestamp
    var answer = IncrementalAnswer()
    /// Whether a selection had no outcome.
    var hasFailed = false
    /// Bit set of the selections whose inserted zeros are in `answer` already.
    private var counted: UInt64 = 0

    init(time: Timestamp) { self.time = time }

    /// The value of the node at `index`; `nil` for an empty vector.
    mutating func value(
        of index: Int, _ nodes: [IncrementalShape.Node], _ selections: [IncrementalSelection]
    ) -> Double? {
        switch nodes[index] {
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
        _ request: Int, _ selections: [IncrementalSelection], _ reduction: IncrementalSelection.Reduction,
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
