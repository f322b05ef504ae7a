import Glibc
import Model

/// Turns duration expressions into milliseconds, knowing the query's range and step.
struct DurationResolver: Sendable {
    /// What `range()` means, seconds.
    let rangeSeconds: Double
    /// What `step()` means, seconds; 0 in instant queries.
    let stepSeconds: Double

    /// A resolver for a query over `grid`; `isInstant` queries have neither range nor step.
    init(from start: Timestamp, through end: Timestamp, step: Milliseconds) {
        rangeSeconds = Double(end.minusClamped(start)) / 1000
        stepSeconds = Double(step) / 1000
    }

    /// A window's length or a step: above 0.
    func positive(_ expr: DurationExpr) throws(QueryError) -> Milliseconds {
        if case .literal(let literal) = expr {
            guard literal.value > 0 else { throw Self.error("duration must be greater than 0", literal.range) }
            return try Self.milliseconds(literal)
        }
        let seconds = try seconds(expr)
        guard seconds > 0 else { throw Self.error("duration must be greater than 0", Self.position(of: expr)) }
        return try Self.truncated(seconds, expr)
    }

    /// An offset: any sign.
    func offset(_ expr: DurationExpr) throws(QueryError) -> Milliseconds {
        switch expr {
        case .literal(let literal): return try Self.milliseconds(literal)
        case .unary(let op, .literal(let literal), _):
            let size = try Self.milliseconds(literal)
            return op == .minus ? -size : size
        default: return try Self.truncated(seconds(expr), expr)
        }
    }

    /// Literals are rounded to nanoseconds first, so that `1.001` means 1001 ms.
    private static func milliseconds(_ literal: NumberLiteral) throws(QueryError) -> Milliseconds {
        let nanoseconds = (literal.value * 1e9).rounded(.toNearestOrAwayFromZero)
        guard let exact = Int64(exactly: nanoseconds) else { throw error("duration is out of range", literal.range) }
        return exact / 1_000_000
    }

    private static func truncated(_ seconds: Double, _ expr: DurationExpr) throws(QueryError) -> Milliseconds {
        let milliseconds = (seconds * 1000).rounded(.towardZero)
        guard let exact = Int64(exactly: milliseconds), exact.magnitude <= UInt64(Int64.max / 1_000_000) else {
            throw error("duration is out of range", position(of: expr))
        }
        return exact
    }

    private func seconds(_ expr: DurationExpr) throws(QueryError) -> Double {
        switch expr {
        case .literal(let literal): return literal.value
        case .step: return stepSeconds
        case .range: return rangeSeconds
        case .unary(let op, let inner, _): return try op == .minus ? -seconds(inner) : seconds(inner)
        case .paren(let inner, _): return try seconds(inner)
        case .minOf(let left, let right, _): return try min(seconds(left), seconds(right))
        case .maxOf(let left, let right, _): return try max(seconds(left), seconds(right))
        case .binary(let op, let left, let right):
            let (one, other) = (try seconds(left), try seconds(right))
            switch op {
            case .add: return one + other
            case .subtract: return one - other
            case .multiply: return one * other
            case .divide:
                if other == 0 { throw Self.error("division by zero", Self.position(of: expr)) }
                return one / other
            case .modulo:
                if other == 0 { throw Self.error("modulo by zero", Self.position(of: expr)) }
                return fmod(one, other)
            case .power: return pow(one, other)
            default: throw Self.error("unexpected operator \(op.rawValue) in a duration", Self.position(of: expr))
            }
        }
    }

    private static func error(_ text: String, _ range: SourceRange) -> QueryError {
        .evaluation("\(range.start):\(range.end): \(text)")
    }

    private static func position(of expr: DurationExpr) -> SourceRange {
        switch expr {
        case .literal(let literal): literal.range
        case .step(let range), .range(let range): range
        case .unary(_, _, let range), .paren(_, let range): range
        case .minOf(_, _, let range), .maxOf(_, _, let range): range
        case .binary(_, let left, let right): SourceRange(position(of: left).start, position(of: right).end)
        }
    }
}
