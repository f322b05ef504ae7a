package import Model

/// The comparison of expected and actual results, with the tolerance of Prometheus's promqltest. The engine's `AlmostEqual`
/// (PromQL, `ClassicHistogram.swift`) is another one, for rounding inside histograms.
package enum AlmostEqual {
    /// The relative error allowed.
    package static let tolerance = 1e-6

    /// Whether two numbers agree: both stale markers, both other NaNs, equal, or nearly equal for their size.
    package static func numbers(_ one: Double, _ other: Double) -> Bool {
        if one.isStaleMarker || other.isStaleMarker { return one.isStaleMarker && other.isStaleMarker }
        if one.isNaN && other.isNaN || one == other { return true }
        let size = one.magnitude + other.magnitude
        let difference = (one - other).magnitude
        if one == 0 || other == 0 || size < Double.leastNormalMagnitude {
            return difference < tolerance * Double.leastNormalMagnitude
        }
        return difference / min(size, Double.greatestFiniteMagnitude) < tolerance
    }

    /// Whether two histograms agree after compaction. Schema, bounds and zero threshold are exact; the hint counts
    /// only when it was written.
    package static func histograms(
        expected: FloatHistogram, got: FloatHistogram, comparingHint: Bool
    ) -> Bool {
        guard expected.schema == got.schema, expected.zeroThreshold == got.zeroThreshold,
            numbers(expected.count, got.count), numbers(expected.sum, got.sum),
            numbers(expected.zeroCount, got.zeroCount)
        else { return false }
        if expected.schema == FloatHistogram.customSchema, expected.customValues != got.customValues { return false }
        if comparingHint, expected.counterResetHint != got.counterResetHint { return false }
        return buckets(
            HistogramBuckets(expected.positiveSpans, expected.positiveBuckets),
            HistogramBuckets(got.positiveSpans, got.positiveBuckets))
            && buckets(
                HistogramBuckets(expected.negativeSpans, expected.negativeBuckets),
                HistogramBuckets(got.negativeSpans, got.negativeBuckets))
    }

    private static func buckets(_ one: HistogramBuckets, _ other: HistogramBuckets) -> Bool {
        one.indices == other.indices && zip(one.counts, other.counts).allSatisfy(numbers)
    }
}
