import Foundation

/// Finds the files that are shared with other checkouts: `../shared` beside the package, or `HALDANE_SHARED`.
enum SharedFiles {
    static let root: URL? = {
        if let path = ProcessInfo.processInfo.environment["HALDANE_SHARED"] { return existing(URL(filePath: path)) }
        var folder = URL(filePath: #filePath).deletingLastPathComponent()
        while folder.path != "/" {
            if FileManager.default.fileExists(atPath: folder.appending(path: "Package.swift").path) {
                return existing(folder.deletingLastPathComponent().appending(path: "shared"))
            }
            folder.deleteLastPathComponent()
        }
        return nil
    }()

    static var areThere: Bool {
        if root == nil { print("skipped: no shared folder (set HALDANE_SHARED)") }
        return root != nil
    }

    private static func existing(_ url: URL) -> URL? {
        FileManager.default.fileExists(atPath: url.path) ? url : nil
    }

    static func data(_ path: String) throws -> Data {
        guard let root else { throw CocoaError(.fileNoSuchFile) }
        return try Data(contentsOf: root.appending(path: path))
    }
}
