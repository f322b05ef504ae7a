/// The keys a mapping may have.
struct KeyTable: Sendable {
    /// Keys that are decoded.
    var used: Set<String>
    /// Keys Prometheus knows and that have no effect here.
    var unused: Set<String> = []
    /// Keys Prometheus knows and that can't be left out without doing something else than asked.
    var unsupported: Set<String> = []

    /// The known key that `key` was probably meant to be.
    func suggestion(for key: String) -> String? {
        let all = used.union(unused).union(unsupported).sorted()
        let limit = max(1, key.utf8.count / 4)
        let scored = all.map { ($0, Self.distance(Array($0.utf8), Array(key.utf8))) }.filter { $0.1 <= limit }
        return scored.min { $0.1 < $1.1 }?.0
    }

    /// Insertions, deletions and replacements between two words. O(product of the lengths), which are cut to 64.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        let (left, right) = (left.prefix(64), right.prefix(64))
        var row = Array(0...right.count)
        for (line, one) in left.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for (column, other) in right.enumerated() {
                let replaced = diagonal + (one == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}

extension KeyTable {
    /// The document.
    static let document = KeyTable(
        used: ["global", "scrape_configs", "remote_write"],
        unused: [
            "rule_files", "alerting", "storage", "tracing", "remote_read", "otlp", "runtime", "scrape_config_files",
        ])

    /// `global`
    static let global = KeyTable(
        used: [
            "scrape_interval", "scrape_timeout", "external_labels", "scrape_protocols", "body_size_limit",
            "sample_limit", "target_limit", "label_limit", "label_name_length_limit", "label_value_length_limit",
        ],
        unused: [
            "evaluation_interval", "rule_query_offset", "query_log_file", "scrape_failure_log_file",
            "keep_dropped_targets", "metric_name_validation_scheme", "metric_name_escaping_scheme",
            "scrape_native_histograms", "convert_classic_histograms_to_nhcb", "always_scrape_classic_histograms",
            "extra_scrape_metrics",
        ])

    /// One of `scrape_configs`.
    static let job = KeyTable(
        used: [
            "job_name", "scrape_interval", "scrape_timeout", "metrics_path", "scheme", "params", "honor_labels",
            "honor_timestamps", "enable_compression", "follow_redirects", "scrape_protocols",
            "fallback_scrape_protocol", "body_size_limit", "sample_limit", "target_limit", "label_limit",
            "label_name_length_limit", "label_value_length_limit", "static_configs", "relabel_configs",
            "metric_relabel_configs", "basic_auth", "authorization", "bearer_token", "bearer_token_file",
            "tls_config", "http_headers", "file_sd_configs",
        ],
        unused: [
            "track_timestamps_staleness", "scrape_failure_log_file", "scrape_classic_histograms",
            "always_scrape_classic_histograms", "convert_classic_histograms_to_nhcb", "scrape_native_histograms",
            "native_histogram_bucket_limit", "native_histogram_min_bucket_factor", "keep_dropped_targets",
            "metric_name_validation_scheme", "metric_name_escaping_scheme", "extra_scrape_metrics", "enable_http2",
            "no_proxy", "proxy_from_environment", "proxy_connect_header",
        ],
        unsupported: Set(discoveries.map { $0 + "_sd_configs" }).union(["oauth2", "proxy_url"]))

    private static let discoveries = [
        "aws", "azure", "consul", "digitalocean", "dns", "docker", "dockerswarm", "ec2", "eureka", "gce",
        "hetzner", "http", "ionos", "kubernetes", "kuma", "lightsail", "linode", "marathon", "nerve", "nomad",
        "openstack", "ovhcloud", "puppetdb", "scaleway", "serverset", "stackit", "triton", "uyuni", "vultr",
    ]

    /// One of `static_configs`.
    static let targets = KeyTable(used: ["targets", "labels"])
    /// One of `file_sd_configs`.
    static let files = KeyTable(used: ["files", "refresh_interval"])
    /// A relabelling rule.
    static let relabelRule = KeyTable(
        used: ["source_labels", "separator", "regex", "modulus", "target_label", "replacement", "action"])
    /// `basic_auth`
    static let basicAuth = KeyTable(
        used: ["username", "username_file", "password", "password_file"],
        unsupported: ["username_ref", "password_ref"])
    /// `authorization`
    static let authorization = KeyTable(
        used: ["type", "credentials", "credentials_file"], unsupported: ["credentials_ref"])
    /// `tls_config`; nothing of it is used while TLS targets are refused.
    static let tls = KeyTable(
        used: [
            "ca", "ca_file", "ca_ref", "cert", "cert_file", "cert_ref", "key", "key_file", "key_ref", "server_name",
            "insecure_skip_verify", "min_version", "max_version",
        ])
    /// A header of `http_headers`.
    static let header = KeyTable(used: ["values", "secrets"], unsupported: ["files"])
}
