import Model

extension Evaluation {
    /// A function of a range vector: one value per series and step out of the window there.
    func rangeCall(
        _ plan: CallPlan, _ function: RangeFunction, over grid: StepGrid
    ) throws(QueryError) -> NodeValue {
        var parameters: [[Double]] = []
        var range: RangePlan?
        for argument in plan.arguments {
            if case .range(let found) = argument {
                range = found
            } else {
                parameters.append(try scalar(argument, over: grid))
            }
        }
        guard let range else { throw .evaluation("\(plan.name) needs a range vector") }
        var function = function
        if range.anchoring != .none {
            guard let extended = function.extended?(range.anchoring) else {
                throw .unsupported(feature: "\(plan.name) of an anchored or smoothed range", at: plan.position)
            }
            function = extended
        }
        var run = RangeRun(call: plan, function: function, range: range, parameters: parameters, grid: grid)
        run.rangePosition =
            plan.positions[plan.arguments.firstIndex { if case .range = $0 { true } else { false } } ?? 0]
        if let counter = function.extrapolation, grid.count > 0, !options.useStartTimestamps,
            case .selection(let request) = range.source
        {
            return .vector(try droppingName(try counterCall(run, counter, request), .refuse))
        }
        let vector = try evaluate(run)
        return .vector(function.keepsName ? vector : try droppingName(vector, .refuse))
    }

    /// Runs a function over all series and steps.
    private func evaluate(_ run: RangeRun) throws(QueryError) -> SeriesVector {
        let steps = run.grid.count
        let source = try rangeSeries(of: run.range, over: run.grid)
        let labels = source.labels
        try budget.reserveTable(series: labels.count, steps: steps)
        var out = SeriesVector(labels: labels, stepCount: steps)
        var progress = RangeProgress(run, seriesCount: labels.count)
        try forEachSeries(of: source, run.range, over: run.grid) { (series, samples) throws(QueryError) in
            try fold(run, series, &samples, &progress, &out)
        }
        write(progress.notes, run, labels)
        return out
    }

    /// Runs a function over all steps of one series.
    func fold(
        _ run: RangeRun, _ series: Int, _ samples: inout ColumnSamples, _ progress: inout RangeProgress,
        _ out: inout SeriesVector
    ) throws(QueryError) {
        if samples.count == 0 { return }
        if run.function.needsResets { samples.findResets() }
        var cursor = WindowCursor()
        let steps = run.grid.count
        for step in 0..<steps {
            let window = cursor.window(of: run.range, at: run.grid.time(step), in: samples)
            try checkInterruption(after: &progress.work, plus: window.count + 1)
            if window.count == 0 { continue }
            if budget.live + window.count + progress.produced > budget.limit { throw .tooManySamples }
            for index in progress.parameters.indices { progress.parameters[index] = run.parameters[index][step] }
            switch try value(run, samples, window, progress.parameters, series, &progress.notes) {
            case .none: continue
            case .float(let value): out.set(series * steps + step, value)
            case .histogram(let histogram): out.histograms[series * steps + step] = histogram
            }
            progress.produced += 1
        }
    }

    /// The value of one window. Native histograms are treated as the function's `histograms` rule says.
    func value(
        _ run: RangeRun, _ samples: borrowing ColumnSamples, _ window: RangeWindow, _ parameters: [Double],
        _ series: Int, _ notes: inout RangeNotes
    ) throws(QueryError) -> RangeResult {
        var window = window
        if !window.histograms.isEmpty {
            if run.function.histograms == .lastPair { window.keepLastPair(of: samples) }
            switch run.function.histograms {
            case .counted: break
            case .ignored:
                if window.floats.isEmpty { return .none }
                notes.ignoredHistograms.insert(series)
            case .lastPair where window.histograms.isEmpty: break
            case .separate, .lastPair:
                if !window.floats.isEmpty {
                    notes.mixed.insert(series)
                    return .none
                }
                guard let kernel = run.function.histogramKernel else {
                    throw .unsupported(feature: "\(run.call.name) of native histograms", at: run.call.position)
                }
                var found = HistogramNotes()
                let result = try kernel(samples, window, &found)
                // A note per step would outgrow the samples; all steps of a series mostly have the same to say.
                if found != HistogramNotes(), notes.histograms.last.map({ $0 != (series, found) }) ?? true {
                    notes.histograms.append((series, found))
                }
                if result != nil, run.function.noticesOverlaps, samples.hasHistogramOverlap(in: window.histograms) {
                    notes.overlaps.insert(series)
                }
                return result.map { .histogram($0) } ?? .none
            }
        }
        let result = try run.function.kernel(samples, window, parameters)
        if case .float = result, run.function.noticesCounters { notes.counters[series] = true }
        if run.function.noticesOverlaps, samples.hasOverlap(in: window.floats) { notes.overlaps.insert(series) }
        if case .float = result, run.function.hasQuantile {
            let quantile = parameters.first ?? .nan
            if notes.quantiles.last?.bitPattern != quantile.bitPattern { notes.quantiles.append(quantile) }
        }
        return result
    }

    /// Adds the annotations collected over all windows, with metric names.
    func write(_ notes: RangeNotes, _ run: RangeRun, _ labels: SeriesLabels) {
        for quantile in notes.quantiles { warnOfQuantile(quantile, at: run.call.positions[0]) }
        for series in notes.mixed.sorted() {
            annotations.add(
                .warning,
                "encountered a mix of histograms and floats for metric name "
                    + GoQuote.quoted(metricName(labels, series)), at: run.rangePosition)
        }
        for (series, found) in notes.histograms {
            write(found, metricName(labels, series), at: run.rangePosition)
        }
        for series in notes.ignoredHistograms.sorted() {
            annotations.add(
                .info,
                "ignored histograms in a range containing both floats and histograms"
                    + " for metric name " + GoQuote.quoted(metricName(labels, series)), at: run.rangePosition)
        }
        for series in notes.overlaps.sorted() {
            annotations.add(
                .warning,
                "sample has start time that overlaps with previous sample timestamp for metric "
                    + GoQuote.quoted(metricName(labels, series)), at: run.rangePosition, keepsFirst: true)
        }
        if run.function.noticesCounters { noteIfNoCounters(labels, notes.counters, run.rangePosition) }
    }

    /// Adds the annotations about the native histograms of one series.
    func write(_ notes: HistogramNotes, _ metric: @autoclosure () -> String, at position: SourceRange) {
        if notes.mixesSchemas { warnOfSchemas(metric(), at: position) }
        note(notes.hintsConflict, false, "aggregation", at: position)
        for what in notes.boundsDiffered.sorted() { note(false, true, what, at: position) }
        for (isWrong, kind) in [(notes.isNoCounter, "counter"), (notes.isNoGauge, "gauge")] where isWrong {
            annotations.add(
                .warning, "this native histogram metric is not a \(kind): \(GoQuote.quoted(metric()))", at: position)
        }
    }
}

/// Everything about one call that is the same for all series.
struct RangeRun {
    var call: CallPlan
    var function: RangeFunction
    var range: RangePlan
    /// Scalar arguments, each with a value per step.
    var parameters: [[Double]]
    var grid: StepGrid
    /// Where the range argument stands.
    var rangePosition = SourceRange(0, 0)
}

/// The running state of a call over the series of its range.
struct RangeProgress {
    /// Samples of the result.
    var produced = 0
    /// Samples looked at since the evaluation was asked whether to go on.
    var work = 0
    /// The scalar arguments at the current step.
    var parameters: [Double]
    var notes: RangeNotes

    init(_ run: RangeRun, seriesCount: Int) {
        parameters = Array(repeating: 0, count: run.parameters.count)
        notes = RangeNotes(counters: PresenceBits(cellCount: run.function.noticesCounters ? seriesCount : 0))
    }
}

/// The series that annotations concern, by kind of annotation. Names are looked up once per series instead of per step.
struct RangeNotes {
    var mixed: Set<Int> = []
    var ignoredHistograms: Set<Int> = []
    var counters: PresenceBits
    var overlaps: Set<Int> = []
    var histograms: [(series: Int, notes: HistogramNotes)] = []
    var quantiles: [Double] = []
}
