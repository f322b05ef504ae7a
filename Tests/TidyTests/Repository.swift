import Foundation

/// The files of the project, as the tidy tests look at them.
enum Repository {
    /// The folder that holds Package.swift.
    static let root: URL = {
        var folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        while !FileManager.default.fileExists(atPath: folder.appendingPathComponent("Package.swift").path),
            folder.pathComponents.count > 1
        {
            folder.deleteLastPathComponent()
        }
        return folder
    }()

    struct File {
        /// Path from the root, such as `Sources/Model/Labels/Label.swift`.
        let path: String
        let text: String
        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
        var name: String { String(path.split(separator: "/").last ?? "") }
        /// The second part of the path: the module for sources and tests.
        var module: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
    }

    /// Every file under `folder` with one of the endings.
    static func files(_ folder: String, endings: [String] = ["swift"]) -> [File] {
        let base = root.appendingPathComponent(folder)
        guard let walker = FileManager.default.enumerator(atPath: base.path) else { return [] }
        var found: [File] = []
        for case let name as String in walker where endings.contains((name as NSString).pathExtension) {
            guard let text = try? String(contentsOf: base.appendingPathComponent(name), encoding: .utf8) else {
                continue
            }
            found.append(File(path: folder + "/" + name, text: text))
        }
        return found.sorted { $0.path < $1.path }
    }

    static func text(_ path: String) -> String {
        (try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)) ?? ""
    }
}
