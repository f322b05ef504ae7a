private import Glibc

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

    /// The text of a file: UTF-8, or UTF-16 with a byte order mark, as PowerShell writes it; other bytes are bad input. A byte
    /// order mark is no part of the text.
    package static func text(_ path: String) throws -> String {
        let bytes = try bytes(path)
        if bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff]) {
            guard let text = utf16(bytes) else {
                throw CommandError.badInput("cannot read \(path): it begins like UTF-16 text and is not")
            }
            return text
        }
        let mark: [UInt8] = [0xef, 0xbb, 0xbf]
        guard let text = String(validating: bytes.starts(with: mark) ? bytes[3...] : bytes[...], as: UTF8.self) else {
            throw CommandError.badInput("cannot read \(path): it is not UTF-8 text")
        }
        return text
    }

    /// UTF-16 behind its byte order mark; `nil` for half a unit or an unpaired surrogate.
    private static func utf16(_ bytes: [UInt8]) -> String? {
        guard bytes.count % 2 == 0 else { return nil }
        let isLittle = bytes[0] == 0xff
        let units = stride(from: 2, to: bytes.count, by: 2).map { index in
            let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
            return isLittle ? second << 8 | first : first << 8 | second
        }
        return String(validating: units, as: UTF16.self)
    }

    private static func reason() -> String { unsafe String(cString: strerror(errno)) }
}
