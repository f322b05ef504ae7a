/// Why a script can't be read.
package struct ScriptError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The faulty line, from 1.
    package var line: Int
    /// What is wrong, and what was wanted.
    package var message: String

    /// An error in a line.
    package init(line: Int, _ message: String) {
        self.line = line
        self.message = message
    }

    /// `line 12: ...`
    package var description: String { "line \(line): \(message)" }
}

/// Why a text inside a line can't be read; the line is known further out.
struct NotationError: Error, Sendable, Hashable {
    /// What is wrong.
    var message: String

    /// An error.
    init(_ message: String) { self.message = message }
}
