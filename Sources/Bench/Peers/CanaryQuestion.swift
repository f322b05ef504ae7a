import Model
import PrometheusAPI
import Server

/// The queries of canary releases that the benchmark asks.
enum CanaryQuestion: String, CaseIterable {
    case successRate = "success rate of one deployment"
    case p99 = "p99 of one deployment"
    case failures = "5xx share of one deployment"
    case fleetRate = "rate by deployment, fleet"
    case fleetP99 = "p99 by deployment, fleet"
    case successRange = "range of 3 min by 15 s, success rate"
    case p99Range = "range of 3 min by 15 s, p99"

    private static let one = #"namespace="test",deployment="podinfo-service-0",direction="inbound""#

    /// The PromQL text.
    package var query: String {
        let ratio = { (good: String) in
            "sum(rate(response_total{\(Self.one),\(good)}[1m])) / sum(rate(response_total{\(Self.one)}[1m])) * 100"
        }
        return switch self {
        case .successRate, .successRange: ratio(#"classification!="failure""#)
        case .failures: ratio(#"status_code=~"5..""#)
        case .p99, .p99Range:
            "histogram_quantile(0.99, sum(rate(response_latency_ms_bucket{\(Self.one)}[1m])) by (le))"
        case .fleetRate: #"sum by (deployment) (rate(response_total{direction="inbound"}[1m]))"#
        case .fleetP99: "histogram_quantile(0.99, sum by (deployment, le) (rate(response_latency_ms_bucket[1m])))"
        }
    }

    /// The path with its query, asked for `time`.
    package func path(at time: Timestamp) -> String {
        let query = PrometheusClient.encoded(query)
        switch self {
        case .successRange, .p99Range:
            return "/api/v1/query_range?query=\(query)&start=\(ResultJSON.seconds(time - 180_000))"
                + "&end=\(ResultJSON.seconds(time))&step=15"
        default: return "/api/v1/query?query=\(query)&time=\(ResultJSON.seconds(time))"
        }
    }
}
