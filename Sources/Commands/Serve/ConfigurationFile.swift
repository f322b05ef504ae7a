import Console
import Documents
import Model
import Scrape

/// The file behind `--config`: Prometheus's configuration format.
struct ConfigurationFile {
    /// What to scrape.
    var configuration: ScrapeConfiguration
    /// The text, for the status page.
    var text: String

    /// No file: nothing is scraped.
    static let none = ConfigurationFile(configuration: ScrapeConfiguration(), text: "scrape_configs: []\n")

    /// Reads and checks a file. Errors are bad input with file, line and column; warnings go to stderr.
    static func load(_ path: String) throws -> ConfigurationFile {
        let text = try InputFile.text(path)
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        let documents: [Node]
        do { documents = try DocumentReader.documents(text) } catch {
            throw CommandError.badInput("\(path):\(error.description)")
        }
        guard let document = documents.first else {
            Terminal.message("warning: \(path) is empty: nothing is scraped")
            return ConfigurationFile(configuration: ScrapeConfiguration(), text: text)
        }
        let (configuration, findings) = ScrapeConfiguration.decode(document, folder: folder, file: path)
        for finding in findings where finding.severity == .warning { Terminal.message("\(finding)") }
        let errors = findings.filter { $0.severity == .error }
        guard errors.isEmpty else {
            throw CommandError.badInput(
                "the configuration can't be used:\n"
                    + errors.map { "  \(path):\($0.locatedMessage)" }.joined(separator: "\n"))
        }
        if configuration.jobs.isEmpty { Terminal.message("warning: \(path): \(noJobs)") }
        return ConfigurationFile(configuration: configuration, text: text)
    }

    /// What is said of a configuration without jobs.
    static let noJobs = "no scrape_configs: nothing is scraped"
}
