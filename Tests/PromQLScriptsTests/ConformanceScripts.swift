import Foundation
import PromQLScripts

/// The conformance scripts of this repository: `Tests/PromQLTests/Conformance/*.test`, found beside this file's folder.
/// `haldane test Tests/PromQLTests/Conformance/*.test` runs the same files.
enum ConformanceScripts {
    /// The repository.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The folder of the scripts.
    static let folder = root.appendingPathComponent("Tests/PromQLTests/Conformance")

    /// The file names, in order; empty when the folder is not there.
    static let files: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".test") }.sorted()
    }()

    /// The fewest files that there may be: a moved folder must not make the tests pass.
    static let filesMin = 35
    /// The fewest evals that all files together may have.
    static let evalsMin = 900

    /// The text of a script.
    static func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }
}
