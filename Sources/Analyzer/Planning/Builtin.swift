/// The metrics that need no template. They read Linkerd's own metrics whatever the router is.
package enum Builtin: String, Sendable, Hashable, CaseIterable {
    /// Share of requests that did not fail, in percent, as the canary's own proxies saw them.
    case requestSuccessRate = "request-success-rate"
    /// 99th percentile of the time to the first byte, in milliseconds, likewise.
    case requestDuration = "request-duration"
    /// Share of requests that did not fail, in percent, as the callers' proxies saw them: refused connections, resets
    /// and dead canaries included. Ours, not Flagger's; needs Linkerd 2.16.
    case backendSuccessRate = "backend-success-rate"
    /// 99th percentile of the duration of a response, in milliseconds, as the callers saw it. Ours; Linkerd 2.16.
    case backendRequestDuration = "backend-request-duration"

    /// What the value is measured in.
    package var unit: MetricUnit {
        switch self {
        case .requestSuccessRate, .backendSuccessRate: .percent
        case .requestDuration, .backendRequestDuration: .milliseconds
        }
    }

    /// How thresholds compare.
    package var thresholdKind: Threshold.Kind { unit == .percent ? .atLeast : .duration }
}

/// Units of check values. Only builtins have known ones.
package enum MetricUnit: String, Sendable, Hashable {
    case percent = "%"
    case milliseconds = "ms"
}
