import Archive
import Console
import Model
import TSDB

/// Data directories that a command only reads.
enum DataDirectoryInput {
    /// Opens a directory for queries, also while a server writes it. What keeps it from being used is exit 4.
    static func open(_ path: String) throws -> any Queryable {
        do {
            let directory = try DataDirectory.openReadOnly(path, now: SystemClock().now())
            if directory.report.isUnfinished {
                let end = directory.report.newest.map { "what came after \(RFC3339.text($0))" } ?? "what it had"
                Terminal.message(
                    "\(path): the last server did not end by itself; \(end) and was not written is missing")
            }
            for window in directory.report.damaged {
                Terminal.message("\(path): data from \(window.span) is damaged and left out")
            }
            return directory.database
        } catch {
            throw CommandError.unreachable(error.description)
        }
    }
}
