import Model
import PromQL

/// One row of `haldane routes`.
struct RouteRow: Equatable {
    var route: String
    /// What was called: `podinfo.test.svc.cluster.local:9898`; the policy Server for inbound routes.
    var destination: String
    /// Requests as the caller counted them, after retries.
    var traffic = StatRow.Traffic()
    /// Requests as they were sent, each retry one. Only with `--to`.
    var actual = StatRow.Traffic()
}

/// The PromQL behind `haldane routes`: that of `linkerd viz routes` over the route metrics of ServiceProfiles, and
/// where there are none that of `viz stat-inbound`, whose routes are those of HTTPRoutes and policy.
struct RouteQuery {
    /// Which of the two kinds of routes.
    enum Family {
        case profile
        case inbound
    }

    var resource: StatResource
    var to: StatResource?
    var window: String
    var family: Family

    /// Labels that name a row: its route, what was called.
    var labels: (route: String, destination: String) {
        family == .profile ? ("rt_route", "dst") : ("route_name", "srv_name")
    }

    private var metric: String { family == .profile ? "route_response" : "response" }

    private var braces: String {
        var matchers = [#"direction="\#(to == nil ? "inbound" : "outbound")""#]
        if let namespace = resource.namespace { matchers.append("namespace=\(GoQuote.quoted(namespace))") }
        if resource.kind == .service, let name = resource.name {
            matchers = [#"direction="inbound""#, "dst=~\(GoQuote.quoted(StatQuery.host(name, resource.namespace)))"]
        } else if let name = resource.name {
            matchers.append("\(resource.kind.label)=\(GoQuote.quoted(name))")
        }
        if let to, let name = to.name {
            matchers.append("dst=~\(GoQuote.quoted(StatQuery.host(name, to.namespace)))")
        }
        return "{\(matchers.joined(separator: ", "))}"
    }

    /// Finished requests by outcome; with `actual` each retry counts.
    func requests(actual: Bool = false) -> String {
        let name = actual ? "route_actual_response_total" : "\(metric)_total"
        return "sum(increase(\(name)\(braces)[\(window)])) by (\(labels.route), \(labels.destination), classification)"
    }

    /// A quantile of the latency in milliseconds, over the window.
    func latency(_ quantile: String) -> String {
        "histogram_quantile(\(quantile), sum(rate(\(metric)_latency_ms_bucket\(braces)[\(window)])) "
            + "by (le, \(labels.destination), \(labels.route)))"
    }
}

/// Gathers the answers into rows.
enum RouteReport {
    private struct Key: Hashable {
        var destination: String
        var route: String
    }

    /// The rows, by what was called and route. Traffic that matches no route of a profile is `[DEFAULT]`.
    static func rows(_ query: RouteQuery, ask: StatReport.Ask) async throws -> [RouteRow] {
        var rows: [Key: RouteRow] = [:]
        func change(_ text: String, _ body: (inout RouteRow, VectorElement, Double) -> Void) async throws {
            for element in try await ask(text) {
                guard case .float(let number) = element.value else { continue }
                let name = element.labels[query.labels.route]
                let key = Key(
                    destination: element.labels[query.labels.destination], route: name.isEmpty ? "[DEFAULT]" : name)
                body(
                    &rows[key, default: RouteRow(route: key.route, destination: key.destination)], element,
                    number.isNaN ? 0 : number.rounded())
            }
        }
        func count(_ traffic: inout StatRow.Traffic, _ element: VectorElement, _ number: Double) {
            if element.labels["classification"] == "failure" { traffic.failures += number }
            if element.labels["classification"] == "success" { traffic.successes += number }
        }
        try await change(query.requests()) { count(&$0.traffic, $1, $2) }
        guard !rows.isEmpty else { return [] }
        for (index, quantile) in ["0.5", "0.95", "0.99"].enumerated() {
            try await change(query.latency(quantile)) { row, _, value in row.traffic.latencies[index] = value }
        }
        if query.to != nil, query.family == .profile {
            try await change(query.requests(actual: true)) { count(&$0.actual, $1, $2) }
        }
        return rows.values.sorted { ($0.destination, $0.route) < ($1.destination, $1.route) }
    }
}
