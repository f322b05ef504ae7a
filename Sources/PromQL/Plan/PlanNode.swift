import Model

/// A query made ready for evaluation: durations are numbers, selectors know their windows, constants are folded.
indirect enum PlanNode: Sendable {
    /// The same number at every step.
    case number(Double)
    /// A text.
    case string(StringLiteral)
    /// An instant selector.
    case selector(SelectorPlan)
    /// A range selector or a subquery: only as argument of a function, or at the top of an instant query.
    case range(RangePlan)
    /// A function call.
    case call(CallPlan)
    /// An aggregation.
    case aggregate(AggregatePlan)
    /// A binary operation.
    case binary(BinaryPlan)
    /// Unary minus.
    case negate(PlanNode, at: SourceRange)
    /// Something with the same value at every step, to be evaluated once.
    case invariant(PlanNode)

    /// Whether the value is one number per step.
    var isScalar: Bool {
        switch self {
        case .number: true
        case .string, .selector, .range, .aggregate: false
        case .call(let call): call.isScalar
        case .binary(let binary): binary.left.isScalar && binary.right.isScalar
        case .negate(let node, _), .invariant(let node): node.isScalar
        }
    }
}

/// `offset` and `@`, resolved.
struct ReferenceTime: Sendable, Hashable {
    /// Milliseconds to look back.
    var offset: Milliseconds = 0
    /// A fixed time instead of the step's.
    var at: Timestamp?

    /// The time that a selector refers to at a step.
    func time(at step: Timestamp) -> Timestamp { (at ?? step).minusClamped(offset) }
}

/// An instant selector.
struct SelectorPlan: Sendable {
    /// Index of the selection in the query's requests.
    var request: Int
    /// The time it refers to: `offset` and `@`.
    var reference: ReferenceTime
    /// How far back the newest sample may lie.
    var lookback: Milliseconds
    /// Whether values are interpolated between the samples around the step (`smoothed`).
    var isSmoothed = false
    /// Whether native histograms are compared with the sample before, to find resets between them.
    var detectsResets = false
    /// Where it stands.
    var position: SourceRange
}

/// A range selector or subquery.
struct RangePlan: Sendable {
    /// Where the samples come from.
    indirect enum Source: Sendable {
        /// A selection, by its index in the query's requests.
        case selection(Int)
        /// A node that is evaluated over a grid of its own.
        case subquery(PlanNode, StepGrid)
    }

    /// Where the samples come from.
    var source: Source
    /// Length of the window.
    var duration: Milliseconds
    /// The time it refers to: `offset` and `@`.
    var reference: ReferenceTime
    /// How far the samples around the window may lie that `anchored` and `smoothed` take in.
    var lookback: Milliseconds = 0
    /// `anchored` or `smoothed`.
    var anchoring = RangeAnchoring.none
    /// Whether native histograms are compared with the sample before, to find resets between them.
    var detectsResets = false
    /// Where it stands.
    var position: SourceRange

    /// The window at a step together with the samples around it that its borders depend on.
    func reach(at step: Timestamp) -> TimeWindow {
        let window = window(at: step)
        switch anchoring {
        case .none: return window
        case .anchored: return TimeWindow(after: window.start.minusClamped(lookback), through: window.end)
        case .smoothed:
            return TimeWindow(
                after: window.start.minusClamped(lookback), through: window.end.plusClamped(lookback))
        }
    }

    /// The window at a step.
    func window(at step: Timestamp) -> TimeWindow {
        let end = reference.time(at: step)
        return TimeWindow(after: end.minusClamped(duration), through: end)
    }

    /// The smallest window that holds what is to be read at all steps.
    func reach(over grid: StepGrid) -> TimeWindow {
        if grid.count == 0 { return TimeWindow(after: grid.start, through: grid.start) }
        return TimeWindow(after: reach(at: grid.start).start, through: reach(at: grid.end).end)
    }
}

/// A function call.
struct CallPlan: Sendable {
    /// The function's name, for messages.
    var name: String
    /// The function. The evaluator binds it to an implementation.
    var function: FunctionID
    /// The arguments.
    var arguments: [PlanNode]
    /// Where the arguments stand, parentheses left out.
    var positions: [SourceRange]
    /// Where the call stands.
    var position: SourceRange
    /// Whether the result is one number per step.
    var isScalar: Bool
    /// The result's labels, for `absent` and `absent_over_time`.
    var absentLabels = Labels()
    /// What `info` joins with.
    var info: InfoPlan?
}

/// The info series of an `info` call.
struct InfoPlan: Sendable {
    /// How they are selected.
    var selector: SelectorPlan
    /// The matchers on the metric name of info series.
    var nameMatchers: [Matcher]
    /// The matchers on data labels, in the order of their label names.
    var dataMatchers: [Matcher]
}

/// An aggregation.
struct AggregatePlan: Sendable {
    /// The operator.
    var op: AggregateOperator
    /// The parameter, if the operator has one.
    var parameter: PlanNode?
    /// Where the parameter stands.
    var parameterPosition: SourceRange
    /// What is aggregated.
    var operand: PlanNode
    /// Where that stands.
    var operandPosition: SourceRange
    /// By which labels.
    var grouping: Grouping
    /// Where the aggregation stands.
    var position: SourceRange
}

/// A binary operation.
struct BinaryPlan: Sendable {
    /// The operator.
    var op: BinaryOperator
    /// The left operand.
    var left: PlanNode
    /// The right operand.
    var right: PlanNode
    /// Whether a comparison gives 0 and 1.
    var returnsBool: Bool
    /// How vectors match.
    var matching: VectorMatching
    /// Where the operation stands.
    var position: SourceRange
}

/// A planned query.
struct QueryPlan: Sendable {
    /// What to evaluate.
    var root: PlanNode
    /// The times to evaluate it at.
    var grid: StepGrid
    /// All selections of the query, to be asked for at once.
    var requests: [SelectRequest]
}
