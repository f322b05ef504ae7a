import Model

/// `info`: adds the labels of info metrics to the series of the same target.
enum InfoFunction {
    /// The records.
    static let all: [FunctionRecord] = [
        FunctionRecord(
            "info", [.vector, .vector], .vector, variadic: 1, experimental: true,
            traits: FunctionTraits(joinsInfo: true),
            does: .node { (evaluation, plan, grid) throws(QueryError) in
                guard let info = plan.info else { throw .evaluation("info has no info series to join with") }
                let base = try evaluation.vector(plan.arguments[0], over: grid)
                var joining = InfoJoin(base, info, evaluation, grid)
                return .vector(try joining.run())
            })
    ]
}

/// The join of a base vector with info series, a hash join on `instance` and `job`, step by step (`promql/info.go` in
/// Prometheus).
private struct InfoJoin {
    private let base: SeriesVector
    private let info: InfoPlan
    private let evaluation: Evaluation
    private let grid: StepGrid
    /// `instance` and `job`.
    private let identifying: [Symbol]
    /// Names of the labels to add; `nil` for all.
    private let wanted: Set<Symbol>?
    private var targets = SignatureTable()
    private var results = SignatureTable()
    private var removal: [Bool] = []

    init(_ base: SeriesVector, _ info: InfoPlan, _ evaluation: Evaluation, _ grid: StepGrid) {
        self.base = base
        self.info = info
        self.evaluation = evaluation
        self.grid = grid
        identifying = evaluation.overlay.intern(names: [LabelName.instance, LabelName.job])
        let names = info.dataMatchers.map { evaluation.overlay.intern($0.name) }
        wanted = names.isEmpty ? nil : Set(names)
    }

    /// Joins step by step.
    mutating func run() throws(QueryError) -> SeriesVector {
        let baseTargets = targets.add(base.labels, .only(identifying))
        let baseTargetCount = targets.count
        let times = try evaluation.select(info.selector, over: grid, .time)
        let values = try evaluation.select(info.selector, over: grid)
        let candidates = candidates(times, baseTargetCount)
        for cell in values.histograms.keys where candidates[cell / grid.count] != nil {
            throw .evaluation("info sample should be float")
        }
        let passing = (0..<base.seriesCount).map { isInfoSeries(base.labels, $0) }
        let keepsUnmatched = info.dataMatchers.allSatisfy(\.matchesEmpty)
        var found: [(series: UInt32, source: UInt32, step: UInt32)] = []
        var work = 0
        for step in 0..<grid.count {
            try evaluation.checkInterruption(after: &work, plus: base.seriesCount)
            try evaluation.budget.reserveTable(
                series: results.count, steps: grid.count, besides: found.count * 12 + results.bytes)
            let newest = try newest(candidates, times, step)
            var seen: Set<Int> = []
            for series in 0..<base.seriesCount where base.hasSample(series * grid.count + step) {
                var pairs = base.labels.pairs(of: series)
                if !passing[series] {
                    let matches = newest[baseTargets[series]] ?? []
                    if matches.isEmpty, !keepsUnmatched { continue }
                    try add(matches.sorted().map { times.labels.pairs(of: $0) }, to: &pairs)
                }
                let result = results.group(of: pairs)
                if result == removal.count { removal.append(base.labels.removal[series]) }
                guard seen.insert(result).inserted else { throw Evaluation.sameLabelset }
                found.append((UInt32(result), UInt32(series), UInt32(step)))
            }
        }
        var labels = results.labels
        if removal.contains(true) { labels.removal = .some(removal) }
        try evaluation.budget.reserveTable(
            series: results.count, steps: grid.count, besides: found.count * 12 + results.bytes)
        var out = SeriesVector(labels: labels, stepCount: grid.count)
        for (series, source, step) in found {
            out.copy(Int(series) * grid.count + Int(step), from: base, Int(source) * grid.count + Int(step))
        }
        return out
    }

    /// Per info series, its target and metric name; `nil` for a series that matches no base series or fails the data matchers.
    private mutating func candidates(_ times: SeriesVector, _ baseTargetCount: Int) -> [(target: Int, name: Symbol)?] {
        let groups = targets.add(times.labels, .only(identifying))
        return (0..<times.seriesCount).map { series in
            guard groups[series] < baseTargetCount, !targets.pairs(of: groups[series]).isEmpty else { return nil }
            for matcher in info.dataMatchers {
                let value = times.labels.value(of: evaluation.overlay.intern(matcher.name), in: series)
                if !matcher.matches(evaluation.overlay.text(value)) { return nil }
            }
            return (groups[series], times.labels.value(of: .metricName, in: series))
        }
    }

    /// Per target the info series with the newest sample of each info metric.
    private func newest(
        _ candidates: [(target: Int, name: Symbol)?], _ times: SeriesVector, _ step: Int
    ) throws(QueryError) -> [Int: [Int]] {
        var best: [SymbolPair: Int] = [:]
        for (series, candidate) in candidates.enumerated() {
            let cell = series * grid.count + step
            guard let candidate, times.present[cell] else { continue }
            let key = SymbolPair(candidate.name, Symbol(id: UInt32(candidate.target)))
            if let other = best[key] {
                let before = times.values[other * grid.count + step]
                let time = times.values[cell]
                if time == before {
                    let milliseconds = FloatText.plain((time * 1000).rounded())
                    let names = [other, series].map {
                        evaluation.overlay.labels(times.labels.pairs(of: $0)).bracedText
                    }
                    throw .evaluation(
                        "found duplicate series for info metric: existing \(names[0]) @ \(milliseconds), "
                            + "new \(names[1]) @ \(milliseconds)")
                }
                if time < before { continue }
            }
            best[key] = series
        }
        var out: [Int: [Int]] = [:]
        for (key, series) in best { out[Int(key.value.id), default: []].append(series) }
        return out
    }

    /// Whether a base series is itself one of the info metrics.
    private func isInfoSeries(_ labels: SeriesLabels, _ series: Int) -> Bool {
        let name = evaluation.metricName(labels, series)
        return info.nameMatchers.allSatisfy { $0.matches(name) }
    }

    /// Adds the data labels of info series. Labels that the base series has stay as they are.
    private func add(_ infoSeries: [[SymbolPair]], to pairs: inout [SymbolPair]) throws(QueryError) {
        var added: [Symbol: Symbol] = [:]
        for series in infoSeries {
            for pair in series where pair.name != .metricName && !identifying.contains(pair.name) {
                if let wanted, !wanted.contains(pair.name) { continue }
                if pairs.contains(where: { $0.name == pair.name }) { continue }
                if let other = added[pair.name], other != pair.value {
                    throw .evaluation("conflicting label: \(evaluation.overlay.text(pair.name))")
                }
                added[pair.name] = pair.value
            }
        }
        if added.isEmpty { return }
        pairs += added.map { SymbolPair($0.key, $0.value) }
        pairs.sort { $0.name < $1.name }
    }
}
