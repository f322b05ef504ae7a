private import Foundation

/// The queries of Prometheus's compliance tester.
package enum ComplianceQueries {
    private struct File: Decodable {
        struct Template: Decodable {
            var query: String
            var variant_args: [String]?
        }
        var variant_values: [String: [String]]
        var test_cases: [Template]
    }

    /// Whether the templates are there.
    package static var isThere: Bool {
        path.map { FileManager.default.fileExists(atPath: $0.path) } ?? false
    }

    /// Every query, its template filled with all combinations of the values.
    package static func all() throws -> [String] {
        guard let path else { return [] }
        let file = try JSONDecoder().decode(File.self, from: Data(contentsOf: path))
        return file.test_cases.flatMap { template in
            (template.variant_args ?? []).reduce([template.query]) { queries, name in
                queries.flatMap { query in
                    (file.variant_values[name] ?? []).map {
                        query.replacingOccurrences(of: "{{.\(name)}}", with: $0)
                    }
                }
            }
        }
    }

    private static var path: URL? {
        SharedFolder.url("corpora/compliance/promql-queries.json")
    }
}
