private import Glibc
import Model

/// Reading files named on the command line.
package enum InputFile {
    /// Largest file that is read.
    package static let bytesMax = 1 << 30

    /// The bytes of a file, `-` for standard input. A file that can't be read is bad input, with the system's reason.
    package static func bytes(_ path: String) throws -> [UInt8] {
        let file = path == "-" ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw CommandError.badInput("cannot read \(path): \(reason())") }
        defer { if file != STDIN_FILENO { close(file) } }
        var out: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw CommandError.badInput("cannot read \(path): \(reason())")
            }
            if count == 0 { return out }
            out += chunk[..<count]
            guard out.count <= bytesMax else {
                throw CommandError.badInput("cannot read \(path): it is longer than \(bytesMax) bytes")
            }
        }
    }

    /// The text of a file: UTF-8, or UTF-16, as PowerShell writes it; other bytes are bad input. A byte order mark is no part of
    /// the text.
    package static func text(_ path: String) throws -> String {
        guard let text = TextEncoding.text(try bytes(path)) else {
            throw CommandError.badInput("cannot read \(path): it is neither UTF-8 nor UTF-16 text")
        }
        return text
    }

    private static func reason() -> String { unsafe String(cString: strerror(errno)) }
}
