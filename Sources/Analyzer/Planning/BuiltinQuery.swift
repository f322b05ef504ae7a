import Model
import PromQL

/// Texts of the builtins' queries.
///
/// They are Flagger's Linkerd queries with three differences:
/// - Kubelet probes (`route_name="probe"`) and requests to the proxy's admin port (`target_port="4191"`: probes and
///   metric scrapes) are kept out. Linkerd counts them like any request, about 0.3 per second and pod and nearly always
///   successful, which hides the failures of a canary with little traffic, and makes one without any look healthy.
/// - The workload is matched exactly: Flagger's `=~` reads the dots of a name as wildcards.
/// - With zero start, a workload of which no request succeeded counts as 0 %. As Flagger has it, the series of
///   successes does not exist then, the quotient is empty, and the worst canary of all reads as "no values found".
///   Without zero start a numerator of one sample would be missing too, so only Flagger's form is safe then.
package struct BuiltinQuery {
    /// The workload.
    package var target: AnalysisTarget
    /// The window as written.
    package var window: String
    /// Whether series that begin inside the window are known to begin at 0.
    package var zeroStart: Bool

    /// Queries about a workload over a window.
    package init(_ target: AnalysisTarget, window: String, zeroStart: Bool) {
        self.target = target
        self.window = window
        self.zeroStart = zeroStart
    }

    /// The query.
    package func text(_ builtin: Builtin) -> String {
        switch builtin {
        case .requestSuccessRate: return quotient("response_total", all: inbound, good: Self.inboundGood)
        case .requestDuration: return percentile("response_latency_ms_bucket", inbound)
        case .backendSuccessRate:
            return quotient(
                "outbound_http_route_backend_response_statuses_total", all: backend, good: Self.backendGood)
        case .backendRequestDuration:
            return percentile("outbound_http_route_backend_response_duration_seconds_bucket", backend) + " * 1000"
        }
    }

    /// How many requests the builtin's value rests on.
    package func requestCount(_ builtin: Builtin) -> String {
        switch builtin {
        case .requestSuccessRate, .requestDuration: return "sum(increase(\(range("response_total", inbound))))"
        case .backendSuccessRate, .backendRequestDuration:
            return "sum(increase(\(range("outbound_http_route_backend_response_statuses_total", backend))))"
        }
    }

    /// The matchers of a success rate: `all` selects its counters, `good` further selects the requests that did not fail.
    /// `nil` for durations.
    func selection(_ builtin: Builtin) -> (all: [Matcher], good: [Matcher])? {
        switch builtin {
        case .requestSuccessRate: return selection("response_total", all: inbound, good: Self.inboundGood)
        case .backendSuccessRate:
            return selection(
                "outbound_http_route_backend_response_statuses_total", all: backend, good: Self.backendGood)
        case .requestDuration, .backendRequestDuration: return nil
        }
    }

    /// The matchers as the language reads them.
    private func selection(_ name: String, all: [String], good: [String]) -> (all: [Matcher], good: [Matcher])? {
        func matchers(_ texts: [String]) -> [Matcher]? {
            guard case .vector(let node)? = try? Parser.parse("\(name){\(texts.joined(separator: ","))}") else {
                return nil
            }
            return node.matchers
        }
        guard let all = matchers(all), let good = matchers(good) else { return nil }
        return (all, good)
    }

    private static let inboundGood = [#"classification!="failure""#]
    private static let backendGood = [#"http_status!~"5..""#, #"error="""#]

    private var inbound: [String] {
        let workload = target.kind == "DaemonSet" ? "daemonset" : "deployment"
        return [
            "namespace=\(GoQuote.quoted(target.namespace))",
            "\(workload)=\(GoQuote.quoted(target.workload))", #"direction="inbound""#, #"route_name!="probe""#,
            #"target_port!="4191""#,
        ]
    }

    private var backend: [String] {
        [
            "parent_namespace=\(GoQuote.quoted(target.namespace))", "parent_name=\(GoQuote.quoted(target.service))",
            "backend_name=\(GoQuote.quoted(target.service + "-canary"))",
        ]
    }

    private func range(_ name: String, _ matchers: [String]) -> String {
        "\(name){\(matchers.joined(separator: ","))}[\(window)]"
    }

    private func quotient(_ name: String, all: [String], good: [String]) -> String {
        let numerator = "sum(rate(\(range(name, all + good))))"
        let whole = zeroStart ? "(\(numerator) or vector(0))" : numerator
        return "\(whole) / sum(rate(\(range(name, all)))) * 100"
    }

    private func percentile(_ name: String, _ matchers: [String]) -> String {
        "histogram_quantile(0.99, sum(rate(\(range(name, matchers)))) by (le))"
    }
}
