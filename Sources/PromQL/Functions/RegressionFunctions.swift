import Model

/// Functions that fit a line or a trend to a window: ordinary least squares (`deriv`, `predict_linear`) and Holt's linear
/// exponential smoothing (`double_exponential_smoothing`), with the compensated sums of Prometheus.
enum RegressionFunctions {
    /// The records.
    static let all: [FunctionRecord] = [
        FunctionRecord(
            "deriv", [.matrix], .vector,
            does: .range(
                RangeFunction { samples, window, _ in
                    guard window.floats.count >= 2 else { return .none }
                    let origin = samples.times[window.floats.lowerBound]
                    return .float(line(samples, window.floats, origin: origin).slope)
                })),
        FunctionRecord(
            "predict_linear", [.matrix, .scalar], .vector, traits: FunctionTraits(stepDependence: .always),
            does: .range(
                RangeFunction { samples, window, parameters in
                    guard window.floats.count >= 2 else { return .none }
                    let line = line(samples, window.floats, origin: window.step)
                    return .float(line.slope * parameters[0] + line.intercept)
                })),
        FunctionRecord(
            "double_exponential_smoothing", [.matrix, .scalar, .scalar], .vector, experimental: true,
            does: .range(RangeFunction(kernel: smooth))),
    ]

    /// Least squares with x in seconds from `origin`. Equal values give slope 0 exactly.
    private static func line(
        _ samples: borrowing ColumnSamples, _ rows: Range<Int>, origin: Timestamp
    ) -> (slope: Double, intercept: Double) {
        var count = 0.0
        var (x, y, xy, xx) = (CompensatedSum(), CompensatedSum(), CompensatedSum(), CompensatedSum())
        let first = samples.values[rows.lowerBound]
        var isConstant = true
        for row in rows {
            let value = samples.values[row]
            if isConstant, row > rows.lowerBound, value != first { isConstant = false }
            count += 1
            let seconds = Double(samples.times[row] &- origin) / 1000
            x.add(seconds)
            y.add(value)
            xy.add(seconds * value)
            xx.add(seconds * seconds)
        }
        if isConstant { return first.isInfinite ? (.nan, .nan) : (0, first) }
        let covariance = xy.total - x.total * y.total / count
        let variance = xx.total - x.total * x.total / count
        let slope = covariance / variance
        return (slope, y.total / count - slope * x.total / count)
    }

    /// Holt's method: smoothed level and trend.
    private static func smooth(
        _ samples: borrowing ColumnSamples, _ window: RangeWindow, _ parameters: [Double]
    ) throws(QueryError) -> RangeResult {
        let (level, trend) = (parameters[0], parameters[1])
        guard level > 0, level < 1 else {
            throw .evaluation(
                "invalid smoothing factor. Expected: 0 < sf < 1, got: \(FloatText.fixed(level, places: 6))")
        }
        guard trend > 0, trend < 1 else {
            throw .evaluation("invalid trend factor. Expected: 0 < tf < 1, got: \(FloatText.fixed(trend, places: 6))")
        }
        let rows = window.floats
        guard rows.count >= 2 else { return .none }
        var before = 0.0
        var smoothed = samples.values[rows.lowerBound]
        var slope = samples.values[rows.lowerBound + 1] - smoothed
        for row in rows.dropFirst() {
            let x = level * samples.values[row]
            if row > rows.lowerBound + 1 { slope = trend * (smoothed - before) + (1 - trend) * slope }
            let y = (1 - level) * (smoothed + slope)
            before = smoothed
            smoothed = x + y
        }
        return .float(smoothed)
    }
}
