import Glibc

/// Functions of one number, and of one number and bounds that may vary from step to step.
enum ElementwiseFunctions {
    /// The records.
    static let all: [FunctionRecord] = [
        mapping("abs") { $0.magnitude },
        mapping("ceil") { $0.rounded(.up) },
        mapping("floor") { $0.rounded(.down) },
        mapping("exp") { exp($0) },
        mapping("sqrt") { $0.squareRoot() },
        mapping("ln") { log($0) },
        mapping("log2") { log2($0) },
        mapping("log10") { log10($0) },
        mapping("sgn") { $0 < 0 ? -1 : $0 > 0 ? 1 : $0 },
        mapping("sin") { sin($0) },
        mapping("cos") { cos($0) },
        mapping("tan") { tan($0) },
        mapping("asin") { asin($0) },
        mapping("acos") { acos($0) },
        mapping("atan") { atan($0) },
        mapping("sinh") { sinh($0) },
        mapping("cosh") { cosh($0) },
        mapping("tanh") { tanh($0) },
        mapping("asinh") { asinh($0) },
        mapping("acosh") { acosh($0) },
        mapping("atanh") { atanh($0) },
        mapping("deg") { $0 * 180 / .pi },
        mapping("rad") { $0 * .pi / 180 },
        FunctionRecord("round", [.vector, .scalar], .vector, variadic: 1, does: .node(round)),
        FunctionRecord("clamp", [.vector, .scalar, .scalar], .vector, does: .node(clamp)),
        FunctionRecord("clamp_min", [.vector, .scalar], .vector, does: .node(clampMin)),
        FunctionRecord("clamp_max", [.vector, .scalar], .vector, does: .node(clampMax)),
    ]

    private static func mapping(_ name: String, _ transform: @escaping @Sendable (Double) -> Double) -> FunctionRecord {
        FunctionRecord(name, [.vector], .vector, does: .map(transform))
    }

    /// `round(v, to = 1)`: to the nearest multiple, ties up.
    private static func round(
        _ evaluation: Evaluation, _ plan: CallPlan, _ grid: StepGrid
    ) throws(QueryError) -> NodeValue {
        let vector = try evaluation.vector(plan.arguments[0], over: grid)
        let nearest = plan.arguments.count > 1 ? try evaluation.scalar(plan.arguments[1], over: grid) : nil
        return try evaluation.mapped(vector) { value, step in
            let inverse = 1 / (nearest?[step] ?? 1)
            return (value * inverse + 0.5).rounded(.down) / inverse
        }
    }

    /// `clamp(v, min, max)`: nothing where `max < min`.
    private static func clamp(
        _ evaluation: Evaluation, _ plan: CallPlan, _ grid: StepGrid
    ) throws(QueryError) -> NodeValue {
        let vector = try evaluation.vector(plan.arguments[0], over: grid)
        let lower = try evaluation.scalar(plan.arguments[1], over: grid)
        let upper = try evaluation.scalar(plan.arguments[2], over: grid)
        return try evaluation.mapped(vector) { value, step in
            upper[step] < lower[step] ? nil : larger(lower[step], smaller(upper[step], value))
        }
    }

    private static func clampMin(
        _ evaluation: Evaluation, _ plan: CallPlan, _ grid: StepGrid
    ) throws(QueryError) -> NodeValue {
        let vector = try evaluation.vector(plan.arguments[0], over: grid)
        let lower = try evaluation.scalar(plan.arguments[1], over: grid)
        return try evaluation.mapped(vector) { value, step in larger(lower[step], value) }
    }

    private static func clampMax(
        _ evaluation: Evaluation, _ plan: CallPlan, _ grid: StepGrid
    ) throws(QueryError) -> NodeValue {
        let vector = try evaluation.vector(plan.arguments[0], over: grid)
        let upper = try evaluation.scalar(plan.arguments[1], over: grid)
        return try evaluation.mapped(vector) { value, step in smaller(upper[step], value) }
    }

    /// The larger number; infinity wins over NaN and NaN over any other, as Go's `math.Max` has it.
    static func larger(_ one: Double, _ other: Double) -> Double {
        if one == .infinity || other == .infinity { return .infinity }
        if one.isNaN || other.isNaN { return .nan }
        if one == 0, other == 0 { return one.sign == .minus ? other : one }
        return one > other ? one : other
    }

    /// The smaller number; minus infinity wins over NaN and NaN over any other, as Go's `math.Min` has it.
    static func smaller(_ one: Double, _ other: Double) -> Double {
        if one == -.infinity || other == -.infinity { return -.infinity }
        if one.isNaN || other.isNaN { return .nan }
        if one == 0, other == 0 { return one.sign == .minus ? one : other }
        return one < other ? one : other
    }
}
