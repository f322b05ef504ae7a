private import Glibc

/// Writing files named on the command line.
package enum OutputFile {
    /// Writes a text whole, in place of what was there. A file that can't be written is bad input, with the system's reason.
    package static func write(_ text: String, to path: String) throws {
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw failure(path) }
        defer { close(file) }
        let bytes = Array(text.utf8)
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { raw in
                unsafe Glibc.write(file, raw.baseAddress?.advanced(by: done), raw.count - done)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure(path)
            }
            done += count
        }
    }

    private static func failure(_ path: String) -> CommandError {
        .badInput("cannot write \(path): \(unsafe String(cString: strerror(errno)))")
    }
}
