import FlaggerAPI
import Model
import PromQL

/// Finds queries whose shape gives nothing, or something else than was meant: quantiles outside 0...1, histograms without their
/// bounds, counters that nobody takes a rate of, ratios held against per cents.
enum QueryShapeLint {
    /// What is doubtful about a query, each a sentence. `threshold` is what its value is held against.
    static func messages(_ expr: Expr, _ threshold: Threshold) -> [String] {
        var finder = ShapeFinder()
        finder.visit(expr, isCounted: false)
        return finder.messages + scale(expr, threshold)
    }

    /// A ratio that is held against per cents, or per cents against a ratio.
    private static func scale(_ expr: Expr, _ threshold: Threshold) -> [String] {
        let (min, max) = (threshold.accepted.min, threshold.accepted.max)
        if isRatio(expr) {
            if let min, min > 1, min <= 100 {
                let (shown, cured) = (FloatText.shortest(min), FloatText.shortest(min / 100))
                return [
                    "the query is a ratio from 0 to 1, and at least \(shown) is wanted: it never passes; multiply the query by "
                        + "100, or write \(cured)"
                ]
            }
            if let max, max > 1, max <= 100 {
                let (shown, cured) = (FloatText.shortest(max), FloatText.shortest(max / 100))
                return [
                    "the query is a ratio from 0 to 1, and up to \(shown) is accepted: it always passes; multiply the query by "
                        + "100, or write \(cured)"
                ]
            }
        }
        if isPercentage(expr), let min {
            if min > 100 { return [impossible(min)] }
            if min > 0, min < 1 { return [percentage(min)] }
        }
        return []
    }

    /// What there is to say of a minimum that no value in per cent reaches.
    static func impossible(_ min: Double) -> String {
        "the value is in per cent, and at least \(FloatText.shortest(min)) is wanted: it never passes"
    }

    /// What there is to say of a minimum for a value in per cent.
    static func percentage(_ min: Double) -> String {
        "the value is in per cent, and at least \(FloatText.shortest(min)) is wanted: nearly everything passes; write "
            + FloatText.shortest((min * 1e6).rounded() / 1e4)
    }

    /// Whether an expression divides some series of a metric by all of it: the same names on both sides; or is what is left of
    /// 1 by such a ratio.
    private static func isRatio(_ expr: Expr) -> Bool {
        switch expr {
        case .paren(let node): return isRatio(node.expr)
        case .binary(let node):
            switch node.op {
            case .divide:
                let (left, right) = (names(node.left), names(node.right))
                return !left.isEmpty && left == right
            case .subtract: return isNumber(node.left, 1) && isRatio(node.right)
            case .or: return isRatio(node.left)
            default: return false
            }
        default: return false
        }
    }

    /// Whether an expression is such a ratio times 100.
    private static func isPercentage(_ expr: Expr) -> Bool {
        switch expr {
        case .paren(let node): return isPercentage(node.expr)
        case .binary(let node):
            if node.op == .subtract { return isNumber(node.left, 100) && isPercentage(node.right) }
            if node.op == .or { return isPercentage(node.left) }
            guard node.op == .multiply || node.op == .divide else { return false }
            if node.op == .multiply {
                return isHundred(node.left) && isRatio(node.right) || isHundred(node.right) && isRatio(node.left)
            }
            // `sum(a) * 100 / sum(b)`
            guard case .binary(let left) = node.left, left.op == .multiply else { return false }
            let counted = isHundred(left.left) ? left.right : isHundred(left.right) ? left.left : nil
            return counted.map { !names($0).isEmpty && names($0) == names(node.right) } ?? false
        default: return false
        }
    }

    private static func isHundred(_ expr: Expr) -> Bool { isNumber(expr, 100) }

    private static func isNumber(_ expr: Expr, _ value: Double) -> Bool {
        switch expr {
        case .number(let node): node.value == value
        case .paren(let node): isNumber(node.expr, value)
        default: false
        }
    }

    private static func names(_ expr: Expr) -> Set<String> {
        Set(
            QuerySelector.all(in: expr, at: 0).compactMap { selector in
                selector.matchers.first { $0.name == LabelName.metricName && $0.kind == .equal }?.value
            })
    }
}

/// Walks an expression and notes what is odd about its calls.
private struct ShapeFinder {
    private(set) var messages: [String] = []

    /// Functions that tell how fast a counter grows, or whether it is there, so that its height doesn't matter.
    private static let counting: Set<String> = [
        "rate", "irate", "increase", "delta", "idelta", "deriv", "resets", "changes", "absent", "absent_over_time",
        "present_over_time", "count_over_time", "timestamp", "predict_linear", "start_timestamp",
    ]
    private static let quantiles: Set<String> = ["histogram_quantile", "quantile_over_time"]

    /// `isCounted`: whether something around takes a rate, or only asks whether the series is there.
    mutating func visit(_ expr: Expr, isCounted: Bool) {
        switch expr {
        case .number, .string: break
        case .vector(let node): if !isCounted { note(counter: node) }
        // `max_over_time(x_total[5m])` is a counter's height too, but is written by those who mean it.
        case .matrix: break
        case .subquery(let node): visit(node.expr, isCounted: isCounted)
        case .unary(let node): visit(node.expr, isCounted: isCounted)
        case .paren(let node): visit(node.expr, isCounted: isCounted)
        case .binary(let node):
            // `a and b` asks whether b is there, no more.
            let asks = node.op == .and || node.op == .unless
            // `x - x offset 5m` is an increase, too.
            let isGrowth = node.op == .subtract && Self.hasOffset(node.right)
            visit(node.left, isCounted: isCounted || isGrowth)
            visit(node.right, isCounted: isCounted || asks || isGrowth)
        case .aggregate(let node):
            if node.op == .quantile { note(quantile: node.parameter, of: "quantile") }
            visit(node.expr, isCounted: isCounted || node.op == .count || node.op == .group || node.op == .countValues)
        case .call(let node):
            let name = node.function.name
            if Self.quantiles.contains(name) { note(quantile: node.arguments.first, of: name) }
            if name == "histogram_quantile", let buckets = node.arguments.last { note(buckets: buckets) }
            for argument in node.arguments {
                visit(argument, isCounted: isCounted || Self.counting.contains(name))
            }
        }
    }

    private static func hasOffset(_ expr: Expr) -> Bool {
        switch expr {
        case .vector(let node): node.modifiers.offset != nil
        case .paren(let node): hasOffset(node.expr)
        case .aggregate(let node): hasOffset(node.expr)
        default: false
        }
    }

    private mutating func add(_ text: String) { if !messages.contains(text) { messages.append(text) } }

    private mutating func note(quantile expr: Expr?, of function: String) {
        guard let value = Self.number(expr), !(0...1).contains(value) else { return }
        let meant = value > 1 && value <= 100 ? "; write \(FloatText.shortest(value / 100))" : ""
        add("\(function) takes a quantile from 0 to 1, and \(FloatText.shortest(value)) gives an infinity\(meant)")
    }

    /// The vector of `histogram_quantile`: an aggregation must keep `le`.
    private mutating func note(buckets expr: Expr) {
        switch expr {
        case .paren(let node): note(buckets: node.expr)
        case .aggregate(let node):
            let keeps = node.grouping.labels.contains("le") != node.grouping.without
            let isClassic = QuerySelector.all(in: node.expr, at: 0).allSatisfy { selector in
                selector.matchers.contains { $0.name == LabelName.metricName && $0.value.hasSuffix("_bucket") }
            }
            guard !keeps, isClassic else { return }
            let cure =
                node.grouping.without ? "take le out of without (...)" : "write \(node.op.rawValue) by (le, ...)"
            add("histogram_quantile needs the label le, which the \(node.op.rawValue) drops: it gives nothing; \(cure)")
        default: break
        }
    }

    /// A counter whose height is taken as it is: what was counted since its process started.
    private mutating func note(counter selector: VectorSelector) {
        let name = selector.matchers.first { $0.name == LabelName.metricName && $0.kind == .equal }?.value ?? ""
        guard ["_total", "_bucket", "_count", "_sum"].contains(where: name.hasSuffix) else { return }
        add("\(name) counts since its process started: take its growth with rate(\(name)[1m]) or increase(\(name)[1m])")
    }

    private static func number(_ expr: Expr?) -> Double? {
        switch expr {
        case .number(let node)?: return node.value
        case .paren(let node)?: return number(node.expr)
        case .unary(let node)?:
            guard let value = number(node.expr) else { return nil }
            return node.op == .minus ? -value : value
        default: return nil
        }
    }
}
