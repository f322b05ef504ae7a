import Model

/// Functions that rewrite labels. They keep values, and merge series that become equal without overlap in time.
enum LabelFunctions {
    /// The records.
    static let all: [FunctionRecord] = [
        FunctionRecord("label_replace", [.vector, .string, .string, .string, .string], .vector, does: .node(replace)),
        FunctionRecord("label_join", [.vector, .string, .string, .string], .vector, variadic: -1, does: .node(join)),
    ]

    /// Longest label value a query may make, in bytes. Calls inside one another double a value with each level, so a
    /// short query could ask for more than any memory holds.
    static let valueLengthMax = 1 << 20
    /// Most bytes of all texts that one query makes.
    static let textBytesMax = 1 << 28

    /// `label_replace(v, dst, replacement, src, regex)`
    private static func replace(
        _ evaluation: Evaluation, _ plan: CallPlan, _ grid: StepGrid
    ) throws(QueryError) -> NodeValue {
        let replacement = try evaluation.literal(plan.arguments[2])
        let source = try evaluation.literal(plan.arguments[3])
        let pattern = try evaluation.literal(plan.arguments[4])
        guard pattern.isText, let regex = try? RegularExpression(anchored: pattern.value) else {
            throw .evaluation("invalid regular expression in label_replace(): \(pattern.value)")
        }
        let destination = try labelName(plan.arguments[1], "destination", "label_replace", evaluation)
        let vector = try evaluation.vector(plan.arguments[0], over: grid)
        // No series has a label whose name is not UTF-8.
        let sourceName = source.isText ? evaluation.overlay.intern(source.value) : nil
        var expansions: [Symbol: String?] = [:]
        return try rewrite(vector, evaluation, destination) { (labels, series) throws(QueryError) in
            let symbol = sourceName.map { labels.value(of: $0, in: series) } ?? .empty
            if let known = expansions[symbol] { return known }
            var expanded: String?
            if let captures = regex.captures(in: evaluation.overlay.text(symbol)) {
                try check(replacement, "label_replace")
                expanded = regex.expand(replacement.value, with: captures, limit: valueLengthMax)
                if expanded == nil { throw tooLong("label_replace") }
            }
            expansions[symbol] = .some(expanded)
            return expanded
        }
    }

    /// `label_join(v, dst, separator, src...)`
    private static func join(
        _ evaluation: Evaluation, _ plan: CallPlan, _ grid: StepGrid
    ) throws(QueryError) -> NodeValue {
        let literal = try evaluation.literal(plan.arguments[2])
        let separator = literal.value
        var sources: [Symbol] = []
        for argument in plan.arguments.dropFirst(3) {
            sources.append(evaluation.overlay.intern(try labelName(argument, "source", "label_join", evaluation)))
        }
        let destination = try labelName(plan.arguments[1], "destination", "label_join", evaluation)
        let vector = try evaluation.vector(plan.arguments[0], over: grid)
        return try rewrite(vector, evaluation, destination) { (labels, series) throws(QueryError) in
            if sources.count > 1 { try check(literal, "label_join") }
            let parts = evaluation.overlay.texts(sources.map { labels.value(of: $0, in: series) })
            var length = 0
            for part in parts {
                length += part.utf8.count + separator.utf8.count
                if length > valueLengthMax + separator.utf8.count { throw tooLong("label_join") }
            }
            return parts.joined(separator: separator)
        }
    }

    /// An argument that names a label: not empty, and UTF-8.
    private static func labelName(
        _ argument: PlanNode, _ role: String, _ function: String, _ evaluation: Evaluation
    ) throws(QueryError) -> String {
        let name = try evaluation.literal(argument)
        if name.isText, !name.bytes.isEmpty { return name.value }
        throw .evaluation("invalid \(role) label name in \(function)(): \(name.value)")
    }

    /// Refuses a text that would become part of a label value and is not UTF-8.
    private static func check(_ part: StringLiteral, _ function: String) throws(QueryError) {
        if !part.isText { throw .evaluation("invalid label value in \(function)(): \(part.quoted)") }
    }

    private static func tooLong(_ function: String) -> QueryError {
        .evaluation("\(function)() would make a label value of more than \(valueLengthMax) bytes")
    }

    /// Gives each series a new value of one label; `nil` leaves the series as it is. A metric name set this way stays.
    private static func rewrite(
        _ vector: SeriesVector, _ evaluation: Evaluation, _ destination: String,
        _ value: (SeriesLabels, Int) throws(QueryError) -> String?
    ) throws(QueryError) -> NodeValue {
        let name = evaluation.overlay.intern(destination)
        var columns = ColumnLabels()
        var removal: [Bool] = []
        for series in 0..<vector.seriesCount {
            var pairs = vector.labels.pairs(of: series)
            var drops = vector.labels.removal[series]
            if series & 255 == 0 {
                try evaluation.checkInterruption()
                try evaluation.budget.reserve(bytes: evaluation.overlay.bytes)
            }
            if let text = try value(vector.labels, series) {
                pairs.removeAll { $0.name == name }
                if !text.isEmpty {
                    let index = pairs.firstIndex { $0.name > name } ?? pairs.count
                    pairs.insert(SymbolPair(name, evaluation.overlay.intern(text)), at: index)
                }
                if name == .metricName { drops = false }
            }
            if evaluation.overlay.textBytes > textBytesMax {
                throw .evaluation("the labels that the query makes take more than \(textBytesMax) bytes")
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
