/// The NaN bit patterns that carry meaning in a time series.
package enum SpecialValue {
    /// The marker that ends a series: a signalling NaN that Prometheus reserves. Compare by bit pattern only.
    package static let staleBits: UInt64 = 0x7ff0_0000_0000_0002
    /// The ordinary NaN that every textual NaN becomes.
    package static let ordinaryNaNBits: UInt64 = 0x7ff8_0000_0000_0001

    /// The stale marker as a value. Never compute with it.
    package static var stale: Double { Double(bitPattern: staleBits) }
    /// The ordinary NaN as a value.
    package static var ordinaryNaN: Double { Double(bitPattern: ordinaryNaNBits) }
}

extension Double {
    /// Whether this value is the stale marker, judged by its bits.
    package var isStaleMarker: Bool { bitPattern == SpecialValue.staleBits }
}

/// One float observation of a series.
package struct Sample: Sendable {
    /// When it was observed.
    package var time: Timestamp
    /// What was observed; the bits are kept as they came (stale markers, NaN payloads).
    package var value: Double

    /// A sample.
    package init(time: Timestamp, value: Double) {
        self.time = time
        self.value = value
    }
}

/// What a series holds at one time: a float or a native histogram.
package enum SampleValue: Sendable {
    /// An ordinary number.
    case float(Double)
    /// A native histogram.
    case histogram(FloatHistogram)
}
