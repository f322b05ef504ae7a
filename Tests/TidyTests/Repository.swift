import Foundation
import Testing

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
        /// The lines without comments and without the contents of texts; what a text interpolates stays.
        var code: [String] { CodeText.lines(text) }
        var name: String { String(path.split(separator: "/").last ?? "") }
        /// The second part of the path: the module for sources and tests.
        var module: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
    }

    /// Fewest Swift files that a folder has: a rule must not pass because it looks where nothing is any more.
    private static let leastFiles = ["Sources": 650, "Tests": 200]

    /// Every file under `folder` with one of the endings.
    static func files(_ folder: String, endings: [String] = ["swift"]) -> [File] {
        let base = root.appendingPathComponent(folder)
        guard let walker = FileManager.default.enumerator(atPath: base.path) else {
            Issue.record("\(folder) is not there: every rule about its files would pass")
            return []
        }
        var found: [File] = []
        for case let name as String in walker where endings.contains((name as NSString).pathExtension) {
            guard let text = try? String(contentsOf: base.appendingPathComponent(name), encoding: .utf8) else {
                Issue.record("\(folder)/\(name) can't be read")
                continue
            }
            found.append(File(path: folder + "/" + name, text: text))
        }
        if endings == ["swift"], let least = leastFiles[folder], found.count < least {
            Issue.record("\(found.count) Swift files in \(folder), where at least \(least) are known: have they moved?")
        }
        return found.sorted { $0.path < $1.path }
    }

    static func text(_ path: String) -> String {
        (try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)) ?? ""
    }
}
