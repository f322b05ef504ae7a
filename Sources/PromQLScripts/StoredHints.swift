import Model

/// The counter reset hints that Prometheus's storage gives back for the histograms of one series.
///
/// A chunk keeps one hint for all its histograms. What is written decides where a chunk ends; what is read is
/// "gauge" in a gauge chunk, "not reset" behind the first histogram of a counter chunk, and "unknown" for the first.
struct StoredHints {
    private var last: FloatHistogram?

    /// A series without samples.
    init() {}

    /// The next sample as it will be read.
    mutating func stored(_ value: SampleValue) -> SampleValue {
        guard case .histogram(var histogram) = value else {
            last = nil
            return value
        }
        let continues = last.map { Self.continues($0, histogram) } ?? false
        last = histogram
        if histogram.counterResetHint != .gauge {
            histogram.counterResetHint = continues ? .notReset : .unknown
        }
        return .histogram(histogram)
    }

    /// Whether `next` goes into the chunk that ends with `last`.
    private static func continues(_ last: FloatHistogram, _ next: FloatHistogram) -> Bool {
        if last.counterResetHint == .gauge || next.counterResetHint == .gauge { return false }
        if next.counterResetHint == .reset { return false }
        if next.isStaleMarker { return true }
        if last.isStaleMarker { return false }
        if next.count < last.count || next.zeroCount < last.zeroCount { return false }
        if next.schema != last.schema || next.zeroThreshold != last.zeroThreshold { return false }
        if next.customValues != last.customValues { return false }
        return grows(
            HistogramBuckets(last.positiveSpans, last.positiveBuckets),
            HistogramBuckets(next.positiveSpans, next.positiveBuckets))
            && grows(
                HistogramBuckets(last.negativeSpans, last.negativeBuckets),
                HistogramBuckets(next.negativeSpans, next.negativeBuckets))
    }

    /// Whether no bucket shrank.
    private static func grows(_ last: HistogramBuckets, _ next: HistogramBuckets) -> Bool {
        let counts = Dictionary(uniqueKeysWithValues: zip(next.indices, next.counts))
        return zip(last.indices, last.counts).allSatisfy { counts[$0, default: 0] >= $1 }
    }
}
