/// A scrape configuration for a workload that Haldane, Prometheus and VictoriaMetrics read alike.
package struct WorkloadConfiguration: Sendable {
    /// What is scraped.
    package var options: WorkloadOptions
    /// `host:port` of the server.
    package var address: String
    /// Between two scrapes of a target; also their timeout.
    package var interval: String

    /// A configuration for the server at `address`.
    package init(_ options: WorkloadOptions, address: String, interval: String) {
        self.options = options
        self.address = address
        self.interval = interval
    }

    /// The configuration as YAML, with a line at the end.
    package var text: String {
        let workload = Workload(options)
        var lines = [
            "global:", "  scrape_interval: \(interval)", "  scrape_timeout: \(interval)", "scrape_configs:",
            "- job_name: linkerd-proxy", "  static_configs:",
        ]
        for target in 0..<options.targets {
            lines.append("  - targets: [\"\(address)\"]")
            lines.append("    labels:")
            lines.append("      __metrics_path__: /targets/\(target)/metrics")
            for label in workload.labels(of: target) { lines.append("      \(label.name): \"\(label.value)\"") }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
