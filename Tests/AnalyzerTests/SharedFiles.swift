import Foundation

/// Files beside the sources.
enum SharedFiles {
    /// The repository: the nearest folder around this file that has `examples`.
    static let root: URL? = {
        var folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            if FileManager.default.fileExists(atPath: folder.appendingPathComponent("examples").path) { return folder }
        }
        return nil
    }()

    /// The example Canaries, by name.
    static let examples: [String] = {
        guard let folder = root?.appendingPathComponent("examples") else { return [] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".yaml") }.sorted()
    }()

    /// The text of an example.
    static func example(_ name: String) throws -> String {
        guard let root else { throw CocoaError(.fileNoSuchFile) }
        return try String(contentsOf: root.appendingPathComponent("examples/\(name)"), encoding: .utf8)
    }
}

extension SharedFiles {
    /// The reference material beside the repository; `nil` where it is absent.
    static let shared: URL? = {
        let environment = ProcessInfo.processInfo.environment["HALDANE_SHARED"].map { URL(fileURLWithPath: $0) }
        let sibling = root?.deletingLastPathComponent().appendingPathComponent("shared")
        let found = [environment, sibling].compactMap(\.self).first {
            FileManager.default.fileExists(atPath: $0.appendingPathComponent("golden/flagger").path)
        }
        if found == nil { print("The recordings of Flagger are not here; tests that need them are skipped.") }
        return found
    }()

    /// The recording of a scenario.
    static func recording(_ name: String) throws -> [UInt8] {
        guard let shared else { throw CocoaError(.fileNoSuchFile) }
        return Array(try Data(contentsOf: shared.appendingPathComponent("golden/flagger/\(name).json")))
    }
}
