package import Model
import PrometheusAPI
import Server

/// A row of the comparison of servers.
package struct BenchQuestion {
    /// The name of the query in the table.
    package var name: String
    /// The route, such as `/api/v1/query`.
    package var path: String
    var form: [(name: String, value: String)]

    /// Every row. `end` is a time with data around it.
    package static func all(end: Timestamp) -> [BenchQuestion] {
        let one = "namespace=\"test\",deployment=\"app-0\""
        let like = "namespace=\"test\",deployment=~\"app-0\""
        let ratio = { (good: String, all: String) in
            "sum(rate(response_total{\(good)}[1m])) / sum(rate(response_total{\(all)}[1m])) * 100"
        }
        let quantile = { (q: String) in
            "histogram_quantile(\(q), sum(rate(response_latency_ms_bucket{\(one)}[1m])) by (le))"
        }
        let success = ratio(
            "\(like),classification!=\"failure\",direction=\"inbound\"", "\(like),direction=\"inbound\"")
        let instants: [(String, String)] = [
            ("nothing: 1", "1"),
            ("seed: success rate", ratio("\(one),classification=\"success\"", one)),
            ("seed: success rate, inbound", success),
            (
                "seed: 404 percentage",
                "100 - " + ratio("\(one),status_code!=\"404\",direction=\"inbound\"", "\(one),direction=\"inbound\"")
            ),
            ("seed: 5xx percentage", "100 - " + ratio("\(one),status_code!~\"5.*\"", one)),
            ("seed: latency p99", quantile("0.99")),
            ("seed: latency p95", quantile("0.95")),
            ("seed: traffic of a namespace", "sum(rate(response_total{namespace=\"test\"}[1m]))"),
            (
                "fleet-wide p99 by deployment",
                "histogram_quantile(0.99, sum by (deployment, le) (rate(response_latency_ms_bucket[1m])))"
            ),
        ]
        var out = instants.map { name, query in
            BenchQuestion(
                name: name, path: "/api/v1/query", form: [("query", query), ("time", ResultJSON.seconds(end))])
        }
        for (name, query) in [("success rate", success), ("p99", quantile("0.99"))] {
            out.append(
                BenchQuestion(
                    name: "range of 15 min, step 15 s: \(name)", path: "/api/v1/query_range",
                    form: [
                        ("query", query), ("start", ResultJSON.seconds(end - 900_000)),
                        ("end", ResultJSON.seconds(end)), ("step", "15"),
                    ]))
        }
        out.append(
            BenchQuestion(
                name: "parse and print: success rate", path: "/api/v1/format_query", form: [("query", success)]))
        return out
    }
}
