package import Model

/// One value of a series in a script, or a gap.
package enum SequenceValue: Sendable {
    /// `_`: no sample.
    case omitted
    /// A number, or the stale marker.
    case float(Double)
    /// A native histogram, and whether its counter reset hint was written: an expected hint that was not written
    /// is not compared.
    case histogram(FloatHistogram, hintWritten: Bool)
}
