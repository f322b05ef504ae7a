package import Documents
internal import Model

extension ScrapeConfiguration {
    /// Decodes a configuration document in Prometheus's format.
    ///
    /// - Parameters:
    ///   - folder: the folder of the document, in which relative paths begin; empty for the current one.
    ///   - file: the document's file, for the findings.
    /// - Returns: the configuration with all defaults filled in, and all errors and warnings. With an error among them the
    ///   configuration is not to be used.
    package static func decode(_ document: Node, folder: String = "", file: String? = nil) -> (
        configuration: ScrapeConfiguration, findings: [Finding]
    ) {
        var decoder = ConfigurationDecoder(folder: folder, file: file)
        let configuration = decoder.document(document)
        return (configuration, decoder.reader.findings)
    }
}

/// Decodes the document and its `global` section.
struct ConfigurationDecoder {
    var reader: NodeReader

    /// A job without name that carries what `global` says; each job begins as its copy.
    private var defaults = ScrapeJob(name: "")

    init(folder: String, file: String?) { reader = NodeReader(folder: folder, file: file) }

    mutating func document(_ node: Node) -> ScrapeConfiguration {
        var out = ScrapeConfiguration()
        let fields = reader.fields(node, "the configuration", .document)
        if let global = fields["global"] { out.externalLabels = self.global(global) }
        for item in reader.list(fields["scrape_configs"], "scrape_configs") {
            let job = JobDecoder.decode(item, defaults: defaults, &reader)
            if out.jobs.contains(where: { $0.name.equalsByBytes(job.name) }) {
                reader.fail(item.location, "found multiple scrape configs with job name \(GoQuote.quoted(job.name))")
            }
            out.jobs.append(job)
        }
        out.remoteWrite = fields["remote_write"]
        return out
    }

    /// Reads `global` into the defaults and returns its external labels.
    private mutating func global(_ node: Node) -> Labels {
        let fields = reader.fields(node, "global", .global)
        let interval = reader.duration(fields["scrape_interval"], "scrape_interval") ?? 0
        defaults.interval = interval > 0 ? interval : ScrapeDefaults.interval
        let timeout = reader.duration(fields["scrape_timeout"], "scrape_timeout") ?? 0
        if timeout > defaults.interval {
            reader.fail(node.location, "global scrape timeout greater than scrape interval")
        }
        defaults.timeout = timeout > 0 ? timeout : min(ScrapeDefaults.timeout, defaults.interval)
        JobDecoder.limits(fields, &defaults.limits, &reader)
        JobDecoder.protocols(fields, &defaults.protocols, &reader)
        JobDecoder.inherited(fields, &defaults, &reader)
        return reader.labels(fields["external_labels"], "external_labels")
    }
}
