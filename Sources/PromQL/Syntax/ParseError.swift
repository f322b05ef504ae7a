/// Why a text is no query. Of several faults only the first is reported.
package struct ParseError: Error, Sendable, Hashable {
    /// The faulty bytes.
    package var range: SourceRange
    /// Line of the first faulty byte, from 1; 0 when the text is empty.
    package var line: Int
    /// Byte column of it within its line, from 1; 0 when the text is empty.
    package var column: Int
    /// What is wrong, without the position.
    package var message: String

    /// An error in the text `bytes`, which it needs only to find the line.
    package init(_ message: String, _ range: SourceRange, in bytes: some Collection<UInt8>) {
        self.message = message
        self.range = range
        if bytes.isEmpty {
            line = 0
            column = 0
            return
        }
        var line = 1
        var column = 1
        for byte in bytes.prefix(max(0, range.start)) {
            if byte == 0x0a {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        self.line = line
        self.column = column
    }
}

extension ParseError: CustomStringConvertible {
    /// `1:5: parse error: ...`, as Prometheus words it.
    package var description: String {
        let position = line == 0 ? "unknown position" : "\(line):\(column)"
        return "\(position): parse error: \(message)"
    }
}
