import Model

/// What a function does, by the shape of its work.
enum FunctionImplementation: Sendable {
    /// Maps every float of a vector, drops the name, and ignores native histograms.
    case map(@Sendable (Double) -> Double)
    /// Computes one value per series and step from a window of samples.
    case range(RangeFunction)
    /// Computes one value per step from scalars.
    case scalars(@Sendable ([Double]) -> Double)
    /// Anything else.
    case node(@Sendable (Evaluation, CallPlan, StepGrid) throws(QueryError) -> NodeValue)
}

/// All functions by name, gathered from the families.
enum FunctionLibrary {
    private static let table: [String: FunctionImplementation] = {
        var table: [String: FunctionImplementation] = [:]
        for family in [
            ElementwiseFunctions.table, ScalarFunctions.table, DateFunctions.table, RateFunctions.table,
            OverTimeFunctions.table, RegressionFunctions.table, LabelFunctions.table, SortFunctions.table,
            AbsentFunctions.table, HistogramFunctions.table, NativeHistogramFunctions.table, InfoFunction.table,
        ] {
            table.merge(family) { first, _ in first }
        }
        return table
    }()

    /// What a function does; `nil` for one that is not implemented.
    static func implementation(of name: String) -> FunctionImplementation? { table[name] }
}

/// A function of a window of samples.
struct RangeFunction: Sendable {
    /// What happens to native histograms in a window.
    enum HistogramRule: Sendable {
        /// The kernel takes both kinds of samples.
        case counted
        /// They are left out; an info says so when there are floats too.
        case ignored
        /// A window holds one kind or gives nothing.
        case separate
        /// The same for the last two samples; the others are not looked at.
        case lastPair
    }

    /// Computes the value of a window that is not empty, with the scalar arguments of the step.
    typealias Kernel =
        @Sendable (borrowing ColumnSamples, RangeWindow, [Double]) throws(QueryError) -> RangeResult

    /// Computes the value of a window of native histograms.
    typealias HistogramKernel =
        @Sendable (borrowing ColumnSamples, RangeWindow, inout HistogramNotes) throws(QueryError) -> FloatHistogram?

    /// Whether the result is still about the same metric.
    var keepsName = false
    /// What happens to native histograms.
    var histograms = HistogramRule.ignored
    /// Whether the kernel uses `ColumnSamples.resets`.
    var needsResets = false
    /// Whether start times that lie before the previous sample are worth a warning.
    var noticesOverlaps = false
    /// Whether the first scalar argument is a quantile, to be checked against 0...1.
    var hasQuantile = false
    /// Whether a metric that does not look like a counter is worth an info.
    var noticesCounters = false
    /// Set for the functions that extrapolate to the borders of the window.
    var extrapolation: Extrapolation?
    /// The computation for a window of native histograms alone, where `histograms` is `.separate`; `nil` where there is
    /// none yet.
    var histogramKernel: HistogramKernel?
    /// The computation.
    var kernel: Kernel

    /// A function of the floats of a window.
    static func floats(
        _ compute: @escaping @Sendable (borrowing ColumnSamples, Range<Int>) -> Double
    ) -> FunctionImplementation {
        .range(
            RangeFunction { samples, window, _ in
                window.floats.isEmpty ? .none : .float(compute(samples, window.floats))
            })
    }
}

/// What computing with native histograms had to put up with.
struct HistogramNotes: Equatable {
    /// Whether exponential and custom buckets came together.
    var mixesSchemas = false
    /// Whether resets were told of in conflicting ways.
    var hintsConflict = false
    /// In which operations custom bounds differed.
    var boundsDiffered: Set<String> = []
    /// Whether a gauge was used as a counter.
    var isNoCounter = false
    /// Whether a counter was used as a gauge.
    var isNoGauge = false
}

/// What a window gives.
enum RangeResult: Sendable {
    /// Nothing.
    case none
    /// A float.
    case float(Double)
    /// A native histogram. Boxed, so that the common cases stay small.
    indirect case histogram(FloatHistogram)
}

extension Evaluation {
    /// A function call.
    func call(_ plan: CallPlan, over grid: StepGrid) throws(QueryError) -> NodeValue {
        switch plan.implementation {
        case .range(let function): return try rangeCall(plan, function, over: grid)
        case .node(let evaluate): return try evaluate(self, plan, grid)
        case .map(let transform): return try mapped(try vector(plan.arguments[0], over: grid), transform)
        case .scalars(let compute):
            var columns: [[Double]] = []
            for argument in plan.arguments { columns.append(try scalar(argument, over: grid)) }
            return .scalar((0..<grid.count).map { step in compute(columns.map { $0[step] }) })
        }
    }

    /// Every float of a vector transformed; the name goes, native histograms too.
    func mapped(_ vector: SeriesVector, _ transform: (Double) -> Double) throws(QueryError) -> NodeValue {
        var out = vector
        out.histograms = [:]
        vector.present.forEach { out.values[$0] = transform(out.values[$0]) }
        return .vector(try droppingName(out))
    }

    /// Every float of a vector transformed with knowledge of its step, or dropped; the name goes.
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
