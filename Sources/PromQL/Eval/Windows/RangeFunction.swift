import Model

/// A function of a window of samples.
struct RangeFunction: Sendable {
    /// The treatment of native histograms in a window.
    enum HistogramRule: Sendable {
        /// The kernel takes both kinds of samples.
        case counted
        /// They are left out; an info says so when there are floats too.
        case ignored
        /// A window holds one kind or gives nothing.
        case separate
        /// As `separate`, of the last two samples only.
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
    /// The treatment of native histograms.
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
    /// The function of an `anchored` or `smoothed` range in place of this one; `nil` where the modifier is not allowed.
    var extended: (@Sendable (RangeAnchoring) -> RangeFunction?)?
    /// The computation.
    var kernel: Kernel
}

/// Irregularities found while computing with native histograms, for annotations.
struct HistogramNotes: Equatable {
    /// Whether exponential and custom buckets came together.
    var mixesSchemas = false
    /// Whether reset hints contradict each other.
    var hintsConflict = false
    /// In which operations custom bounds differed.
    var boundsDiffered: Set<String> = []
    /// Whether a gauge was used as a counter.
    var isNoCounter = false
    /// Whether a counter was used as a gauge.
    var isNoGauge = false
}

/// The result of a function for one window.
enum RangeResult: Sendable {
    /// No sample.
    case none
    /// A float.
    case float(Double)
    /// A native histogram. Boxed, so that the common cases stay small.
    indirect case histogram(FloatHistogram)
}
