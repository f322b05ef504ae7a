import Model

/// Functions that order an instant vector. In range queries they do nothing but warn.
enum SortFunctions {
    /// The records.
    static let all: [FunctionRecord] = [
        FunctionRecord("sort", [.vector], .vector, does: byValue { $0 < $1 }),
        FunctionRecord("sort_desc", [.vector], .vector, does: byValue { $0 > $1 }),
        FunctionRecord(
            "sort_by_label", [.vector, .string], .vector, variadic: -1, experimental: true,
            does: byLabel(descending: false)),
        FunctionRecord(
            "sort_by_label_desc", [.vector, .string], .vector, variadic: -1, experimental: true,
            does: byLabel(descending: true)),
    ]

    /// Floats only, NaN last.
    private static func byValue(_ precedes: @escaping @Sendable (Double, Double) -> Bool) -> FunctionImplementation {
        .node { (evaluation, plan, grid) throws(QueryError) in
            var vector = try evaluation.vector(plan.arguments[0], over: grid)
            vector.histograms = [:]
            if warnIfRange(evaluation, plan, grid) { return .vector(vector) }
            let present = (0..<vector.seriesCount).filter { vector.present[$0] }
            let order = present.sorted { one, other in
                let (left, right) = (vector.values[one], vector.values[other])
                if left.isNaN || right.isNaN { return !left.isNaN && right.isNaN }
                return precedes(left, right)
            }
            return .vector(vector.selecting(order))
        }
    }

    /// By the natural order of the named labels, then by all labels.
    private static func byLabel(descending: Bool) -> FunctionImplementation {
        .node { (evaluation, plan, grid) throws(QueryError) in
            let vector = try evaluation.vector(plan.arguments[0], over: grid)
            var names: [String] = []
            for argument in plan.arguments.dropFirst() {
                let name = try evaluation.literal(argument)
                // No series has a label whose name is not UTF-8.
                if name.isText { names.append(name.value) }
            }
            if warnIfRange(evaluation, plan, grid) { return .vector(vector) }
            let present = (0..<vector.seriesCount).filter { vector.hasSample($0) }
            let keyed = present.map { ($0, evaluation.overlay.labels(vector.labels.pairs(of: $0))) }
            let sorted = keyed.sorted { one, other in
                let (left, right) = descending ? (other.1, one.1) : (one.1, other.1)
                for name in names where !left[name].equalsByBytes(right[name]) {
                    return NaturalOrder.precedes(left[name], right[name])
                }
                return left < right
            }
            return .vector(vector.selecting(sorted.map(\.0)))
        }
    }

    private static func warnIfRange(_ evaluation: Evaluation, _ plan: CallPlan, _ grid: StepGrid) -> Bool {
        if grid.isSingle { return false }
        evaluation.annotations.add(
            .warning, "sort is ineffective for range queries since results are always ordered by labels",
            at: plan.position)
        return true
    }
}

/// The order in which `x2` comes before `x10`.
enum NaturalOrder {
    /// Whether `one` comes before `other`: runs of digits compare as numbers where both fit in 64 bits, everything else
    /// by bytes; what is a prefix comes first.
    static func precedes(_ one: String, _ other: String) -> Bool {
        let left = runs(one)
        let right = runs(other)
        for (a, b) in zip(left, right) where a != b {
            if let x = number(a), let y = number(b) {
                if x != y { return x < y }
                continue
            }
            return a.lexicographicallyPrecedes(b)
        }
        return left.count < right.count
    }

    private static func runs(_ text: String) -> [ArraySlice<UInt8>] {
        let bytes = Array(text.utf8)
        var out: [ArraySlice<UInt8>] = []
        var first = 0
        for end in 1...max(bytes.count, 1) where end <= bytes.count {
            if end == bytes.count || ByteClass.isDigit(bytes[end]) != ByteClass.isDigit(bytes[first]) {
                out.append(bytes[first..<end])
                first = end
            }
        }
        return out
    }

    private static func number(_ run: ArraySlice<UInt8>) -> Int64? {
        guard let first = run.first, ByteClass.isDigit(first) else { return nil }
        return Int64(String(decoding: run, as: UTF8.self))
    }
}
