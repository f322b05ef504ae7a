package import Documents
package import Model

/// What to scrape and how: the part of Prometheus's configuration file that the scraper uses, with all defaults
/// filled in.
package struct ScrapeConfiguration: Sendable {
    /// `external_labels`: labels to add when data goes to other systems. Nothing adds them yet.
    package var externalLabels = Labels()
    /// The jobs, names unique.
    package var jobs: [ScrapeJob] = []
    /// The `remote_write` section, not decoded. Nothing is sent yet.
    package var remoteWrite: Node?

    /// A configuration without jobs.
    package init() {}
}

/// The defaults of Prometheus.
package enum ScrapeDefaults {
    /// 1m
    package static let interval: Milliseconds = 60_000
    /// 10s
    package static let timeout: Milliseconds = 10_000
    /// Time between requests to a server that lists targets: 1m
    package static let discoveryInterval: Milliseconds = 60_000
    /// Bytes a body may have, decompressed, where no limit is configured. Prometheus has none; this one keeps a
    /// hostile target from taking the process down, and a configured limit may be higher.
    package static let bodySizeLimit = 64 << 20
}
