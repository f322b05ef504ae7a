/// The lines of a script, trimmed, comments made blank.
struct ScriptLines {
    let lines: [String]

    /// Splits a text.
    init(_ text: String) {
        lines = text.utf8.split(separator: 0x0a, omittingEmptySubsequences: false).map { line in
            let trimmed = Self.trim(Substring(line))
            return trimmed.hasPrefix("#") ? "" : trimmed
        }
    }

    /// The first word of a line, in lower case.
    static func command(of line: String) -> String {
        line.prefix { $0 != " " && $0 != "\t" }.lowercased()
    }

    /// A text without blanks at its ends.
    static func trim(_ text: some StringProtocol) -> String {
        var bytes = Array(text.utf8)[...]
        while let first = bytes.first, isSpace(first) { bytes.removeFirst() }
        while let last = bytes.last, isSpace(last) { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The first word of a text and the trimmed rest.
    static func firstWord(_ text: some StringProtocol) -> (word: String, rest: String) {
        let word = text.prefix { $0 != " " && $0 != "\t" }
        return (String(word), trim(text[word.endIndex...]))
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0d) }
}
