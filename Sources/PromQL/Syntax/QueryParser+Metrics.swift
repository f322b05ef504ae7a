import Model

extension QueryParser {
    /// A metric such as `up{job="a"}` at the very start of the text, and where it ends. What follows is not looked
    /// at, so that it may be in another language. The name may be missing, or be quoted inside the braces.
    mutating func metric() throws(ParseError) -> (labels: Labels, end: Int) {
        let first = try peek()
        var labels = Labels()
        if first.kind != .leftBrace {
            guard first.kind.isMetricName else { throw try unexpected() }
            _ = try take()
            labels[LabelName.metricName] = lexer.text(first)
            let end = first.range.end
            guard end < lexer.bytes.count, lexer.bytes[end] == 0x7b else { return (labels, end) }
        }
        _ = try expect(.leftBrace)
        while true {
            if let close = try accept(.rightBrace) { return (labels, close.range.end) }
            let label = try metricLabel()
            // The name before the braces wins over one inside.
            if label.name != LabelName.metricName || first.kind == .leftBrace { labels[label.name] = label.value }
            if try accept(.comma) != nil { continue }
            let close = try reading("label set", "\",\" or \"}\"") { (parser) throws(ParseError) in
                try parser.expect(.rightBrace)
            }
            return (labels, close.range.end)
        }
    }

    private mutating func metricLabel() throws(ParseError) -> Label {
        let name = try peek()
        guard name.kind == .identifier || name.kind == .string else {
            return try reading("label set", "identifier or \"}\"") { (parser) throws(ParseError) in
                throw try parser.unexpected()
            }
        }
        _ = try take()
        if name.kind == .string {
            if try accept(.assign) == nil {
                return Label(LabelName.metricName, try labelText(name, "metric name"))
            }
        } else {
            _ = try reading("label set", "\"=\"") { (parser) throws(ParseError) in try parser.expect(.assign) }
        }
        let value = try reading("label set", "string") { (parser) throws(ParseError) in try parser.expect(.string) }
        return Label(
            name.kind == .string ? try labelText(name, "label name") : lexer.text(name),
            try labelText(value, "label value"))
    }
}
