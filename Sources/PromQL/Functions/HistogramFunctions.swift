import Model

/// Functions of histograms: here the classic ones, whose buckets are series with a label `le`.
enum HistogramFunctions {
    /// The records.
    static let all: [FunctionRecord] = [
        FunctionRecord(
            "histogram_quantile", [.scalar, .vector], .vector, traits: FunctionTraits(histogramReading: .buckets),
            does: .node(quantile)),
        FunctionRecord(
            "histogram_quantiles", [.vector, .string, .scalar, .scalar], .vector, variadic: 9, experimental: true,
            traits: FunctionTraits(histogramReading: .buckets), does: .node(quantiles)),
        FunctionRecord(
            "histogram_fraction", [.scalar, .scalar, .vector], .vector,
            traits: FunctionTraits(histogramReading: .buckets), does: .node(fraction)),
    ]

    /// `histogram_quantile(q, v)`
    private static func quantile(
        _ evaluation: Evaluation, _ plan: CallPlan, _ grid: StepGrid
    ) throws(QueryError) -> NodeValue {
        let q = try evaluation.scalar(plan.arguments[0], over: grid)
        let vector = try evaluation.vector(plan.arguments[1], over: grid)
        for value in q { evaluation.warnOfQuantile(value, at: plan.positions[0]) }
        let groups = BucketGroups(vector, evaluation, plan.positions[1])
        let out = try groups.fold(evaluation) { buckets, step, metric in
            quantile(buckets, q[step], evaluation, metric, plan.positions[1], grid.time(step))
        }
        let both = try joined(vector, out, evaluation, plan.positions[1]) { histogram, step, metric in
            nativeQuantile(histogram, q[step], evaluation, metric, plan.positions[1])
        }
        return .vector(try evaluation.droppingName(both))
    }

    /// `histogram_quantiles(v, "label", q...)`: one series per quantile.
    private static func quantiles(
        _ evaluation: Evaluation, _ plan: CallPlan, _ grid: StepGrid
    ) throws(QueryError) -> NodeValue {
        let vector = try evaluation.vector(plan.arguments[0], over: grid)
        let label = try evaluation.literal(plan.arguments[1])
        if label.bytes.isEmpty || !label.isText { throw .evaluation("invalid label name \(label.quoted)") }
        let name = evaluation.overlay.intern(label.value)
        let groups = BucketGroups(vector, evaluation, plan.positions[0])
        let series = groups.count + (vector.histograms.isEmpty ? 0 : vector.seriesCount)
        let parameters = plan.arguments.count - 2
        // The tables of all quantiles, and the one that they become.
        try evaluation.budget.reserveTable(
            series: parameters * series, steps: grid.count,
            besides: SeriesVector.bytes(ofCells: parameters * series * grid.count))
        var rows: [[SymbolPair]] = []
        var parts: [SeriesVector] = []
        for (index, argument) in plan.arguments.enumerated().dropFirst(2) {
            let q = try evaluation.scalar(argument, over: grid)
            for value in q { evaluation.warnOfQuantile(value, at: plan.positions[index]) }
            let classic = try groups.fold(evaluation) { buckets, step, metric in
                quantile(buckets, q[step], evaluation, metric, plan.positions[0], grid.time(step))
            }
            let part = try joined(vector, classic, evaluation, plan.positions[0]) { histogram, step, metric in
                nativeQuantile(histogram, q[step], evaluation, metric, plan.positions[0])
            }
            let text = evaluation.overlay.intern(FloatText.openMetrics(q.first ?? .nan))
            for series in 0..<part.seriesCount {
                var pairs = part.labels.pairs(of: series).filter { $0.name != name }
                pairs.insert(SymbolPair(name, text), at: pairs.firstIndex { $0.name > name } ?? pairs.count)
                rows.append(pairs)
            }
            parts.append(part)
        }
        var out = SeriesVector(labels: SeriesLabels(ordered: rows), stepCount: grid.count)
        var first = 0
        for part in parts {
            for cell in part.values.indices { out.copy(first + cell, from: part, cell) }
            first += part.values.count
        }
        // Equal quantiles, and a label that the series had already, make equal label sets.
        return .vector(try evaluation.droppingName(try evaluation.merged(out)))
    }

    /// `histogram_fraction(lower, upper, v)`
    private static func fraction(
        _ evaluation: Evaluation, _ plan: CallPlan, _ grid: StepGrid
    ) throws(QueryError) -> NodeValue {
        let lower = try evaluation.scalar(plan.arguments[0], over: grid)
        let upper = try evaluation.scalar(plan.arguments[1], over: grid)
        let vector = try evaluation.vector(plan.arguments[2], over: grid)
        let groups = BucketGroups(vector, evaluation, plan.positions[2])
        let out = try groups.fold(evaluation) { buckets, step, metric in
            var histogram = ClassicHistogram(sorted: buckets)
            let (value, fix) = histogram.fraction(lower[step], upper[step])
            note(fix, evaluation, metric, plan.positions[2], grid.time(step))
            return value
        }
        let both = try joined(vector, out, evaluation, plan.positions[2]) { histogram, step, metric in
            if lower[step] < upper[step], histogram.count != 0, histogram.hasNaN {
                evaluation.annotations.add(
                    .info,
                    "input to histogram_fraction has NaN observations, which are excluded from all fractions"
                        + AnnotationLog.suffix(metric), at: plan.positions[2])
            }
            return histogram.fraction(lower[step], upper[step])
        }
        return .vector(try evaluation.droppingName(both))
    }

    private static func quantile(
        _ buckets: [ClassicHistogram.Bucket], _ q: Double, _ evaluation: Evaluation, _ metric: String,
        _ position: SourceRange, _ time: Timestamp
    ) -> Double {
        var histogram = ClassicHistogram(sorted: buckets)
        let (value, fix) = histogram.quantile(q)
        note(fix, evaluation, metric, position, time)
        return value
    }

    private static func nativeQuantile(
        _ histogram: FloatHistogram, _ q: Double, _ evaluation: Evaluation, _ metric: String, _ position: SourceRange
    ) -> Double {
        if let effect = histogram.effectOfNaN(onQuantile: q) {
            evaluation.annotations.add(
                .info,
                "input to histogram_quantile has NaN observations, result is \(effect.rawValue)"
                    + AnnotationLog.suffix(metric), at: position)
        }
        return histogram.quantile(q)
    }

    /// The results of classic histograms together with those of the native ones. Where both have the same labels,
    /// neither counts.
    private static func joined(
        _ vector: SeriesVector, _ classic: SeriesVector, _ evaluation: Evaluation, _ position: SourceRange,
        _ compute: (FloatHistogram, Int, String) -> Double
    ) throws(QueryError) -> SeriesVector {
        if vector.histograms.isEmpty { return classic }
        try evaluation.budget.reserveTable(series: vector.seriesCount, steps: vector.stepCount)
        var native = SeriesVector(labels: vector.labels, stepCount: vector.stepCount)
        let knowsName = evaluation.options.delayedNameRemoval
        for (index, (cell, histogram)) in vector.histograms.sorted(by: { $0.key < $1.key }).enumerated() {
            if index & 1023 == 1023 { try evaluation.checkInterruption() }
            let metric = knowsName ? evaluation.metricName(vector.labels, cell / vector.stepCount) : ""
            native.set(cell, compute(histogram, cell % vector.stepCount, metric))
        }
        native = native.compacted()
        var classic = classic.compacted()
        var table = SignatureTable(capacity: native.seriesCount)
        let nativeGroups = table.add(native.labels, .except([]))
        let classicGroups = table.add(classic.labels, .except([]))
        var nativeOf = Array(repeating: -1, count: table.count)
        for (series, group) in nativeGroups.enumerated() where nativeOf[group] < 0 { nativeOf[group] = series }
        for (series, group) in classicGroups.enumerated() where nativeOf[group] >= 0 {
            let other = nativeOf[group]
            for step in 0..<vector.stepCount {
                let (cell, otherCell) = (series * vector.stepCount + step, other * vector.stepCount + step)
                guard classic.present[cell], native.present[otherCell] else { continue }
                classic.present[cell] = false
                native.present[otherCell] = false
                evaluation.annotations.add(
                    .warning,
                    "vector contains a mix of classic and native histograms"
                        + AnnotationLog.suffix(knowsName ? evaluation.metricName(native.labels, other) : ""),
                    at: position)
            }
        }
        return try evaluation.merged(try evaluation.joined(native.compacted(), classic.compacted()))
    }

    private static func note(
        _ fix: ClassicHistogram.Fix?, _ evaluation: Evaluation, _ metric: String, _ position: SourceRange,
        _ time: Timestamp
    ) {
        guard let fix else { return }
        evaluation.annotations.add(
            MonotonicityFix(bounds: fix.bounds, difference: fix.difference, times: time...time), metric: metric,
            at: position)
    }
}

/// The bucket series of a vector, grouped to histograms by all labels but `le`, sorted by bound once for all steps.
private struct BucketGroups {
    private let vector: SeriesVector
    private let labels: SeriesLabels
    /// Per histogram its series by rising bound.
    private var members: [[(bound: Double, series: Int)]]
    /// Per histogram its metric name as messages show it.
    private var metrics: [String]

    init(_ vector: SeriesVector, _ evaluation: Evaluation, _ position: SourceRange) {
        self.vector = vector
        var table = SignatureTable(capacity: vector.seriesCount / 8)
        let groups = table.add(vector.labels, .except([.bucketBound]))
        var rows = Array(repeating: [(bound: Double, series: Int)](), count: table.count)
        var names = Array(repeating: "", count: table.count)
        var removal = Array(repeating: false, count: table.count)
        var bounds: [Symbol: Double?] = [:]
        let knowsName = evaluation.options.delayedNameRemoval
        for (series, group) in groups.enumerated() {
            let symbol = vector.labels.value(of: .bucketBound, in: series)
            let bound: Double?
            if let known = bounds[symbol] {
                bound = known
            } else {
                bound = GoFormat.parse(evaluation.overlay.text(symbol))
                bounds[symbol] = .some(bound)
            }
            removal[group] = removal[group] || vector.labels.removal[series]
            if knowsName, names[group].isEmpty { names[group] = evaluation.metricName(vector.labels, series) }
            if let bound {
                rows[group].append((bound, series))
            } else if vector.present.hasAny(in: vector.cells(of: series)) {
                let text = GoQuote.quoted(evaluation.overlay.text(symbol))
                evaluation.annotations.add(
                    .warning,
                    "bucket label \"le\" is missing or has a malformed value of \(text)"
                        + AnnotationLog.suffix(names[group]), at: position)
            }
        }
        for group in rows.indices { rows[group].sort { $0.bound < $1.bound } }
        members = rows
        metrics = names
        var labels = table.labels
        if removal.contains(true) { labels.removal = .some(removal) }
        self.labels = labels
    }

    /// Number of histograms.
    var count: Int { members.count }

    /// One value per histogram and step that has any bucket.
    func fold(
        _ evaluation: Evaluation, _ compute: ([ClassicHistogram.Bucket], Int, String) -> Double
    ) throws(QueryError) -> SeriesVector {
        try evaluation.budget.reserveTable(series: count, steps: vector.stepCount)
        var out = SeriesVector(labels: labels, stepCount: vector.stepCount)
        var buckets: [ClassicHistogram.Bucket] = []
        var work = 0
        for (group, rows) in members.enumerated() {
            for step in 0..<vector.stepCount {
                try evaluation.checkInterruption(after: &work, plus: rows.count)
                buckets.removeAll(keepingCapacity: true)
                for row in rows {
                    let cell = row.series * vector.stepCount + step
                    guard vector.present[cell] else { continue }
                    buckets.append(ClassicHistogram.Bucket(bound: row.bound, count: vector.values[cell]))
                }
                if buckets.isEmpty { continue }
                out.set(group * vector.stepCount + step, compute(buckets, step, metrics[group]))
            }
        }
        return out
    }
}
