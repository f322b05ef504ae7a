private import Glibc

/// Writing to the two output streams: data to stdout, messages to stderr. Colour only where a person looks on.
enum Terminal {
    /// The few colours in use, by meaning.
    enum Style: String {
        case good = "32"
        case bad = "31"
        case unsure = "33"
        case faint = "2"
        case strong = "1"
    }

    /// Whether stdout is a terminal that wants colour.
    static let coloured: Bool = {
        guard isatty(STDOUT_FILENO) == 1, unsafe getenv("NO_COLOR") == nil else { return false }
        guard let kind = unsafe getenv("TERM") else { return false }
        return unsafe String(cString: kind) != "dumb"
    }()

    /// Whether stdout is a terminal.
    static let isInteractive = isatty(STDOUT_FILENO) == 1

    /// Width of the terminal in columns, 100 when unknown.
    static var width: Int {
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 100 }
        return Int(size.ws_col)
    }

    /// `text` in a style, plain where there is no colour.
    static func styled(_ text: String, _ style: Style) -> String {
        coloured ? "\u{1b}[\(style.rawValue)m\(text)\u{1b}[0m" : text
    }

    /// Prints a line of data.
    static func print(_ text: String, terminator: String = "\n") { write(text + terminator, to: STDOUT_FILENO) }

    /// Prints raw bytes of data.
    static func print(bytes: [UInt8]) { write(bytes, to: STDOUT_FILENO) }

    /// Prints a message.
    static func message(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

    private static func write(_ text: String, to file: Int32) { write(Array(text.utf8), to: file) }

    /// Writes all bytes; a reader that went away (a closed pipe) ends the program quietly, as it does for `cat`.
    private static func write(_ bytes: [UInt8], to file: Int32) {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { raw in
                unsafe Glibc.write(file, raw.baseAddress?.advanced(by: done), raw.count - done)
            }
            if count < 0 {
                if errno == EINTR || errno == EAGAIN { continue }
                exit(file == STDOUT_FILENO ? 0 : 1)
            }
            done += count
        }
    }
}
