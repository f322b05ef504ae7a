/// A parsed and checked query, ready to be evaluated any number of times.
package struct PreparedQuery: Sendable {
    /// The query as written.
    package let text: String
    /// Its syntax tree.
    package let expr: Expr
    /// The type of its value.
    package let type: ValueType

    /// A query whose tree is known already; `text` serves the positions in messages.
    package init(text: String, expr: Expr) {
        self.text = text
        self.expr = expr
        type = expr.type
    }
}

extension Engine {
    /// Parses and checks a query with the engine's parser options.
    package func prepare(_ text: String) throws(QueryError) -> PreparedQuery {
        do {
            return PreparedQuery(text: text, expr: try Parser.parse(text, options: options.parser))
        } catch {
            throw .parse(error)
        }
    }
}
