import PromQL

/// The only code in which the analyser meets PromQL's parser.
enum QueryParsing {
    /// The parsed query, or PromQL's message with its position inside the query. A query whose value can't be one number
    /// per series is a fault as well.
    static func parse(_ query: String) -> Result<PreparedQuery, QueryFault> {
        do throws(ParseError) {
            let expr = try Parser.parse(query)
            switch expr.type {
            case .vector, .scalar: return .success(PreparedQuery(text: query, expr: expr))
            case .matrix, .string:
                let message = "the query gives a \(expr.type.documentedName); a check needs one number"
                return .failure(QueryFault(message: message))
            }
        } catch {
            return .failure(QueryFault(message: "query \(error.description)"))
        }
    }
}

/// Why a query can't be used.
struct QueryFault: Error, Sendable, Hashable {
    /// `query 1:5: parse error: ...`
    var message: String
}
