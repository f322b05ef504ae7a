/// Arithmetic that stops at the ends of the type instead of ending the process, for numbers that come from outside.
extension Int64 {
    /// The sum, or the nearest representable number.
    package func plusClamped(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        if !overflow { return sum }
        return other > 0 ? .max : .min
    }

    /// The difference, or the nearest representable number.
    package func minusClamped(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        if !overflow { return difference }
        return other < 0 ? .max : .min
    }

    /// The product, or the nearest representable number.
    package func timesClamped(by factor: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        if !overflow { return product }
        return (self < 0) == (factor < 0) ? .max : .min
    }
}

extension FixedWidthInteger {
    /// The whole number towards zero, or the nearest one that the type has; 0 for NaN.
    package init(saturating value: Double) {
        if value.isNaN {
            self = 0
        } else if value >= Double(Self.max) {
            self = .max
        } else if value <= Double(Self.min) {
            self = .min
        } else {
            self = Self(value)
        }
    }
}
