package import Model
package import PromQL

/// Tells whether all that a query saw were kubelet probes and requests to the proxy's admin port, which Linkerd counts
/// like any other request.
package enum HealthProbeTraffic {
    private static let families = ["response_total", "request_total", "response_latency_ms"]

    /// Whether a query reads such traffic at all, so that it is worth asking.
    package static func concerns(_ expr: Expr) -> Bool {
        QuerySelector.all(in: expr, at: 0).contains(where: isInboundTraffic)
    }

    /// Per selector of inbound HTTP metrics two queries: what it matches, and what is left without such traffic. None
    /// when the query already leaves it out or reads other metrics.
    package static func queries(_ expr: Expr, at time: Timestamp, lookback: Milliseconds = 300_000) -> [DiagnosticQuery]
    {
        guard let notProbe = try? Matcher(.notEqual, "route_name", "probe"),
            let notAdmin = try? Matcher(.notEqual, "target_port", "4191")
        else { return [] }
        return QuerySelector.all(in: expr, at: time, lookback: lookback).filter(isInboundTraffic).flatMap { selector in
            [
                DiagnosticQuery(selector.matchers, selector.window),
                DiagnosticQuery(selector.matchers + [notProbe, notAdmin], selector.window),
            ]
        }
    }

    /// Whether there was something, and nothing but such traffic.
    package static func isAll(_ answers: [DiagnosticAnswer]) -> Bool {
        var seen = false
        for index in stride(from: 0, to: answers.count - 1, by: 2) where answers[index].series > 0 {
            seen = true
            if answers[index + 1].series > 0 { return false }
        }
        return seen
    }

    /// Whether a matcher is there to leave such traffic out.
    static func isExcluded(by matcher: Matcher) -> Bool {
        matcher.isNegative
            && (matcher.name == "route_name" && !matcher.matches("probe")
                || matcher.name == "target_port" && !matcher.matches("4191"))
    }

    /// Whether a selector counts such traffic: inbound HTTP metrics, without a matcher that could leave it out.
    static func isInboundTraffic(_ selector: QuerySelector) -> Bool {
        let name = selector.matchers.first { $0.name == LabelName.metricName && $0.kind == .equal }?.value ?? ""
        return families.contains { name.hasPrefix($0) }
            && selector.matchers.allSatisfy { $0.name != "direction" || $0.matches("inbound") }
            && !selector.matchers.contains { $0.name == "route_name" || $0.name == "target_port" }
    }
}
