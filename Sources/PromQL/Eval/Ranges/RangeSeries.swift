import Model

/// The series of a range selector or subquery, before any is looked at.
struct RangeSeries {
    /// The label sets, in the order in which the series are read.
    var labels: SeriesLabels
    /// The inner vector of a subquery and its grid.
    fileprivate var inner: (vector: SeriesVector, grid: StepGrid)?
}

extension Evaluation {
    /// Finds the series of a range; a subquery is evaluated for that.
    func rangeSeries(of plan: RangePlan, over grid: StepGrid) throws(QueryError) -> RangeSeries {
        switch plan.source {
        case .selection(let request): return RangeSeries(labels: labels(of: request))
        case .subquery(let node, let inner):
            try budget.reserveTable(series: 1, steps: inner.count)
            let vector = try vector(node, over: inner)
            return RangeSeries(labels: vector.labels, inner: (vector, inner))
        }
    }

    /// Reads all series of a range, one after the other, and hands each to `body` with its number.
    func forEachSeries(
        of source: RangeSeries, _ plan: RangePlan, over grid: StepGrid,
        _ body: (Int, inout ColumnSamples) throws(QueryError) -> Void
    ) throws(QueryError) {
        var samples = ColumnSamples()
        if let inner = source.inner {
            for series in 0..<inner.vector.seriesCount {
                if series & 255 == 0 { try checkInterruption() }
                samples.load(series, of: inner.vector, inner.grid)
                try body(series, &samples)
            }
        }
        guard case .selection(let request) = plan.source, grid.count > 0 else { return }
        var first = 0
        for group in selections[request].groups {
            try checkInterruption()
            first += try forEachSeries(of: group, first: first, plan, over: grid, &samples, body)
        }
    }

    /// Reads the series of one group, one after the other, and hands each to `body` with its number, which are those from
    /// `first`. Returns how many there are.
    func forEachSeries(
        of group: any SelectedGroup, first: Int, _ plan: RangePlan, over grid: StepGrid, _ samples: inout ColumnSamples,
        _ body: (Int, inout ColumnSamples) throws(QueryError) -> Void
    ) throws(QueryError) -> Int {
        var buffer = ColumnBuffer()
        do { try group.read(plan.reach(over: grid), into: &buffer) } catch { throw .storage(error) }
        let histograms = HistogramColumns(buffer)
        for column in 0..<buffer.columnCount {
            samples.load(
                column, of: buffer, histograms, keepingStale: false, keepingStarts: options.useStartTimestamps)
            if plan.detectsResets { samples.detectHistogramResets() }
            noteRead(samples: samples.count)
            try body(first + column, &samples)
        }
        return buffer.columnCount
    }

    /// The samples of a range selector at one step, as a matrix.
    func matrix(_ plan: RangePlan, at step: Timestamp) throws(QueryError) -> (SeriesLabels, [MatrixSeries]) {
        if plan.anchoring != .none {
            throw .unsupported(feature: "an anchored or smoothed range without a function", at: plan.position)
        }
        var found: [(series: Int, content: MatrixSeries)] = []
        let grid = StepGrid(at: step)
        let source = try rangeSeries(of: plan, over: grid)
        try forEachSeries(of: source, plan, over: grid) { (series, samples) throws(QueryError) in
            var cursor = WindowCursor()
            let window = cursor.window(of: plan, at: step, in: samples)
            if window.count == 0 { return }
            try budget.add(samples: window.count, bytes: window.count * Self.floatBytes)
            var content = MatrixSeries(
                labels: Labels(), times: Array(samples.times[window.floats]),
                values: Array(samples.values[window.floats]))
            content.histograms = samples.histograms[window.histograms].map { ($0.time, $0.histogram) }
            found.append((series, content))
        }
        return (source.labels.selecting(found.map(\.series)), found.map(\.content))
    }
}
