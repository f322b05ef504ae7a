private import FoundationEssentials

/// A secret: its text, or the file that holds it. Files are read for each use, so that secrets can be rotated.
package enum ScrapeSecret: Sendable, Hashable {
    /// The text itself.
    case text(String)
    /// The path of its file.
    case file(String)

    /// A file that can't be read.
    struct Unreadable: Error {
        var path: String
    }

    /// Bytes a file may have.
    private static let fileBytesMax = 1 << 20

    /// The text, without white space around a file's content.
    func read() throws(Unreadable) -> String {
        switch self {
        case .text(let text): return text
        case .file(let path):
            guard let data = try? Data(contentsOf: URL(filePath: path)), data.count <= Self.fileBytesMax,
                let text = String(validating: data, as: UTF8.self)
            else { throw Unreadable(path: path) }
            var bytes = Array(text.utf8)[...]
            while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
            while let first = bytes.first, first <= 0x20 { bytes.removeFirst() }
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
