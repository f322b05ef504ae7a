import Model

/// One window of a range selector over one series.
struct RangeWindow: Sendable {
    /// Which float samples lie in it, as indexes into `ColumnSamples.times`. With `anchored` and `smoothed` the samples
    /// around it that may be needed too.
    var floats: Range<Int>
    /// Which native histogram samples lie in it.
    var histograms: Range<Int>
    /// `(start, end]`, offset and `@` applied.
    var bounds: TimeWindow
    /// Length of the window in milliseconds.
    var duration: Milliseconds
    /// Time of the step, offset not applied.
    var step: Timestamp

    /// Number of samples of both kinds.
    var count: Int { floats.count + histograms.count }
}

/// Finds the windows of rising steps in one series, by two pointers for each kind of sample.
struct WindowCursor {
    private var floats = 0..<0
    private var histograms = 0..<0

    /// The window at a step not before the last one.
    mutating func window(of plan: RangePlan, at step: Timestamp, in samples: borrowing ColumnSamples) -> RangeWindow {
        let bounds = plan.reach(at: step)
        var lower = floats.lowerBound
        var upper = max(floats.upperBound, lower)
        while lower < samples.times.count, samples.times[lower] <= bounds.start { lower += 1 }
        upper = max(upper, lower)
        while upper < samples.times.count, samples.times[upper] <= bounds.end { upper += 1 }
        floats = lower..<upper
        if !samples.histograms.isEmpty {
            lower = histograms.lowerBound
            upper = histograms.upperBound
            while lower < samples.histograms.count, samples.histograms[lower].time <= bounds.start { lower += 1 }
            upper = max(upper, lower)
            while upper < samples.histograms.count, samples.histograms[upper].time <= bounds.end { upper += 1 }
            histograms = lower..<upper
        }
        return RangeWindow(
            floats: floats, histograms: histograms, bounds: plan.window(at: step), duration: plan.duration, step: step)
    }
}

extension Evaluation {
    /// Reads all series of a range selector or subquery, one after the other, and hands each to `body` with its number.
    /// Returns their labels.
    func forEachSeries(
        of plan: RangePlan, over grid: StepGrid,
        _ body: (Int, inout ColumnSamples) throws(QueryError) -> Void
    ) throws(QueryError) -> SeriesLabels {
        var samples = ColumnSamples()
        switch plan.source {
        case .subquery(let node, let inner):
            let vector = try vector(node, over: inner)
            for series in 0..<vector.seriesCount {
                if series & 255 == 0 { try checkInterruption() }
                samples.load(series, of: vector, inner)
                try body(series, &samples)
            }
            return vector.labels
        case .selection(let request):
            if grid.count == 0 { return SeriesLabels() }
            let window = plan.reach(over: grid)
            var buffer = ColumnBuffer()
            var first = 0
            for group in selections[request].groups {
                try checkInterruption()
                do { try group.read(window, into: &buffer) } catch { throw .storage(error) }
                for column in 0..<buffer.columnCount {
                    samples.load(
                        column, of: buffer, keepingStale: false, keepingStarts: options.useStartTimestamps)
                    samplesRead += samples.count
                    try body(first + column, &samples)
                }
                first += buffer.columnCount
            }
            return labels(of: request)
        }
    }

    /// The label sets of a range's series before any is read; `nil` for a subquery, which has to be evaluated first.
    func knownLabels(of plan: RangePlan) -> SeriesLabels? {
        if case .selection(let request) = plan.source { labels(of: request) } else { nil }
    }

    /// The samples of a range selector at one step, as a matrix.
    func matrix(_ plan: RangePlan, at step: Timestamp) throws(QueryError) -> (SeriesLabels, [MatrixSeries]) {
        if plan.anchoring != .none {
            throw .unsupported(feature: "an anchored or smoothed range without a function", at: plan.position)
        }
        var found: [(series: Int, content: MatrixSeries)] = []
        let labels = try forEachSeries(of: plan, over: StepGrid(at: step)) { (series, samples) throws(QueryError) in
            var cursor = WindowCursor()
            let window = cursor.window(of: plan, at: step, in: samples)
            if window.count == 0 { return }
            try budget.add(window.count)
            var content = MatrixSeries(
                labels: Labels(), times: Array(samples.times[window.floats]),
                values: Array(samples.values[window.floats]))
            content.histograms = samples.histograms[window.histograms].map { ($0.time, $0.histogram) }
            found.append((series, content))
        }
        return (labels.selecting(found.map(\.series)), found.map(\.content))
    }
}
