import Model

/// Remembers which metric names have been looked at, since neighbouring series mostly share theirs.
struct CounterNameCheck {
    /// The last name and type looked at.
    var name: Symbol?
    /// The type that went with it.
    var type = Symbol.empty
}

extension Evaluation {
    /// `rate`, `increase` and `delta` at a single step: the store tells first, last, count and resets of each series,
    /// and no sample in between is looked at.
    func counterCall(
        _ run: RangeRun, _ extrapolation: Extrapolation, _ request: Int
    ) throws(QueryError) -> SeriesVector {
        let range = run.range
        let step = run.grid.start
        let labels = labels(of: request)
        var out = SeriesVector(labels: labels, stepCount: 1)
        let window = range.window(at: step)
        var counters = CounterWindow()
        var notes = RangeNotes(counters: PresenceBits(cellCount: extrapolation.isCounter ? labels.count : 0))
        var frame = ExtrapolationFrame(window: window, duration: range.duration)
        var first = 0
        for group in selections[request].groups {
            try checkInterruption()
            do { try group.readCounters(in: window, into: &counters) } catch { throw .storage(error) }
            var exact: [Int] = []
            let columns = counters.columns.span
            var samples = 0
            var series = 0
            for column in columns.indices {
                let found = columns[column]
                let count = Int(found.count)
                samples &+= count
                if count > 0 { series &+= 1 }
                if found.isMixed || (extrapolation.isCounter && found.resetCount > 1) {
                    exact.append(column)
                    continue
                }
                if count < 2 { continue }
                frame.move(first: found.firstTime, last: found.lastTime, count: count)
                var difference = found.lastValue - found.firstValue
                if extrapolation.isCounter, found.resetCount > 0 { difference += found.resets }
                out.set(first + column, extrapolation.apply(difference, first: found.firstValue, frame))
                if extrapolation.isCounter { notes.counters[first + column] = true }
            }
            noteRead(samples: samples, series: series)
            if !exact.isEmpty { try readInFull(exact, group, first, run, &out, &notes) }
            first += counters.columns.count
        }
        write(notes, run, labels)
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

    /// The columns for which the summary does not do.
    private func readInFull(
        _ columns: [Int], _ group: any SelectedGroup, _ first: Int, _ run: RangeRun, _ out: inout SeriesVector,
        _ notes: inout RangeNotes
    ) throws(QueryError) {
        var buffer = ColumnBuffer()
        var samples = ColumnSamples()
        do { try group.read(run.range.window(at: run.grid.start), into: &buffer) } catch { throw .storage(error) }
        for column in columns {
            samples.load(column, of: buffer, keepingStale: false, keepingStarts: false)
            samples.findResets()
            var cursor = WindowCursor()
            let window = cursor.window(of: run.range, at: run.grid.start, in: samples)
            if window.count == 0 { continue }
            switch try value(run, samples, window, [], first + column, &notes) {
            case .none: continue
            case .float(let value): out.set(first + column, value)
            case .histogram(let histogram): out.histograms[first + column] = histogram
            }
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
