/// Breaks texts into lines between words.
package enum WrappedText {
    /// The words of a text in lines of at most `width` columns, of which the first line has lost `first` already and
    /// the others `rest`. A word is never broken, so that names and queries can be copied.
    package static func lines(_ text: String, first: Int, rest: Int, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            let taken = lines.isEmpty ? first : rest
            if !line.isEmpty, taken + line.count + 1 + word.count > width {
                lines.append(line)
                line = String(word)
            } else {
                line += (line.isEmpty ? "" : " ") + word
            }
        }
        return lines + [line]
    }
}
