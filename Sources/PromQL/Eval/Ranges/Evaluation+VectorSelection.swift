import Model

extension Evaluation {
    /// The property of the sample found that becomes the value of an instant selector.
    enum SampleAspect {
        case value
        /// When it was taken, in seconds.
        case time
        /// When its counter started, in seconds; 0 where that is not known.
        case startTime
    }

    /// An instant selector: at each step the newest sample of each series within the lookback, unless it is a stale
    /// marker.
    func select(
        _ plan: SelectorPlan, over grid: StepGrid, _ aspect: SampleAspect = .value
    ) throws(QueryError) -> SeriesVector {
        let labels = labels(of: plan.request)
        try budget.reserveTable(series: labels.count, steps: grid.count)
        var out = SeriesVector(labels: labels, stepCount: grid.count)
        if grid.count == 0 { return out }
        if plan.isSmoothed {
            try selectSmoothed(plan, over: grid, into: &out)
        } else if grid.isSingle, !plan.detectsResets {
            try selectLatest(plan, at: grid.start, aspect, into: &out)
        } else {
            try selectColumns(plan, over: grid, aspect, into: &out)
        }
        return out
    }

    /// A single step asks the store for the newest samples only.
    private func selectLatest(
        _ plan: SelectorPlan, at step: Timestamp, _ aspect: SampleAspect, into out: inout SeriesVector
    ) throws(QueryError) {
        let end = plan.reference.time(at: step)
        let window = TimeWindow(after: end.minusClamped(plan.lookback), through: end)
        var latest = LatestValues()
        var first = 0
        for group in selections[plan.request].groups {
            try checkInterruption()
            do { try group.readLatest(in: window, into: &latest) } catch { throw .storage(error) }
            for column in 0..<latest.times.count where latest.times[column] != .min {
                if latest.values[column].isStaleMarker { continue }
                let start = latest.startTimes.isEmpty ? 0 : latest.startTimes[column]
                put(latest.values[column], latest.times[column], start, aspect, at: first + column, &out)
                noteRead(samples: 1)
            }
            for (column, histogram) in latest.histograms {
                out.present[first + column] = false
                if histogram.isStaleMarker { continue }
                let start = latest.startTimes.isEmpty ? 0 : latest.startTimes[column]
                put(histogram, latest.times[column], start, aspect, at: first + column, &out)
                noteRead(samples: 1)
            }
            first += latest.times.count
        }
    }

    /// Several steps: each group is read once, and each column walked once.
    private func selectColumns(
        _ plan: SelectorPlan, over grid: StepGrid, _ aspect: SampleAspect, into out: inout SeriesVector
    ) throws(QueryError) {
        let window = TimeWindow(
            after: plan.reference.time(at: grid.start).minusClamped(plan.lookback),
            through: plan.reference.time(at: grid.end))
        var buffer = ColumnBuffer()
        var samples = ColumnSamples()
        var first = 0
        for group in selections[plan.request].groups {
            try checkInterruption()
            do { try group.read(window, into: &buffer) } catch { throw .storage(error) }
            let histograms = HistogramColumns(buffer)
            for column in 0..<buffer.columnCount {
                samples.load(column, of: buffer, histograms, keepingStale: true, keepingStarts: aspect == .startTime)
                if plan.detectsResets { samples.detectHistogramResets() }
                noteRead(samples: samples.count)
                let target = (first + column) * grid.count
                try walk(samples, plan, grid, aspect, target, &out)
            }
            first += buffer.columnCount
        }
    }

    /// Puts the samples of one column at the steps that see them.
    private func walk(
        _ samples: borrowing ColumnSamples, _ plan: SelectorPlan, _ grid: StepGrid, _ aspect: SampleAspect,
        _ target: Int, _ out: inout SeriesVector
    ) throws(QueryError) {
        var nextFloat = 0
        var nextHistogram = 0
        for step in 0..<grid.count {
            try checkProgress(step, of: out)
            let end = plan.reference.time(at: grid.time(step))
            let oldest = end.minusClamped(plan.lookback)
            while nextFloat < samples.times.count, samples.times[nextFloat] <= end { nextFloat += 1 }
            while nextHistogram < samples.histograms.count, samples.histograms[nextHistogram].time <= end {
                nextHistogram += 1
            }
            let floatTime = nextFloat > 0 ? samples.times[nextFloat - 1] : .min
            let histogramTime = nextHistogram > 0 ? samples.histograms[nextHistogram - 1].time : .min
            if floatTime >= histogramTime {
                guard nextFloat > 0, floatTime > oldest else { continue }
                let value = samples.values[nextFloat - 1]
                if value.isStaleMarker { continue }
                put(value, floatTime, samples.start(nextFloat - 1), aspect, at: target + step, &out)
            } else if histogramTime > oldest {
                let found = samples.histograms[nextHistogram - 1]
                if found.histogram.isStaleMarker { continue }
                put(found.histogram, histogramTime, found.start, aspect, at: target + step, &out)
            }
        }
    }

    @inline(__always)
    private func put(
        _ value: Double, _ time: Timestamp, _ start: Timestamp, _ aspect: SampleAspect, at cell: Int,
        _ out: inout SeriesVector
    ) {
        switch aspect {
        case .value: out.set(cell, value)
        case .time: out.set(cell, Double(time) / 1000)
        case .startTime: out.set(cell, Double(start) / 1000)
        }
    }

    private func put(
        _ histogram: FloatHistogram, _ time: Timestamp, _ start: Timestamp, _ aspect: SampleAspect, at cell: Int,
        _ out: inout SeriesVector
    ) {
        switch aspect {
        case .value: out.histograms[cell] = histogram
        case .time: out.set(cell, Double(time) / 1000)
        case .startTime: out.set(cell, Double(start) / 1000)
        }
    }
}
