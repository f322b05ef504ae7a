import PromQL

/// The one place where the analyser meets PromQL's parser.
enum QueryParsing {
    /// The parsed query, or PromQL's message with its place inside the query.
    static func parse(_ query: String) -> Result<Expr, QueryFault> {
        .failure(QueryFault(message: "no parser for \(query)"))
    }

    /// What an expression evaluates to.
    static func type(of expr: Expr) -> ValueType {
        switch expr {
        case .number: .scalar
        case .string: .string
        case .vector, .aggregate: .vector
        case .matrix, .subquery: .matrix
        case .call(let node): node.function.result
        case .unary(let node): type(of: node.expr)
        case .paren(let node): type(of: node.expr)
        case .binary(let node): type(of: node.left) == .scalar && type(of: node.right) == .scalar ? .scalar : .vector
        }
    }
}

/// Why a query is no PromQL.
struct QueryFault: Error, Sendable, Hashable {
    /// `1:5: parse error: ...`
    var message: String
}
