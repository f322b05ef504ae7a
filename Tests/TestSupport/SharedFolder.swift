package import Foundation

/// Cases and recordings that lie outside the repository: in a folder `shared` beside it, or where `HALDANE_SHARED`
/// points. Tests that need them skip when they are absent, and say so once.
package enum SharedFolder {
    private static let candidates: [URL] = {
        if let path = ProcessInfo.processInfo.environment["HALDANE_SHARED"] { return [URL(fileURLWithPath: path)] }
        var out: [URL] = []
        var folder = URL(fileURLWithPath: #filePath)
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            out.append(folder.appendingPathComponent("../shared").standardizedFileURL)
        }
        return out
    }()

    /// The file or folder at a path inside, `nil` where it is absent.
    package static func url(_ path: String) -> URL? {
        let found = candidates.map { $0.appendingPathComponent(path) }
            .first { FileManager.default.fileExists(atPath: $0.path) }
        if found == nil { print("skipped: shared/\(path) is not beside the repository") }
        return found
    }
}
