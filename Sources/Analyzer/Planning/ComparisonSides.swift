import FlaggerAPI
import PromQL

/// The canary's and the primary's own value behind a comparison, and the requests that each rests on. They are asked for
/// when somebody wants to know, not for verdicts that must come out the same each time they are made.
package struct ComparisonSides: Sendable {
    /// One of the two.
    struct Side: Sendable {
        var name: String
        var query: PreparedQuery
        /// Counts the requests behind the value, where such a query can be derived.
        var requests: PreparedQuery?
    }

    /// The canary's side and the primary's.
    let sides: [Side]
    /// What both values are measured in.
    let unit: MetricUnit?
    /// As in `Check`.
    let zeroStart: Bool

    /// The sides of the comparison of a check's value with the primary's; `nil` where a query can't be read.
    init?(_ check: Check, primary: String) {
        guard let own = check.prepared, let twin = try? QueryParsing.parse(primary).get() else { return nil }
        sides = [Self.side("canary", own), Self.side("primary", twin)]
        unit = check.unit
        zeroStart = check.zeroStart
    }

    private static func side(_ name: String, _ query: PreparedQuery) -> Side {
        let count = RequestCount.query(for: query.expr, text: query.text)
        return Side(name: name, query: query, requests: count.flatMap { try? QueryParsing.parse($0).get() })
    }
}
