import Archive
import Model
import TSDB

/// Data directories that a command only reads.
enum DataDirectoryInput {
    /// Opens a directory for queries, also while a server writes it. What keeps it from being used is exit 4.
    static func open(_ path: String) throws -> any Queryable {
        do {
            let directory = try DataDirectory.openReadOnly(path, now: SystemClock().now())
            for window in directory.report.damaged {
                Terminal.message(
                    "\(path): data from \(RFC3339.text(window.start)) to \(RFC3339.text(window.end)) is damaged and left out"
                )
            }
            return directory.database
        } catch {
            throw CommandError.unreachable(error.description)
        }
    }
}
