import Foundation
import TestSupport

/// Finds the files that are shared with other checkouts: `../shared` beside the package, or `HALDANE_SHARED`.
enum SharedFiles {
    static let root = SharedFolder.url("corpora/exposition").map {
        $0.deletingLastPathComponent().deletingLastPathComponent()
    }

    static var areThere: Bool { root != nil }

    static func data(_ path: String) throws -> Data {
        guard let root else { throw CocoaError(.fileNoSuchFile) }
        return try Data(contentsOf: root.appending(path: path))
    }
}
