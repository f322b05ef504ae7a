import Model

extension Evaluation {
    /// `x smoothed`: the sample at the step itself, or the line between the samples around it, or the last one carried
    /// forward. Nothing before the first sample.
    func selectSmoothed(_ plan: SelectorPlan, over grid: StepGrid, into out: inout SeriesVector) throws(QueryError) {
        let window = TimeWindow(
            after: plan.reference.time(at: grid.start).minusClamped(plan.lookback),
            through: plan.reference.time(at: grid.end).plusClamped(plan.lookback))
        var buffer = ColumnBuffer()
        var samples = ColumnSamples()
        var first = 0
        for group in selections[plan.request].groups {
            try checkInterruption()
            do { try group.read(window, into: &buffer) } catch { throw .storage(error) }
            let histograms = HistogramColumns(buffer)
            for column in 0..<buffer.columnCount {
                samples.load(column, of: buffer, histograms, keepingStale: false, keepingStarts: false)
                noteRead(samples: samples.count)
                for step in 0..<grid.count {
                    try checkProgress(step, of: out)
                    let time = plan.reference.time(at: grid.time(step))
                    let cell = (first + column) * grid.count + step
                    switch smoothed(samples, at: time, plan, first + column) {
                    case .none: continue
                    case .float(let value): out.set(cell, value)
                    case .histogram(let histogram): out.histograms[cell] = histogram
                    }
                }
            }
            first += buffer.columnCount
        }
    }

    /// The value of one series at a time.
    private func smoothed(
        _ samples: borrowing ColumnSamples, at time: Timestamp, _ plan: SelectorPlan, _ series: Int
    ) -> SampleValue? {
        let oldest = time.minusClamped(plan.lookback)
        let newest = time.plusClamped(plan.lookback)
        let float = samples.times.lastIndex { $0 <= time && $0 > oldest }
        let histogram = samples.histograms.lastIndex { $0.time <= time && $0.time > oldest }
        let nextFloat = samples.times.firstIndex { $0 > time && $0 <= newest }
        let nextHistogram = samples.histograms.firstIndex { $0.time > time && $0.time <= newest }
        let nextIsHistogram =
            nextHistogram.map { next in
                nextFloat.map { samples.times[$0] > samples.histograms[next].time } ?? true
            } ?? false
        if let histogram, float.map({ samples.times[$0] < samples.histograms[histogram].time }) ?? true {
            let found = samples.histograms[histogram]
            if found.time == time || (nextFloat == nil && nextHistogram == nil) { return .histogram(found.histogram) }
            if !nextIsHistogram { return warnOfMix(plan, series) }
            let isCounter = found.histogram.counterResetHint != .gauge
            if let value = samples.interpolatedHistogram(histogram, at: time, isCounter: isCounter) {
                return .histogram(value)
            }
            warnOfSchemas(metricName(labels(of: plan.request), series), at: plan.position)
            return nil
        }
        guard let float else { return nil }
        if samples.times[float] == time || (nextFloat == nil && nextHistogram == nil) {
            return .float(samples.values[float])
        }
        if nextIsHistogram { return warnOfMix(plan, series) }
        guard let nextFloat else { return nil }
        return .float(samples.interpolated(float, nextFloat, at: time, isCounter: false))
    }

    private func warnOfMix(_ plan: SelectorPlan, _ series: Int) -> SampleValue? {
        annotations.add(
            .warning,
            "encountered a mix of histograms and floats for metric name "
                + GoQuote.quoted(metricName(labels(of: plan.request), series)), at: plan.position)
        return nil
    }
}
