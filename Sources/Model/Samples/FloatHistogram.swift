/// A native histogram with float counts.
///
/// Exponential schemas run from -4 to 8: bucket `i` covers `(base^(i-1), base^i]` with `base = 2^(2^-schema)`.
/// Schema -53 has custom bounds: bucket `i` covers `(bound[i-1], bound[i]]`, the first from -Inf, the last to +Inf.
package struct FloatHistogram: Sendable, Equatable {
    /// A run of consecutive buckets: `offset` buckets are skipped (from index 0 for the first span), `length` follow.
    package struct Span: Sendable, Equatable {
        /// Gap to the previous span, or the start index for the first one.
        package var offset: Int32
        /// Number of consecutive buckets.
        package var length: UInt32

        /// A span.
        package init(offset: Int32, length: UInt32) {
            self.offset = offset
            self.length = length
        }
    }

    /// What the producer knows about counter resets before this sample.
    package enum ResetHint: UInt8, Sendable {
        /// Nothing known: detect by comparing.
        case unknown = 0
        /// A reset happened just before.
        case reset = 1
        /// No reset happened.
        case notReset = 2
        /// The histogram is a gauge.
        case gauge = 3
    }

    /// The schema number that stands for custom bounds.
    package static let customSchema: Int32 = -53

    /// -4...8, or `customSchema`.
    package var schema: Int32 = 0
    /// Width of the zero bucket.
    package var zeroThreshold: Double = 0
    /// Observations in the zero bucket.
    package var zeroCount: Double = 0
    /// All observations, NaN ones included.
    package var count: Double = 0
    /// Sum of all observations; the stale marker's bits here make the whole sample stale.
    package var sum: Double = 0
    /// Layout of `positiveBuckets`.
    package var positiveSpans: [Span] = []
    /// Layout of `negativeBuckets`.
    package var negativeSpans: [Span] = []
    /// Absolute counts, in span order.
    package var positiveBuckets: [Double] = []
    /// Absolute counts, in span order.
    package var negativeBuckets: [Double] = []
    /// Upper bounds without +Inf, for `customSchema` only.
    package var customValues: [Double] = []
    /// What is known about resets.
    package var counterResetHint: ResetHint = .unknown

    /// An empty histogram of schema 0.
    package init() {}

    /// Whether this is a stale marker.
    package var isStaleMarker: Bool { sum.isStaleMarker }
}
