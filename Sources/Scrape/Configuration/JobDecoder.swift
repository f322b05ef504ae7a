internal import Documents
internal import Exposition
internal import Model

/// Decodes one entry of `scrape_configs`.
enum JobDecoder {
    /// The job. A value that can't be read is reported to the reader and left at its default.
    static func decode(_ node: Node, defaults: ScrapeJob, _ reader: inout NodeReader) -> ScrapeJob {
        var job = defaults
        let fields = reader.fields(node, "a scrape config", .job)
        job.name = reader.text(fields["job_name"], "job_name") ?? ""
        if job.name.isEmpty { reader.fail(node.location, "job_name is empty") }
        times(fields, node, &job, &reader)
        request(fields, &job, &reader)
        limits(fields, &job.limits, &reader)
        inherited(fields, &job, &reader)
        protocols(fields, &job.protocols, &reader)
        fallback(fields["fallback_scrape_protocol"], &job, &reader)
        job.honorsLabels = reader.flag(fields["honor_labels"], "honor_labels") ?? false
        job.honorsTimestamps = reader.flag(fields["honor_timestamps"], "honor_timestamps") ?? true
        job.tracksTimestamps =
            reader.flag(fields["track_timestamps_staleness"], "track_timestamps_staleness") ?? false
        job.authorization = AuthorizationDecoder.decode(fields, node, &reader)
        // Relabelling may take an address from any text, such as the URL that a prober is to try.
        let mayBeAny = fields["relabel_configs"] != nil
        for (index, item) in reader.list(fields["static_configs"], "static_configs").enumerated() {
            job.staticConfigs.append(targets(item, source: String(index), mayBeAny: mayBeAny, &reader))
        }
        job.targetServers = reader.list(fields["http_sd_configs"], "http_sd_configs").compactMap { item in
            ClientDecoder.server(item, &reader)
        }
        for item in reader.list(fields["file_sd_configs"], "file_sd_configs") {
            job.targetFiles += targetFiles(item, &reader)
        }
        job.relabelRules = RelabelDecoder.rules(fields["relabel_configs"], "relabel_configs", &reader)
        job.metricRelabelRules = RelabelDecoder.rules(
            fields["metric_relabel_configs"], "metric_relabel_configs", &reader)
        return job
    }

    private static func times(
        _ fields: [String: Node], _ node: Node, _ job: inout ScrapeJob, _ reader: inout NodeReader
    ) {
        let interval = reader.duration(fields["scrape_interval"], "scrape_interval") ?? 0
        if interval > 0 { job.interval = interval }
        let timeout = reader.duration(fields["scrape_timeout"], "scrape_timeout") ?? 0
        if timeout > job.interval {
            let location = fields["scrape_timeout"]?.location ?? node.location
            let name = GoQuote.quoted(job.name)
            reader.fail(location, "scrape timeout greater than scrape interval for scrape config with job name \(name)")
        }
        job.timeout = min(timeout > 0 ? timeout : job.timeout, job.interval)
    }

    private static func request(_ fields: [String: Node], _ job: inout ScrapeJob, _ reader: inout NodeReader) {
        job.metricsPath = reader.text(fields["metrics_path"], "metrics_path") ?? "/metrics"
        if let node = fields["scheme"], let text = reader.text(node, "scheme") {
            if let scheme = ScrapeJob.Scheme(rawValue: text) {
                job.scheme = scheme
            } else {
                reader.fail(node.location, "scheme must be http or https, not \(GoQuote.quoted(text))")
            }
        }
        for entry in reader.entries(fields["params"], "params") {
            job.parameters[entry.key] = reader.texts(entry.value, "params.\(entry.key)")
        }
        job.compresses = reader.flag(fields["enable_compression"], "enable_compression") ?? true
        let client = ClientDecoder.settings(fields, &reader)
        job.followsRedirects = client.followsRedirects
        job.tls = client.tls
        job.headers = client.headers
    }

    /// Reads the keys that jobs inherit from `global`, besides limits and protocols.
    static func inherited(_ fields: [String: Node], _ job: inout ScrapeJob, _ reader: inout NodeReader) {
        if let count = reader.count(fields["keep_dropped_targets"], "keep_dropped_targets"), count > 0 {
            job.keptDroppedTargets = count
        }
        if let flag = reader.flag(fields["extra_scrape_metrics"], "extra_scrape_metrics") {
            job.storesExtraMetrics = flag
        }
    }

    /// Reads the limits that jobs inherit from `global`; 0 leaves the inherited limit.
    static func limits(_ fields: [String: Node], _ limits: inout ScrapeLimits, _ reader: inout NodeReader) {
        if let size = reader.size(fields["body_size_limit"], "body_size_limit"), size > 0 { limits.bodyBytes = size }
        let counts: [(String, WritableKeyPath<ScrapeLimits, Int>)] = [
            ("sample_limit", \.samples), ("target_limit", \.targets), ("label_limit", \.labels),
            ("label_name_length_limit", \.labelNameBytes), ("label_value_length_limit", \.labelValueBytes),
        ]
        for (key, path) in counts {
            if let value = reader.count(fields[key], key), value > 0 { limits[keyPath: path] = value }
        }
    }

    /// Reads `scrape_protocols`; protobuf is left out with a warning.
    static func protocols(
        _ fields: [String: Node], _ protocols: inout [ScrapeProtocol], _ reader: inout NodeReader
    ) {
        guard let node = fields["scrape_protocols"] else { return }
        var found: [ScrapeProtocol] = []
        for item in reader.list(node, "scrape_protocols") {
            guard let text = reader.text(item, "a scrape protocol") else { continue }
            if let one = ScrapeProtocol(rawValue: text) {
                found.append(one)
            } else if text == "PrometheusProto" {
                reader.warn(item.location, "PrometheusProto is not supported and is left out")
            } else {
                reader.fail(item.location, "unknown scrape protocol \(GoQuote.quoted(text))")
            }
        }
        if !found.isEmpty { protocols = found }
    }

    private static func fallback(_ node: Node?, _ job: inout ScrapeJob, _ reader: inout NodeReader) {
        guard let node, let text = reader.text(node, "fallback_scrape_protocol") else { return }
        if let known = ScrapeProtocol(rawValue: text) {
            job.fallbackFormat = known.format
        } else {
            reader.fail(node.location, "unknown or unsupported fallback_scrape_protocol \(GoQuote.quoted(text))")
        }
    }

    private static func targetFiles(_ node: Node, _ reader: inout NodeReader) -> [String] {
        let fields = reader.fields(node, "a file discovery", .files)
        // Files are looked at every few seconds whatever the key says; it is read so that a wrong value is reported.
        _ = reader.duration(fields["refresh_interval"], "refresh_interval")
        let items = reader.list(fields["files"], "files")
        if items.isEmpty {
            reader.fail(node.location, "file service discovery config must contain at least one path name")
        }
        return items.compactMap { item in
            guard let path = reader.path(item, "a path") else { return nil }
            if FilePattern(path) == nil {
                reader.fail(item.location, "path name \(GoQuote.quoted(path)) is not valid for file discovery")
            }
            return path
        }
    }

    /// Decodes a list of addresses with their labels. A text that can't be an address is an error unless `mayBeAny`.
    static func targets(
        _ node: Node, source: String, mayBeAny: Bool = true, _ reader: inout NodeReader
    ) -> TargetGroup {
        let fields = reader.fields(node, "a static config", .targets)
        let items = reader.list(fields["targets"], "targets")
        var addresses: [String] = []
        for item in items {
            guard let address = reader.text(item, "a target") else { continue }
            guard !address.isEmpty else {
                reader.fail(item.location, "a target is empty: wanted HOST or HOST:PORT")
                continue
            }
            if !mayBeAny {
                if let flaw = TargetURL.flaw(ofAddress: address) {
                    reader.fail(item.location, flaw)
                } else if TargetURL(scheme: .http, address: address, pathAndQuery: "/").hostAndPort == nil {
                    let message =
                        "\(GoQuote.quoted(address)) is not a valid address: wanted HOST or HOST:PORT with a port from "
                    reader.warn(item.location, message + "1 to 65535; this target is not scraped")
                }
            }
            addresses.append(address)
        }
        return TargetGroup(
            addresses: addresses, labels: reader.labels(fields["labels"], "labels"), source: source)
    }
}
