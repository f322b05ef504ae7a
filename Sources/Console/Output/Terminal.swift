private import Glibc
import Model
private import Synchronization

/// Writing to the two output streams: data to stdout, messages to stderr. Colour only where a person looks on.
///
/// A verdict's exit code must survive a broken standard output: see `exitCode(for:)`.
package enum Terminal {
    /// The few colours in use, by meaning.
    package enum Style: String, CaseIterable {
        case good = "32"
        case bad = "31"
        case unsure = "33"
        case faint = "2"
        case strong = "1"
        /// The colours of lines in a chart, in turn.
        case first = "36"
        case second = "35"
        case third = "34"
        case fourth = "92"
        case fifth = "93"
        case sixth = "95"
    }

    /// Whether stdout is a terminal that wants colour.
    package static let coloured = unsafe getenv("NO_COLOR") == nil && obeysSequences

    /// Whether stdout is a terminal that obeys control sequences.
    private static let obeysSequences: Bool = {
        guard isatty(STDOUT_FILENO) == 1, let kind = unsafe getenv("TERM") else { return false }
        return unsafe String(cString: kind) != "dumb"
    }()

    /// Whether stdout is a terminal.
    package static let isInteractive = isatty(STDOUT_FILENO) == 1

    /// Width of the terminal in columns, 100 when unknown.
    package static var width: Int {
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 100 }
        return Int(size.ws_col)
    }

    /// Columns that tables fold to; `nil` where nobody looks on.
    package static var foldWidth: Int? { isInteractive ? width : nil }

    /// `text` in a style, plain where there is no colour.
    package static func styled(_ text: String, _ style: Style) -> String {
        coloured ? marked(text, style) : text
    }

    /// `text` between marks, which `rendered` replaces by control sequences.
    static func marked(_ text: String, _ style: Style) -> String {
        mark + style.rawValue + "m" + text + mark + stop + "m"
    }

    /// `text` with its marks replaced by control sequences, and all other control characters but line feeds and tabs escaped.
    static func rendered(_ text: String) -> String {
        var out = ""
        var rest = Substring(text).utf8
        while let found = rest.firstRange(of: mark.utf8) {
            out += Printable.lines(String(Substring(rest[..<found.lowerBound])))
            rest = rest[found.upperBound...]
            guard let style = styles.first(where: { rest.starts(with: ($0 + "m").utf8) }) else { continue }
            out += "\u{1b}[\(style)m"
            rest = rest.dropFirst(style.utf8.count + 1)
        }
        return out + Printable.lines(String(Substring(rest)))
    }

    /// Begins and ends a style in texts that are yet to be printed. Texts from outside can't hold it, since nobody outside
    /// knows its number; their own control sequences, those of our styles among them, are escaped.
    private static let mark = "\u{1}" + String(UInt64.random(in: .min ... .max), radix: 36) + "\u{2}"
    private static let stop = "0"
    private static let styles = Style.allCases.map(\.rawValue) + [stop]

    /// Empties the screen of a terminal that can, and goes to its top left.
    package static func clearScreen() { if obeysSequences { write("\u{1b}[H\u{1b}[2J", to: STDOUT_FILENO) } }

    /// Prints lines of data; all control characters but those of `styled` are escaped.
    package static func print(_ text: String, terminator: String = "\n") {
        write(rendered(text) + terminator, to: STDOUT_FILENO)
    }

    /// Prints raw bytes of data.
    package static func print(bytes: [UInt8]) { write(bytes, to: STDOUT_FILENO) }

    /// Prints a message; control characters are escaped.
    package static func message(_ text: String) { write(Printable.lines(text) + "\n", to: STDERR_FILENO) }

    /// The error number of the first write to stdout that failed, 0 for none.
    private static let outputError = Atomic<Int32>(0)

    /// Whether stdout takes no more data. Commands that print again and again end then.
    package static var isOutputBroken: Bool { outputError.load(ordering: .relaxed) != 0 }

    /// The code to exit with in place of `code`: never 0 when data could not be written to stdout.
    package static func exitCode(for code: Int32) -> Int32 { code == 0 && isOutputBroken ? 4 : code }

    private static func write(_ text: String, to file: Int32) { write(Array(text.utf8), to: file) }

    /// Writes all bytes. A closed pipe ends the program by SIGPIPE, as it does for `cat`. Where stdout fails otherwise (a
    /// full disk), a message says so, nothing more is written, and the command goes on to its own exit code. What stderr
    /// does not take is lost: messages must not change how a command ends.
    private static func write(_ bytes: [UInt8], to file: Int32) {
        if file == STDOUT_FILENO, isOutputBroken { return }
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { raw in
                unsafe Glibc.write(file, raw.baseAddress?.advanced(by: done), raw.count - done)
            }
            if count >= 0 {
                done += count
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN: waitUntilWritable(file)
            case let error:
                if file == STDOUT_FILENO { noteBroken(error) }
                return
            }
        }
    }

    private static func noteBroken(_ error: Int32) {
        if error == EPIPE {
            signal(SIGPIPE, SIG_DFL)
            raise(SIGPIPE)
        }
        outputError.store(error, ordering: .relaxed)
        message("haldane: cannot write to standard output: \(unsafe String(cString: strerror(error)))")
    }

    /// Waits until a file that is in non-blocking mode (a terminal shared with another program) takes bytes again.
    private static func waitUntilWritable(_ file: Int32) {
        var waiting = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
        _ = unsafe poll(&waiting, 1, -1)
    }
}
