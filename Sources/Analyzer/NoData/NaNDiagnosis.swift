import Model
import PromQL

/// Finds out why the value of a query is not a number (NaN): nothing was counted, or a part of the query made it so.
///
/// The parts are evaluated by themselves, from the outside inwards, down to the innermost one that gives NaN while what
/// it works on doesn't. There was no traffic where the counters below that part were read, and each of them stood still;
/// `0 / 0` alone proves nothing: a quotient of gauges or a histogram without bounds gives it, too.
struct NaNDiagnosis {
    /// Parts beyond these are not evaluated.
    private static let partsMax = 32
    /// Characters of a part that are shown.
    private static let shownMax = 200
    /// Functions that read counters.
    private static let counting: Set<String> = ["rate", "increase", "irate"]

    /// Evaluates a query text at the time of the check.
    let evaluate: (String) -> QueryValue?
    private let bytes: [UInt8]
    private var evaluated = 0

    /// The diagnosis of a query.
    init(_ query: PreparedQuery, evaluate: @escaping (String) -> QueryValue?) {
        bytes = Array(query.text.utf8)
        self.evaluate = evaluate
    }

    /// Why the query, whose value is NaN, has no other.
    mutating func reason(_ expr: Expr) -> InconclusiveReason {
        let (part, operands) = culprit(expr)
        if stoodStill(part) { return .noTraffic }
        return .notANumber(part: text(part.range).map(Self.shortened), operands: operands)
    }

    /// The innermost part that gives NaN, and the numbers it works on where it is an operation on two.
    private mutating func culprit(_ expr: Expr) -> (part: Expr, operands: String?) {
        switch expr {
        case .paren(let node): return culprit(node.expr)
        case .unary(let node): return culprit(node.expr)
        case .binary(let node):
            let left = number(node.left)
            let right = number(node.right)
            if let left, left.isNaN { return culprit(node.left) }
            if let right, right.isNaN { return culprit(node.right) }
            guard let left, let right else { return (expr, nil) }
            return (expr, "\(FloatText.shortest(left)) \(node.op.rawValue) \(FloatText.shortest(right))")
        case .call(let node):
            for argument in node.arguments where [.vector, .scalar].contains(argument.type) {
                if let value = number(argument), value.isNaN { return culprit(argument) }
            }
            return (expr, nil)
        case .aggregate(let node):
            if let value = number(node.expr), value.isNaN { return culprit(node.expr) }
            return (expr, nil)
        case .number, .string, .vector, .matrix, .subquery: return (expr, nil)
        }
    }

    /// The value of a part where it is one number: NaN as soon as one element is.
    private mutating func number(_ expr: Expr) -> Double? {
        evaluated += 1
        guard evaluated <= Self.partsMax, let text = text(expr.range), let value = evaluate(text) else { return nil }
        switch value {
        case .scalar(_, let number): return number
        case .vector(let elements):
            var last: Double?
            for element in elements {
                guard case .float(let number) = element.value else { return nil }
                if number.isNaN { return number }
                last = number
            }
            return elements.count == 1 ? last : nil
        case .matrix, .string: return nil
        }
    }

    /// Whether counters were read, and none of them gained anything.
    private mutating func stoodStill(_ part: Expr) -> Bool {
        var counters: [SourceRange] = []
        Self.collect(part, into: &counters)
        if counters.isEmpty || counters.count > Self.partsMax { return false }
        var seen = false
        for range in counters {
            guard let selector = text(range) else { return false }
            guard let value = evaluate("sum(increase(\(selector)))") else { return false }
            guard case .vector(let elements) = value else { return false }
            // Without two samples of a series nothing was read of it.
            guard let element = elements.first else { continue }
            guard case .float(let gained) = element.value, gained == 0 else { return false }
            seen = true
        }
        return seen
    }

    /// The ranges of counters below a part.
    private static func collect(_ expr: Expr, into counters: inout [SourceRange]) {
        switch expr {
        case .number, .string, .vector, .matrix: break
        case .subquery(let node): collect(node.expr, into: &counters)
        case .paren(let node): collect(node.expr, into: &counters)
        case .unary(let node): collect(node.expr, into: &counters)
        case .aggregate(let node): collect(node.expr, into: &counters)
        case .binary(let node):
            collect(node.left, into: &counters)
            collect(node.right, into: &counters)
        case .call(let node):
            for argument in node.arguments {
                if case .matrix(let matrix) = argument, counting.contains(node.function.name) {
                    counters.append(matrix.range)
                } else {
                    collect(argument, into: &counters)
                }
            }
        }
    }

    private func text(_ range: SourceRange) -> String? {
        guard range.start >= 0, range.end <= bytes.count, range.start < range.end else { return nil }
        return String(decoding: bytes[range.start..<range.end], as: UTF8.self)
    }

    private static func shortened(_ text: String) -> String {
        let folded = QueryText.folded(text)
        return folded.count > shownMax ? folded.prefix(shownMax) + "…" : folded
    }
}
