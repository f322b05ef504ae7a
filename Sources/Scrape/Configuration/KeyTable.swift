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
            "rule_files", "alerting", "storage", "tracing", "remote_read", "otlp", "runtime",
        ],
        unsupported: ["scrape_config_files"])

    /// `global`
    static let global = KeyTable(
        used: [
            "scrape_interval", "scrape_timeout", "external_labels", "scrape_protocols", "body_size_limit",
            "sample_limit", "target_limit", "label_limit", "label_name_length_limit", "label_value_length_limit",
            "keep_dropped_targets", "extra_scrape_metrics",
        ],
        unused: [
            "evaluation_interval", "rule_query_offset", "query_log_file", "scrape_failure_log_file",
            "metric_name_validation_scheme", "metric_name_escaping_scheme", "scrape_native_histograms",
            "convert_classic_histograms_to_nhcb", "always_scrape_classic_histograms",
        ])

    /// What says how a server is asked, wherever one is.
    private static let client: Set<String> = [
        "basic_auth", "authorization", "bearer_token", "bearer_token_file", "tls_config", "follow_redirects",
        "http_headers", "proxy_from_environment",
    ]
    private static let unusedClient: Set<String> = ["enable_http2", "no_proxy", "proxy_connect_header"]
    private static let unsupportedClient: Set<String> = ["oauth2", "proxy_url"]

    /// One of `scrape_configs`.
    static let job = KeyTable(
        used: client.union([
            "job_name", "scrape_interval", "scrape_timeout", "metrics_path", "scheme", "params", "honor_labels",
            "honor_timestamps", "track_timestamps_staleness", "enable_compression", "scrape_protocols",
            "fallback_scrape_protocol", "body_size_limit", "sample_limit", "target_limit", "label_limit",
            "label_name_length_limit", "label_value_length_limit", "keep_dropped_targets", "extra_scrape_metrics",
            "static_configs", "file_sd_configs", "http_sd_configs", "relabel_configs", "metric_relabel_configs",
        ]),
        unused: unusedClient.union([
            "scrape_failure_log_file", "always_scrape_classic_histograms", "convert_classic_histograms_to_nhcb",
            "scrape_native_histograms", "native_histogram_bucket_limit", "native_histogram_min_bucket_factor",
            "metric_name_validation_scheme", "metric_name_escaping_scheme",
        ]),
        unsupported: Set(discoveries.map { $0 + "_sd_configs" }).union(unsupportedClient))

    /// One of `http_sd_configs`.
    static let servers = KeyTable(
        used: client.union(["url", "refresh_interval"]), unused: unusedClient, unsupported: unsupportedClient)

    private static let discoveries = [
        "aws", "azure", "consul", "digitalocean", "dns", "docker", "dockerswarm", "ec2", "eureka", "gce",
        "hetzner", "ionos", "kubernetes", "kuma", "lightsail", "linode", "marathon", "nerve", "nomad",
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
    /// `tls_config`
    static let tls = KeyTable(
        used: [
            "ca", "ca_file", "cert", "cert_file", "key", "key_file", "server_name", "insecure_skip_verify",
            "min_version", "max_version",
        ],
        unsupported: ["ca_ref", "cert_ref", "key_ref"])
    /// A header of `http_headers`.
    static let header = KeyTable(used: ["values", "secrets", "files"])
}
