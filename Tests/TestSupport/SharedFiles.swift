package import Foundation

/// Files beside the sources.
package enum SharedFiles {
    /// The repository: the nearest folder around this file that has `examples`.
    package static let root: URL? = {
        var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            if FileManager.default.fileExists(atPath: folder.appendingPathComponent("examples").path) { return folder }
        }
        return nil
    }()

    /// The example Canaries, by name.
    package static let examples: [String] = {
        guard let folder = root?.appendingPathComponent("examples") else { return [] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".yaml") }.sorted()
    }()

    /// The text of an example.
    package static func example(_ name: String) throws -> String {
        guard let root else { throw CocoaError(.fileNoSuchFile) }
        return try String(contentsOf: root.appendingPathComponent("examples/\(name)"), encoding: .utf8)
    }
}

extension SharedFiles {
    /// The reference material beside the repository; `nil` where it is absent.
    package static let shared = SharedFolder.url("golden/flagger").map {
        $0.deletingLastPathComponent().deletingLastPathComponent()
    }

    /// The recording of a scenario.
    package static func recording(_ name: String) throws -> [UInt8] {
        guard let shared else { throw CocoaError(.fileNoSuchFile) }
        return Array(try Data(contentsOf: shared.appendingPathComponent("golden/flagger/\(name).json")))
    }
}
