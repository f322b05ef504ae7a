/// What the parser, the type checker, the printer and the planner need to know of a function. What the function computes is
/// not part of it: see `FunctionRecord`, which holds both.
package struct FunctionSignature: Sendable {
    /// The name as written in queries.
    package let name: String
    /// Types of the arguments, optional ones included.
    package let arguments: [ValueType]
    /// Whether the last argument may be left out or repeated: 0 no; n > 0 it may occur 0 to n times; -1 it may occur
    /// any number of times.
    package let variadic: Int
    /// Type of the result.
    package let result: ValueType
    /// Whether it needs the `experimental-functions` switch.
    package let isExperimental: Bool
    /// The traits that the planner needs.
    let traits: FunctionTraits
    /// The function's index in its table. Plans carry it, and the evaluator finds the implementation by it.
    var id = FunctionID(index: -1)

    /// A signature that is in no table yet.
    init(
        _ name: String, _ arguments: [ValueType], _ result: ValueType, variadic: Int = 0, experimental: Bool = false,
        traits: FunctionTraits = FunctionTraits()
    ) {
        self.name = name
        self.arguments = arguments
        self.result = result
        self.variadic = variadic
        isExperimental = experimental
        self.traits = traits
    }

    /// The numbers of arguments a call may have.
    package var arity: ClosedRange<Int> {
        if variadic == 0 { return arguments.count...arguments.count }
        let least = max(0, arguments.count - 1)
        return variadic < 0 ? least...Int.max : least...(least + variadic)
    }

    /// The type of the argument at `index`, where the last one may be repeated.
    package func argumentType(_ index: Int) -> ValueType? {
        index < arguments.count ? arguments[index] : variadic == 0 ? nil : arguments.last
    }
}

/// Names a function by its index in a `FunctionTable`.
struct FunctionID: Sendable, Hashable {
    /// The index, from 0.
    let index: Int
}

/// Properties of a function that decide how its calls are planned. The defaults hold for most functions.
struct FunctionTraits: Sendable {
    /// Whether the value may differ from step to step although the arguments do not.
    enum StepDependence: Sendable {
        /// The value follows from the arguments.
        case none
        /// The value depends on the step's time.
        case always
        /// The value depends on the step's time unless the only argument is a selector.
        case exceptOfSelector
    }

    /// How much of native histograms a function reads. Without buckets, Prometheus compares each histogram with the one
    /// before to find counter resets.
    enum HistogramReading: Sendable {
        /// As much as the call around it.
        case inherited
        /// Count and sum only.
        case totals
        /// The buckets too.
        case buckets
    }

    /// A number that is known as soon as the query's times are.
    enum QueryConstant: Sendable {
        /// Seconds of the first step.
        case start
        /// Seconds of the last step.
        case end
        /// Seconds between the first and the last step.
        case range
        /// Seconds between two steps.
        case step
    }

    /// Whether the value may differ from step to step although the arguments do not.
    var stepDependence = StepDependence.none
    /// Whether it reads counters that may be taken to begin at 0 (`SelectHints.zeroStart`).
    var mayStartAtZero = false
    /// How much of native histograms it reads.
    var histogramReading = HistogramReading.inherited
    /// Whether it gives times of samples, which a `smoothed` selector has not.
    var readsSampleTimes = false
    /// Whether the result takes its labels from the matchers of the argument, as `absent` does.
    var takesLabelsFromMatchers = false
    /// Whether the second argument is a list of matchers for info series, as that of `info`.
    var joinsInfo = false
    /// Set for a function without arguments whose calls the planner replaces by a number.
    var constant: QueryConstant?
    /// The modifiers that a range argument may have. Follows from the implementation.
    var anchorings: [RangeAnchoring] = []
}
