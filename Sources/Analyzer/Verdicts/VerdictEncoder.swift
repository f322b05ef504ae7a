import Model
package import YAML

/// The JSON form of a verdict, which server and command line share.
package enum VerdictEncoder {
    /// The verdict as one JSON object, all keys always there.
    package static func json(_ verdict: Verdict) -> String {
        var writer = JSONWriter()
        write(verdict, into: &writer)
        return writer.text
    }

    /// Writes the verdict as the next value.
    package static func write(_ verdict: Verdict, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("verdict", verdict.outcome.rawValue)
        writer.field("evaluatedAt", RFC3339.text(verdict.evaluatedAt))
        writer.key("checks")
        writer.beginArray()
        for check in verdict.checks { write(check, into: &writer) }
        writer.endArray()
        writer.endObject()
    }

    private static func write(_ result: CheckResult, into writer: inout JSONWriter) {
        let check = result.check
        writer.beginObject()
        writer.field("metric", check.metric)
        writer.field("verdict", result.conclusion.outcome.rawValue)
        number("value", result.value, into: &writer)
        writer.key("range")
        writer.beginObject()
        number("min", check.threshold.accepted.min, into: &writer)
        number("max", check.threshold.accepted.max, into: &writer)
        writer.endObject()
        text("unit", check.unit?.rawValue, into: &writer)
        text("window", check.window, into: &writer)
        text("query", check.query.isEmpty ? nil : QueryText.folded(check.query), into: &writer)
        writer.field("reason", ReasonText.code(result.conclusion))
        writer.field("detail", ReasonText.detail(result))
        writer.field("samples", result.samples)
        writer.field("series", result.series)
        writer.endObject()
    }

    private static func text(_ key: String, _ value: String?, into writer: inout JSONWriter) {
        writer.key(key)
        if let value { writer.string(value) } else { writer.null() }
    }

    /// JSON has no infinities, so they are written as texts, the way the query API writes all values.
    private static func number(_ key: String, _ value: Double?, into writer: inout JSONWriter) {
        writer.key(key)
        guard let value else {
            writer.null()
            return
        }
        if value.isFinite { writer.number(FloatText.json(value)) } else { writer.string(FloatText.json(value)) }
    }
}
