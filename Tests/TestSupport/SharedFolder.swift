package import Foundation

/// The folder of corpora beside the repository, where it exists.
package enum SharedFolder {
    /// `../shared` of the repository, or what `HALDANE_SHARED` names.
    package static let url: URL? = {
        var candidates: [URL] = []
        if let path = ProcessInfo.processInfo.environment["HALDANE_SHARED"] {
            candidates.append(URL(fileURLWithPath: path))
        }
        var place = URL(fileURLWithPath: #filePath)
        while place.path != "/" {
            place.deleteLastPathComponent()
            candidates.append(place.appendingPathComponent("../shared").standardizedFileURL)
        }
        return candidates.first {
            FileManager.default.fileExists(atPath: $0.appendingPathComponent("corpora").path)
        }
    }()
}
