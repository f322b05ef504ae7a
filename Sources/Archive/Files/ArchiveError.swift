package import Model

/// Why a data directory can't be used.
package enum ArchiveError: Error, Sendable, Equatable {
    /// There is nothing at the path.
    case missing(path: String)
    /// Something else than a directory is there.
    case notADirectory(path: String)
    /// A directory that no server has written to.
    case noData(path: String)
    /// The process may not write there.
    case notWritable(path: String)
    /// Another process has it open for writing.
    case locked(path: String)
    /// A newer version of the program wrote it.
    case newerFormat(path: String, version: Int)
    /// An older version of the program wrote it.
    case olderFormat(path: String)
    /// The newest sample is older than the retention, so that opening the directory would drop everything.
    case expired(path: String, newest: Timestamp, retention: Milliseconds)
    /// The operating system refused something.
    case io(doing: String, reason: String)
}

extension ArchiveError: CustomStringConvertible {
    /// One sentence for the user, with what to do.
    package var description: String {
        switch self {
        case .missing(let path): "data directory \(path) does not exist"
        case .notADirectory(let path): "data directory \(path) is not a directory: name one with --data"
        case .noData(let path): "directory \(path) holds no data of a server: name the one given to serve --data"
        case .notWritable(let path):
            "data directory \(path) is not writable by this user: make it so, name another one with --data, or "
                + "keep everything in memory with --in-memory"
        case .locked(let path):
            "data directory \(path) is in use by another process: stop it, or use another directory"
        case .newerFormat(let path, let version):
            "\(path) has format \(version), which is newer than this program: update it, or use another directory"
        case .olderFormat(let path):
            "\(path) has the format of an older version of this program: read it with that one, or use another directory"
        case .expired(let path, let newest, let retention):
            "all data in \(path) is older than --retention \(PrometheusDuration.text(retention)): the newest is of "
                + "\(RFC3339.text(newest)). Nothing was deleted. Look at it with serve --read-only, keep it with a longer "
                + "--retention, or let it go with --drop-expired"
        case .io(let doing, let reason): "\(doing) failed: \(reason)"
        }
    }

    /// The same as an error of the store.
    var storageError: StorageError {
        if case .io(let doing, let reason) = self { return .io(doing: doing, reason: reason) }
        return .io(doing: "using the data directory", reason: description)
    }
}
