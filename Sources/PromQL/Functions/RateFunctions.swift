/// Functions of how a value changes over a window. `Extrapolation` describes `rate`, and lists the other two places where it
/// is computed.
enum RateFunctions {
    /// The records.
    static let all: [FunctionRecord] = [
        extrapolated("rate", Extrapolation(isCounter: true, isRate: true)),
        extrapolated("increase", Extrapolation(isCounter: true, isRate: false)),
        extrapolated("delta", Extrapolation(isCounter: false, isRate: false)),
        FunctionRecord(
            "irate", [.matrix], .vector, traits: FunctionTraits(mayStartAtZero: true),
            does: .range(
                RangeFunction(histograms: .lastPair, histogramKernel: NativeRate.lastPair(isRate: true)) {
                    samples, window, _ in
                    lastPair(samples, window, isRate: true)
                })),
        FunctionRecord(
            "idelta", [.matrix], .vector,
            does: .range(
                RangeFunction(histograms: .lastPair, histogramKernel: NativeRate.lastPair(isRate: false)) {
                    samples, window, _ in
                    lastPair(samples, window, isRate: false)
                })),
        counting("changes", RangeFunction(histograms: .counted, kernel: changes)),
        counting("resets", RangeFunction(histograms: .counted, kernel: resets)),
    ]

    private static func extrapolated(_ name: String, _ extrapolation: Extrapolation) -> FunctionRecord {
        let traits = FunctionTraits(mayStartAtZero: extrapolation.isCounter)
        return FunctionRecord(name, [.matrix], .vector, traits: traits, does: .range(function(extrapolation)))
    }

    private static func counting(_ name: String, _ plain: RangeFunction) -> FunctionRecord {
        var function = plain
        function.extended = { ExtendedRangeFunctions.counting(plain, $0) }
        return FunctionRecord(name, [.matrix], .vector, does: .range(function))
    }

    private static func function(_ extrapolation: Extrapolation) -> RangeFunction {
        RangeFunction(
            histograms: .separate, needsResets: extrapolation.isCounter,
            noticesOverlaps: extrapolation.isCounter, noticesCounters: extrapolation.isCounter,
            extrapolation: extrapolation,
            histogramKernel: NativeRate.extrapolated(extrapolation),
            extended: { ExtendedRangeFunctions.difference(extrapolation, $0) }
        ) { samples, window, _ in
            extrapolation.value(samples, window).map { .float($0) } ?? .none
        }
    }

    /// `irate` and `idelta`: the last two samples only.
    private static func lastPair(
        _ samples: borrowing ColumnSamples, _ window: RangeWindow, isRate: Bool
    ) -> RangeResult {
        let last = window.floats.upperBound - 1
        if window.floats.count < 2 { return .none }
        let milliseconds = samples.times[last] - samples.times[last - 1]
        if milliseconds == 0 { return .none }
        let (value, before) = (samples.values[last], samples.values[last - 1])
        if !isRate { return .float(value - before) }
        return .float((samples.isReset(at: last) ? value : value - before) / (Double(milliseconds) / 1000))
    }

    /// How often neighbours differ; NaN after NaN does not, a float after a histogram does.
    private static func changes(
        _ samples: borrowing ColumnSamples, _ window: RangeWindow, _: [Double]
    ) throws(QueryError) -> RangeResult {
        var count = 0
        for index in window.floats.dropFirst() {
            let (value, before) = (samples.values[index], samples.values[index - 1])
            if value != before, !(value.isNaN && before.isNaN) { count += 1 }
        }
        if window.histograms.isEmpty { return .float(Double(count)) }
        count = 0
        forEachPair(samples, window) { one, other in
            switch (one, other) {
            case (.float(let one), .float(let other)):
                let (before, value) = (samples.values[one], samples.values[other])
                if value != before, !(value.isNaN && before.isNaN) { count += 1 }
            case (.histogram(let before), .histogram(let value)):
                if !samples.histograms[value].histogram.equals(samples.histograms[before].histogram) { count += 1 }
            default: count += 1
            }
        }
        return .float(Double(count))
    }

    /// How often a value is smaller than the one before; a change of kind counts as one.
    private static func resets(
        _ samples: borrowing ColumnSamples, _ window: RangeWindow, _: [Double]
    ) throws(QueryError) -> RangeResult {
        var count = 0
        if window.histograms.isEmpty {
            for index in window.floats.dropFirst() where samples.isReset(at: index) { count += 1 }
            return .float(Double(count))
        }
        forEachPair(samples, window) { one, other in
            switch (one, other) {
            case (.float, .float(let current)): if samples.isReset(at: current) { count += 1 }
            case (.histogram, .histogram(let current)): if samples.isHistogramReset(at: current) { count += 1 }
            default: count += 1
            }
        }
        return .float(Double(count))
    }

    private enum Place {
        /// By index into `ColumnSamples.values`.
        case float(Int)
        /// By index into `ColumnSamples.histograms`.
        case histogram(Int)
    }

    /// Calls `body` for each pair of neighbouring samples of a window that holds both kinds, in time order.
    private static func forEachPair(
        _ samples: borrowing ColumnSamples, _ window: RangeWindow, _ body: (Place, Place) -> Void
    ) {
        var before: Place?
        var float = window.floats.lowerBound
        var histogram = window.histograms.lowerBound
        while float < window.floats.upperBound || histogram < window.histograms.upperBound {
            let takesFloat =
                histogram == window.histograms.upperBound
                || (float < window.floats.upperBound && samples.times[float] < samples.histograms[histogram].time)
            let current: Place = takesFloat ? .float(float) : .histogram(histogram)
            if takesFloat { float += 1 } else { histogram += 1 }
            if let before { body(before, current) }
            before = current
        }
    }
}
