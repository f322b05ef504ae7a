package import FlaggerAPI
package import Model

/// What values a check accepts, with Flagger's rules for what is left out.
package struct Threshold: Sendable, Hashable {
    /// Which way the deprecated single threshold points, and how values compare.
    package enum Kind: Sendable, Hashable {
        /// Success rates: a single threshold is a minimum.
        case atLeast
        /// Durations in milliseconds: a single threshold is a maximum; value and limits are cut to whole milliseconds.
        case duration
        /// Inline queries and templates: a single threshold is a maximum.
        case atMost
    }

    /// Where a value lies.
    package enum Outcome: Sendable, Hashable {
        /// Accepted; both ends of the range belong to it.
        case within
        /// Below this minimum.
        case below(Double)
        /// Above this maximum.
        case above(Double)
    }

    /// How values compare.
    package let kind: Kind
    /// The accepted values as they are compared, whatever way they were written.
    package let accepted: ThresholdRange

    /// The threshold of a metric. A `thresholdRange` wins over a `threshold`, even when it is empty and so accepts
    /// everything. Where both are missing the threshold is 0: success rates always pass then, all else fails above 0.
    package init(_ kind: Kind, range: ThresholdRange?, single: Double?) {
        self.kind = kind
        let limits: ThresholdRange
        if let range {
            limits = range
        } else if kind == .atLeast {
            limits = ThresholdRange(min: single ?? 0)
        } else {
            limits = ThresholdRange(max: single ?? 0)
        }
        guard kind == .duration else {
            accepted = limits
            return
        }
        accepted = ThresholdRange(
            min: limits.min.map { Double(Self.milliseconds($0)) }, max: limits.max.map { Double(Self.milliseconds($0)) }
        )
    }

    /// Where `value` lies. NaN is a matter of judging missing data, not of thresholds; it would lie within.
    package func judge(_ value: Double) -> Outcome {
        let compared = kind == .duration ? Double(Self.milliseconds(value)) : value
        if let min = accepted.min, compared < min { return .below(min) }
        if let max = accepted.max, compared > max { return .above(max) }
        return .within
    }

    /// Cuts to whole milliseconds. Infinite and huge values saturate: with Flagger they overflow to 0 and pass, which
    /// is never what a maximum is for.
    package static func milliseconds(_ value: Double) -> Milliseconds {
        if value.isNaN { return 0 }
        // ±2^53 ms: exact as a Double, and far beyond any duration.
        return Int64(min(max(value, -0x1p53), 0x1p53))
    }
}
