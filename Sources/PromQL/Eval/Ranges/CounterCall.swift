import Model

// `rate`, `increase` and `delta` without decoding: the second of the three roads that `Extrapolation` lists.
//
// Problem: most of a range query's time is spent decoding samples of which only the first and the last count. Method: counter
// pushdown. The store sums each column up per window (`SelectedGroup.readCounters`: first, last, count, resets), and only
// columns for which a summary is not exact are decoded (`CounterCall.exact`). Invariant: the result equals that of decoding all.

/// The metric name and type that were checked last. Neighbouring series mostly share both.
struct CounterNameCheck {
    /// The name checked last.
    var name: Symbol?
    /// The type checked with it.
    var type = Symbol.empty
}

extension Evaluation {
    /// A call of `rate`, `increase` or `delta` on a selector, computed from the store's summaries of each series and window.
    func counterCall(
        _ run: RangeRun, _ extrapolation: Extrapolation, _ request: Int
    ) throws(QueryError) -> SeriesVector {
        let labels = labels(of: request)
        try budget.reserveTable(series: labels.count, steps: run.grid.count)
        var out = SeriesVector(labels: labels, stepCount: run.grid.count)
        var call = CounterCall(run, extrapolation, seriesCount: labels.count)
        var counters = CounterWindow()
        var samples = ColumnSamples()
        for group in selections[request].groups {
            try checkInterruption()
            if run.grid.isSingle || group.countersSince <= call.windows[0].start {
                try call.sum(group, self, &counters, &out)
            } else {
                // Where samples have to be decoded, once for all windows is less.
                call.first += try forEachSeries(
                    of: group, first: call.first, run.range, over: run.grid, &samples
                ) { (series, samples) throws(QueryError) in
                    try fold(run, series, &samples, &call.progress, &out)
                }
            }
        }
        write(call.progress.notes, run, labels)
        return out
    }

    /// Notes metrics among some series that do not look like counters.
    func noteIfNoCounters(_ labels: SeriesLabels, _ produced: PresenceBits, _ position: SourceRange) {
        var checked = CounterNameCheck()
        if labels.hasUniformMetadata {
            guard let series = produced.first else { return }
            let type = labels.value(of: .type, in: series)
            return noteIfNoCounter(labels.value(of: .metricName, in: series), type, position, &checked)
        }
        let names = labels.values(of: .metricName)
        let types = options.typeAndUnitLabels ? labels.values(of: .type) : []
        produced.forEach { series in
            noteIfNoCounter(names[series], types.isEmpty ? .empty : types[series], position, &checked)
        }
    }

    /// Notes that a metric does not look like a counter: by its type where types are labels, else by its name.
    private func noteIfNoCounter(
        _ name: Symbol, _ type: Symbol, _ position: SourceRange, _ checked: inout CounterNameCheck
    ) {
        if checked.name?.id == name.id, checked.type.id == type.id { return }
        checked.name = name
        checked.type = type
        if name == .empty { return }
        let text = overlay.text(name)
        if options.typeAndUnitLabels {
            let found = overlay.text(type)
            if found == "counter" || found == "histogram" { return }
            annotations.add(
                .info,
                "metric might not be a counter, __type__ label is not set to \"counter\" or \"histogram\", got "
                    + "\(GoQuote.quoted(found)): \(GoQuote.quoted(text))", at: position)
        } else if !["_total", "_sum", "_count", "_bucket"].contains(where: { text.hasSuffix($0) }) {
            annotations.add(
                .info,
                "metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "
                    + GoQuote.quoted(text), at: position)
        }
    }
}

/// The running state of a `rate`, `increase` or `delta` call over the groups of a selection.
private struct CounterCall {
    let run: RangeRun
    let extrapolation: Extrapolation
    /// The window of each step.
    let windows: [TimeWindow]
    /// Number of the next group's first series.
    var first = 0
    var progress: RangeProgress
    /// Columns of the group whose summary is not exact: they hold native histograms, or several resets whose order of addition
    /// matters. These are decoded.
    private var exact: Set<Int> = []
    private var isTooMuch = false

    init(_ run: RangeRun, _ extrapolation: Extrapolation, seriesCount: Int) {
        self.run = run
        self.extrapolation = extrapolation
        windows = (0..<run.grid.count).map { run.range.window(at: run.grid.time($0)) }
        progress = RangeProgress(run, seriesCount: seriesCount)
    }

    /// All series and steps of one group.
    mutating func sum(
        _ group: any SelectedGroup, _ evaluation: Evaluation, _ counters: inout CounterWindow, _ out: inout SeriesVector
    ) throws(QueryError) {
        exact.removeAll(keepingCapacity: true)
        do throws(StorageError) {
            if windows.count == 1 {
                try group.readCounters(in: windows[0], into: &counters)
                take(counters, 0, evaluation, &out)
                note(counters, evaluation)
            } else {
                let all = windows + [run.range.reach(over: run.grid)]
                try group.readCounters(in: all, into: &counters) { step, found in
                    if step < windows.count { take(found, step, evaluation, &out) } else { note(found, evaluation) }
                }
            }
        } catch {
            throw .storage(error)
        }
        if isTooMuch { throw .tooManySamples }
        if !exact.isEmpty { try readInFull(group, evaluation, &out) }
        first += counters.columns.count
    }

    /// The series of one window.
    private mutating func take(
        _ counters: borrowing CounterWindow, _ step: Int, _ evaluation: Evaluation, _ out: inout SeriesVector
    ) {
        var frame = ExtrapolationFrame(window: windows[step], duration: run.range.duration)
        let columns = counters.columns.span
        let held = evaluation.budget.live
        for column in columns.indices {
            let found = columns[column]
            let count = Int(found.count)
            if found.isMixed || (extrapolation.isCounter && found.resetCount > 1) {
                exact.insert(column)
                continue
            }
            if windows.count > 1, held + count + progress.produced > evaluation.budget.limit { isTooMuch = true }
            if count < 2 { continue }
            frame.move(first: found.firstTime, last: found.lastTime, count: count)
            var difference = found.lastValue - found.firstValue
            if extrapolation.isCounter, found.resetCount > 0 { difference += found.resets }
            let value = extrapolation.apply(difference, first: found.firstValue, frame)
            out.set((first + column) * windows.count + step, value)
            progress.produced += 1
            // Asked first: mostly an earlier step has set it, and setting costs more.
            if extrapolation.isCounter, !progress.notes.counters[first + column] {
                progress.notes.counters[first + column] = true
            }
        }
    }

    /// Counts the samples and series that summaries were made of.
    private func note(_ counters: borrowing CounterWindow, _ evaluation: Evaluation) {
        let columns = counters.columns.span
        var samples = 0
        var series = 0
        for column in columns.indices where columns[column].count > 0 {
            samples &+= Int(columns[column].count)
            series &+= 1
        }
        evaluation.noteRead(samples: samples, series: series)
    }

    /// Decodes the columns in `exact` and evaluates them at all steps.
    private mutating func readInFull(
        _ group: any SelectedGroup, _ evaluation: Evaluation, _ out: inout SeriesVector
    ) throws(QueryError) {
        var buffer = ColumnBuffer()
        var samples = ColumnSamples()
        do { try group.read(run.range.reach(over: run.grid), into: &buffer) } catch { throw .storage(error) }
        let histograms = HistogramColumns(buffer)
        for column in exact.sorted() {
            samples.load(column, of: buffer, histograms, keepingStale: false, keepingStarts: false)
            try evaluation.fold(run, first + column, &samples, &progress, &out)
        }
    }
}
