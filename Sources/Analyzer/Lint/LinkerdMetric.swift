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

    /// Metrics of Linkerd's proxies that queries of canaries use.
    static let names =
        bothDirections + [
            "outbound_http_route_request_statuses_total", "outbound_http_route_request_duration_seconds_bucket",
            "outbound_http_route_backend_response_statuses_total", "outbound_http_route_backend_requests_total",
            "outbound_http_route_backend_response_duration_seconds_bucket", "outbound_http_balancer_endpoints",
            "inbound_http_statuses_total", "inbound_http_request_duration_seconds_bucket", "route_response_total",
            "route_response_latency_ms_bucket", "route_request_total", "process_start_time_seconds", "proxy_build_info",
        ]

    /// Labels of those metrics and of the targets that Linkerd's pods are.
    static let labels = [
        "direction", "classification", "status_code", "grpc_status", "tls", "authority", "target_addr", "target_ip",
        "target_port", "client_id", "server_id", "srv_group", "srv_kind", "srv_name", "route_group", "route_kind",
        "route_name",
        "route_namespace", "backend_group", "backend_kind", "backend_name", "backend_namespace", "backend_port",
        "parent_group", "parent_kind", "parent_name", "parent_namespace", "parent_port", "http_status", "error",
        "rt_route",
        "le", "namespace", "pod", "deployment", "daemonset", "statefulset", "replicaset", "k8s_job", "job", "instance",
        "workload_ns", "control_plane_ns", "pod_template_hash", "dst", "dst_deployment", "dst_namespace", "dst_service",
        "dst_pod", "dst_daemonset", "dst_statefulset", "dst_serviceaccount", "dst_control_plane_ns",
        "dst_pod_template_hash", "authz_group", "authz_kind", "authz_name", "error_status", "no_tls_reason", "app",
        "version",
        "name", "service", "container", "node",
    ]

    /// Labels that have few values, with all of them.
    static let values = [
        "direction": ["inbound", "outbound"], "classification": ["success", "failure"],
    ]

    static func hasBothDirections(_ name: String) -> Bool { bothDirections.contains(name) }
}
