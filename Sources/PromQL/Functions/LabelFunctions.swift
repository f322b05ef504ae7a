import Model

/// Functions that rewrite labels. They keep values, and merge series that become equal without overlap in time.
enum LabelFunctions {
    /// By name.
    static let table: [String: FunctionImplementation] = [
        "label_replace": .node(replace),
        "label_join": .node(join),
    ]

    /// `label_replace(v, dst, replacement, src, regex)`
    private static func replace(
        _ evaluation: Evaluation, _ plan: CallPlan, _ grid: StepGrid
    ) throws(QueryError) -> NodeValue {
        let vector = try evaluation.vector(plan.arguments[0], over: grid)
        let destination = try evaluation.text(plan.arguments[1])
        let replacement = try evaluation.text(plan.arguments[2])
        let source = try evaluation.text(plan.arguments[3])
        let pattern = try evaluation.text(plan.arguments[4])
        let regex: RegularExpression
        do { regex = try RegularExpression(anchored: pattern) } catch {
            throw .evaluation("invalid regular expression in label_replace(): \(pattern)")
        }
        if destination.isEmpty {
            throw .evaluation("invalid destination label name in label_replace(): \(destination)")
        }
        let sourceName = evaluation.overlay.intern(source)
        var expansions: [Symbol: String?] = [:]
        return try rewrite(vector, evaluation, destination) { labels, series in
            let symbol = labels.value(of: sourceName, in: series)
            if let known = expansions[symbol] { return known }
            let captures = regex.captures(in: evaluation.overlay.text(symbol))
            let expanded = captures.map { regex.expand(replacement, with: $0) }
            expansions[symbol] = .some(expanded)
            return expanded
        }
    }

    /// `label_join(v, dst, separator, src...)`
    private static func join(
        _ evaluation: Evaluation, _ plan: CallPlan, _ grid: StepGrid
    ) throws(QueryError) -> NodeValue {
        let vector = try evaluation.vector(plan.arguments[0], over: grid)
        let destination = try evaluation.text(plan.arguments[1])
        let separator = try evaluation.text(plan.arguments[2])
        var sources: [Symbol] = []
        for argument in plan.arguments.dropFirst(3) {
            let name = try evaluation.text(argument)
            if name.isEmpty { throw .evaluation("invalid source label name in label_join(): \(name)") }
            sources.append(evaluation.overlay.intern(name))
        }
        if destination.isEmpty { throw .evaluation("invalid destination label name in label_join(): \(destination)") }
        return try rewrite(vector, evaluation, destination) { labels, series in
            evaluation.overlay.texts(sources.map { labels.value(of: $0, in: series) }).joined(separator: separator)
        }
    }

    /// Gives each series a new value of one label; `nil` leaves the series as it is. A metric name set this way stays.
    private static func rewrite(
        _ vector: SeriesVector, _ evaluation: Evaluation, _ destination: String,
        _ value: (SeriesLabels, Int) -> String?
    ) throws(QueryError) -> NodeValue {
        let name = evaluation.overlay.intern(destination)
        var columns = ColumnLabels()
        var removal: [Bool] = []
        for series in 0..<vector.seriesCount {
            var pairs = vector.labels.pairs(of: series)
            var drops = vector.labels.removal[series]
            if let text = value(vector.labels, series) {
                pairs.removeAll { $0.name == name }
                if !text.isEmpty {
                    let place = pairs.firstIndex { $0.name > name } ?? pairs.count
                    pairs.insert(SymbolPair(name, evaluation.overlay.intern(text)), at: place)
                }
                if name == .metricName { drops = false }
            }
            columns.append(ordered: pairs)
            removal.append(drops)
        }
        var out = vector
        out.labels = SeriesLabels(columns)
        if removal.contains(true) { out.labels.removal = .some(removal) }
        return .vector(try evaluation.merged(out))
    }
}
