/// The JSON form of findings, which server and command line share.
package enum FindingEncoder {
    /// Writes the findings as an array: `severity`, `message`, `object`, `path`, `file`, `line`, `column`, each always
    /// there and `null` where it is not known.
    package static func write(_ findings: [Finding], into writer: inout JSONWriter) {
        writer.beginArray()
        for finding in findings {
            writer.beginObject()
            writer.field("severity", finding.severity.rawValue)
            writer.field("message", finding.message)
            text("object", finding.object, into: &writer)
            text("path", finding.path?.text, into: &writer)
            text("file", finding.file, into: &writer)
            number("line", finding.location?.line, into: &writer)
            number("column", finding.location?.column, into: &writer)
            writer.endObject()
        }
        writer.endArray()
    }

    private static func text(_ key: String, _ value: String?, into writer: inout JSONWriter) {
        writer.key(key)
        if let value { writer.string(value) } else { writer.null() }
    }

    private static func number(_ key: String, _ value: Int?, into writer: inout JSONWriter) {
        writer.key(key)
        if let value { writer.int(value) } else { writer.null() }
    }
}
