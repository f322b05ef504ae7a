import Glibc

/// Functions of one number, and of one number and bounds that may vary from step to step.
enum ElementwiseFunctions {
    /// By name.
    static let table: [String: FunctionImplementation] = [
        "abs": .map { $0.magnitude },
        "ceil": .map { $0.rounded(.up) },
        "floor": .map { $0.rounded(.down) },
        "exp": .map { exp($0) },
        "sqrt": .map { $0.squareRoot() },
        "ln": .map { log($0) },
        "log2": .map { log2($0) },
        "log10": .map { log10($0) },
        "sgn": .map { $0 < 0 ? -1 : $0 > 0 ? 1 : $0 },
        "sin": .map { sin($0) },
        "cos": .map { cos($0) },
        "tan": .map { tan($0) },
        "asin": .map { asin($0) },
        "acos": .map { acos($0) },
        "atan": .map { atan($0) },
        "sinh": .map { sinh($0) },
        "cosh": .map { cosh($0) },
        "tanh": .map { tanh($0) },
        "asinh": .map { asinh($0) },
        "acosh": .map { acosh($0) },
        "atanh": .map { atanh($0) },
        "deg": .map { $0 * 180 / .pi },
        "rad": .map { $0 * .pi / 180 },
        "round": .node(round),
        "clamp": .node(clamp),
        "clamp_min": .node(clampMin),
        "clamp_max": .node(clampMax),
    ]

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
