/// What queries should know about the metrics of Linkerd's proxies.
enum LinkerdMetric {
    /// Metrics that proxies of today no longer expose, and what to use instead.
    static let gone: [(prefix: String, since: String, instead: String)] = [
        ("tcp_connection_duration_ms", "2.10", "tcp_open_connections"),
        ("identity_cert_expiration_timestamp_seconds", "2.15", "control_identity_cert_expiration_timestamp_seconds"),
        ("identity_cert_refresh_count", "2.15", "control_identity_cert_refreshes_total"),
        ("opencensus_", "2.19", "nothing"),
        ("inbound_http_authz_deny_count", "2.12", "inbound_http_authz_deny_total"),
    ]

    /// Labels that metrics of today no longer have: name, direction, since, what to do.
    static let goneInboundLabels = [
        (label: "authority", since: "2.18", instead: "match the workload by namespace and deployment")
    ]

    /// Families that count inbound and outbound traffic of a pod under one name.
    private static let bothDirections = [
        "request_total", "response_total", "response_latency_ms_bucket", "response_latency_ms_count",
        "response_latency_ms_sum", "tcp_open_connections", "tcp_open_total", "tcp_read_bytes_total",
        "tcp_write_bytes_total",
    ]

    static func hasBothDirections(_ name: String) -> Bool { bothDirections.contains(name) }
}
