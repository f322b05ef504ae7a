import Documents
import Foundation
import Testing

@testable import Scrape

/// docs/configuration.md and the decoder's key tables say the same.
@Suite("The configuration is documented")
struct ConfigurationDocumentTests {
    /// One heading of the document with what stands under it.
    private struct Section {
        /// Keys of the table in the order written, with the text of the column "default".
        var rows: [(key: String, fallback: String)] = []
        /// Keys listed behind `Without effect:`.
        var unused: [String] = []
        /// Keys listed behind `Refused:`.
        var refused: [String] = []
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The texts between backticks.
    private static func code(in text: some StringProtocol) -> [String] {
        text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }

    private static func sections() throws -> [String: Section] {
        var out: [String: Section] = [:]
        for part in try text("docs/configuration.md").components(separatedBy: "\n## ").dropFirst() {
            var section = Section()
            for paragraph in part.components(separatedBy: "\n\n") {
                if paragraph.hasPrefix("Without effect:") { section.unused = code(in: paragraph) }
                if paragraph.hasPrefix("Refused:") { section.refused = code(in: paragraph) }
                for line in paragraph.split(separator: "\n") where line.hasPrefix("| `") {
                    let cells = line.split(separator: "|", omittingEmptySubsequences: false)
                    section.rows.append((code(in: cells[1])[0], code(in: cells[3]).first ?? ""))
                }
            }
            out[String(part.prefix { $0 != "\n" })] = section
        }
        return out
    }

    @Test("each key that the decoder knows is in the document, and the other way round", arguments: KeyTable.documented)
    func keys(heading: String, table: KeyTable, base: KeyTable?) throws {
        let section = try #require(try Self.sections()[heading])
        #expect(section.rows.map(\.key).sorted() == table.used.subtracting(base?.used ?? []).sorted())
        #expect(section.unused == table.unused.subtracting(base?.unused ?? []).sorted())
        #expect(section.refused == table.unsupported.subtracting(base?.unsupported ?? []).sorted())
    }

    @Test("no key table is left out") func tables() throws {
        let source = try Self.text("Sources/Scrape/Configuration/KeyTable.swift")
        #expect(source.components(separatedBy: " = KeyTable(").count - 1 == KeyTable.documented.count)
    }

    /// Sections and where their keys stand in a job, as a YAML text around `KEY: DEFAULT`.
    static let contexts = [
        ("global", "global: {KEY}\nscrape_configs: [{job_name: x}]", "scrape_configs: [{job_name: x}]"),
        ("scrape_configs", "scrape_configs: [{job_name: x, KEY}]", "scrape_configs: [{job_name: x}]"),
        ("HTTP client", "scrape_configs: [{job_name: x, KEY}]", "scrape_configs: [{job_name: x}]"),
        (
            "http_sd_configs", "scrape_configs: [{job_name: x, http_sd_configs: [{url: 'http://a:1/', KEY}]}]",
            "scrape_configs: [{job_name: x, http_sd_configs: [{url: 'http://a:1/'}]}]"
        ),
        (
            "relabel_configs", "scrape_configs: [{job_name: x, relabel_configs: [{target_label: a, KEY}]}]",
            "scrape_configs: [{job_name: x, relabel_configs: [{target_label: a}]}]"
        ),
        (
            "authorization", "scrape_configs: [{job_name: x, authorization: {credentials: a, KEY}}]",
            "scrape_configs: [{job_name: x, authorization: {credentials: a}}]"
        ),
        (
            "tls_config", "scrape_configs: [{job_name: x, tls_config: {KEY}}]",
            "scrape_configs: [{job_name: x, tls_config: {}}]"
        ),
    ]

    private static func jobs(_ text: String) throws -> [ScrapeJob] {
        let document = try #require(try YAMLReader.documents(text).first)
        let (configuration, findings) = ScrapeConfiguration.decode(document)
        #expect(findings.isEmpty, "\(text): \(findings)")
        return configuration.jobs
    }

    @Test("a default that the document gives is what the decoder assumes", arguments: contexts)
    func defaults(heading: String, given: String, omitted: String) throws {
        let section = try #require(try Self.sections()[heading])
        let wanted = try Self.jobs(omitted)
        let rows = section.rows.filter { !$0.fallback.isEmpty }
        #expect(!rows.isEmpty)
        for (key, fallback) in rows {
            let isPlain = fallback.hasPrefix("[") || ["true", "false"].contains(fallback) || Int(fallback) != nil
            let value = isPlain ? fallback : "'\(fallback)'"
            var found = try Self.jobs(given.replacing("KEY", with: "\(key): \(value)"))
            // Two defaults are told from "not given" in what is stored, and mean the same.
            if key == "body_size_limit" {
                #expect(found.first?.limits.bodyBytes == ScrapeDefaults.bodySizeLimit)
                found[0].limits.bodyBytes = 0
            }
            if key == "max_version" {
                #expect(found.first?.tls.maximumVersion == .tls13)
                found[0].tls.maximumVersion = nil
            }
            #expect(found == wanted, "\(heading): \(key)")
        }
    }
}
