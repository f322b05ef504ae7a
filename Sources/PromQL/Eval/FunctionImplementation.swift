import Model

/// The computation of a function, in one of a few shapes.
enum FunctionImplementation: Sendable {
    /// Maps every float of a vector, drops the name, and ignores native histograms.
    case map(@Sendable (Double) -> Double)
    /// Computes one value per series and step from a window of samples.
    case range(RangeFunction)
    /// Computes one value per step from scalars.
    case scalars(@Sendable ([Double]) -> Double)
    /// Anything else.
    case node(@Sendable (Evaluation, CallPlan, StepGrid) throws(QueryError) -> NodeValue)
    /// Nothing: the planner replaces calls by `FunctionTraits.constant`.
    case constant

    /// A function of the floats of a window; a window without any gives nothing.
    static func floats(
        _ compute: @escaping @Sendable (borrowing ColumnSamples, Range<Int>) -> Double
    ) -> FunctionImplementation {
        .range(
            RangeFunction { samples, window, _ in
                window.floats.isEmpty ? .none : .float(compute(samples, window.floats))
            })
    }
}

/// The complete description of one function of the language. The families in `Functions/` list one record per function, so a
/// new function is one new record.
struct FunctionRecord: Sendable {
    /// Name, types, and what parser and planner have to mind.
    let signature: FunctionSignature
    /// The computation. `RangeFunction.keepsName` says whether a function of a window keeps the metric name; all others
    /// drop it unless they give a `.node`'s own labels.
    let implementation: FunctionImplementation

    /// A record. `variadic` is explained at `FunctionSignature.variadic`.
    init(
        _ name: String, _ arguments: [ValueType], _ result: ValueType, variadic: Int = 0, experimental: Bool = false,
        traits: FunctionTraits = FunctionTraits(), does implementation: FunctionImplementation
    ) {
        var traits = traits
        if case .range(let function) = implementation, let extended = function.extended {
            traits.anchorings = [.anchored, .smoothed].filter { extended($0) != nil }
        }
        signature = FunctionSignature(
            name, arguments, result, variadic: variadic, experimental: experimental, traits: traits)
        self.implementation = implementation
    }
}

extension Evaluation {
    /// Transforms every float of a vector; drops the name and native histograms.
    func mapped(_ vector: SeriesVector, _ transform: (Double) -> Double) throws(QueryError) -> NodeValue {
        var out = vector
        out.histograms = [:]
        vector.present.forEach { out.values[$0] = transform(out.values[$0]) }
        return .vector(try droppingName(out))
    }

    /// Transforms every float of a vector, given its step, or drops it for `nil`; drops the name and native histograms.
    func mapped(_ vector: SeriesVector, _ transform: (Double, Int) -> Double?) throws(QueryError) -> NodeValue {
        var out = vector
        out.histograms = [:]
        let steps = vector.stepCount
        vector.present.forEach { cell in
            if let value = transform(vector.values[cell], cell % steps) {
                out.values[cell] = value
            } else {
                out.present[cell] = false
            }
        }
        return .vector(try droppingName(out))
    }
}
