import Console
import Documents
import FlaggerAPI
import Model
import Scrape

/// The files that `haldane lint` looks at: objects, and configurations of `haldane serve` or Prometheus.
struct LintInput {
    /// The objects, with what is wrong with them.
    private(set) var objects = ObjectFile()
    /// What is wrong with the configurations.
    private(set) var configurationFindings: [Finding] = []
    /// Time between scrapes of Linkerd's proxies, as the configurations have it; `nil` when they have none.
    private(set) var scrapeInterval: Milliseconds?

    /// Sections that only a configuration has.
    private static let sections = [
        "global", "scrape_configs", "scrape_config_files", "rule_files", "alerting", "remote_write", "remote_read",
        "storage", "tracing", "otlp", "runtime",
    ]

    /// Adds a file, and finds out which of the two it is.
    mutating func add(_ path: String) throws {
        let text = try InputFile.text(path)
        let shown = CanaryFiles.shown(path)
        let documents = try? DocumentReader.documents(text)
        if let documents, documents.allSatisfy(\.isNull) {
            configurationFindings.append(
                Finding(.warning, "nothing is in it: no object, no scrape_configs", file: shown))
        } else if let documents, let first = documents.first, Self.isConfiguration(first) {
            addConfiguration(documents, shown)
        } else {
            objects.add(text: text, file: shown)
        }
    }

    /// Adds a file that must be a configuration.
    mutating func add(configuration path: String) throws {
        do { addConfiguration(try DocumentReader.documents(try InputFile.text(path)), path) } catch let error
            as YAMLError
        {
            configurationFindings.append(Finding(error, file: path))
        }
    }

    private static func isConfiguration(_ document: Node) -> Bool {
        document["kind"] == nil && document["apiVersion"] == nil && sections.contains { document[$0] != nil }
    }

    private mutating func addConfiguration(_ documents: [Node], _ path: String) {
        guard let document = documents.first else {
            configurationFindings.append(Finding(.warning, ConfigurationFile.noJobs, file: path))
            return
        }
        let (configuration, findings) = ScrapeConfiguration.decode(document, file: path)
        configurationFindings += findings
        if configuration.jobs.isEmpty {
            configurationFindings.append(
                Finding(.warning, ConfigurationFile.noJobs, file: path, location: document.location))
        }
        // The job of the proxies goes by this name wherever Linkerd's own configuration was the model.
        let proxies = configuration.jobs.filter { $0.name.contains("linkerd-proxy") }
        let interval = (proxies.isEmpty ? configuration.jobs : proxies).map(\.interval).min()
        scrapeInterval = [scrapeInterval, interval].compactMap { $0 }.min()
    }
}
