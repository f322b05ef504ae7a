private import Documents

/// The keys that a mapping of the configuration may have. docs/configuration.md describes each; `ConfigurationDocumentTests`
/// compares the two.
struct KeyTable: Sendable {
    /// Keys that are decoded.
    var used: Set<String>
    /// Keys that Prometheus has and that have no effect here: each gives a warning.
    var unused: Set<String> = []
    /// Keys that Prometheus has and Haldane does not support yet: each gives an error, since without it something else would be
    /// done than was asked for.
    var unsupported: Set<String> = []

    /// The known key that an unknown one was probably meant to be.
    func suggestion(for key: String) -> String? {
        Suggestion.nearest(to: key, in: used.union(unused).union(unsupported))
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

    /// How a server is asked: keys of `scrape_configs` and `http_sd_configs` alike.
    static let client = KeyTable(
        used: [
            "basic_auth", "authorization", "bearer_token", "bearer_token_file", "tls_config", "follow_redirects",
            "http_headers", "proxy_from_environment",
        ],
        unused: ["enable_http2", "no_proxy", "proxy_connect_header"], unsupported: ["oauth2", "proxy_url"])

    /// One of `scrape_configs`.
    static let job = KeyTable(
        used: client.used.union([
            "job_name", "scrape_interval", "scrape_timeout", "metrics_path", "scheme", "params", "honor_labels",
            "honor_timestamps", "track_timestamps_staleness", "enable_compression", "scrape_protocols",
            "fallback_scrape_protocol", "body_size_limit", "sample_limit", "target_limit", "label_limit",
            "label_name_length_limit", "label_value_length_limit", "keep_dropped_targets", "extra_scrape_metrics",
            "static_configs", "file_sd_configs", "http_sd_configs", "relabel_configs", "metric_relabel_configs",
        ]),
        unused: client.unused.union([
            "scrape_failure_log_file", "always_scrape_classic_histograms", "convert_classic_histograms_to_nhcb",
            "scrape_native_histograms", "native_histogram_bucket_limit", "native_histogram_min_bucket_factor",
            "metric_name_validation_scheme", "metric_name_escaping_scheme",
        ]),
        unsupported: Set(discoveries.map { $0 + "_sd_configs" }).union(client.unsupported))

    /// One of `http_sd_configs`.
    static let servers = KeyTable(
        used: client.used.union(["url", "refresh_interval"]), unused: client.unused, unsupported: client.unsupported)

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

    /// All tables by the heading in docs/configuration.md under which their keys are described. Keys that a table has from
    /// `base` are described there.
    static let documented: [(heading: String, table: KeyTable, base: KeyTable?)] = [
        ("Top level", document, nil), ("global", global, nil), ("scrape_configs", job, client),
        ("HTTP client", client, nil), ("static_configs", targets, nil), ("file_sd_configs", files, nil),
        ("http_sd_configs", servers, client), ("relabel_configs", relabelRule, nil), ("basic_auth", basicAuth, nil),
        ("authorization", authorization, nil), ("tls_config", tls, nil), ("http_headers", header, nil),
    ]
}
