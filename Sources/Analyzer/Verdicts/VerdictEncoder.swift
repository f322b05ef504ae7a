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
        VerdictForm(verdict.checks.map(\.check)).write(verdict, into: &writer)
    }
}

/// What is the same in the JSON of every verdict about some checks, so that those who judge them again and again write
/// it once.
package struct VerdictForm: Sendable {
    private struct Part: Sendable {
        /// From the check's beginning to its verdict.
        var beforeVerdict: [UInt8]
        /// From behind its value to its reason.
        var beforeReason: [UInt8]
    }

    private let parts: [Part]

    /// The form for these checks.
    package init(_ checks: [Check]) { parts = checks.map(Self.part) }

    private static func part(_ check: Check) -> Part {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("metric", check.metric)
        writer.key("verdict")
        let beforeVerdict = writer.bytes
        writer = JSONWriter()
        writer.splice([], needsComma: true)
        writer.key("range")
        writer.beginObject()
        number("min", check.threshold.accepted.min, into: &writer)
        number("max", check.threshold.accepted.max, into: &writer)
        writer.endObject()
        text("unit", check.unit?.rawValue, into: &writer)
        text("window", check.window, into: &writer)
        text("query", check.query.isEmpty ? nil : QueryText.folded(check.query), into: &writer)
        writer.key("reason")
        return Part(beforeVerdict: beforeVerdict, beforeReason: writer.bytes)
    }

    /// The verdict, which must be about these checks, as one JSON object.
    package func json(_ verdict: Verdict) -> [UInt8] {
        var writer = JSONWriter()
        // What differs between verdicts mostly takes less than this.
        writer.bytes.reserveCapacity(parts.reduce(128) { $0 + $1.beforeVerdict.count + $1.beforeReason.count + 256 })
        write(verdict, into: &writer)
        return writer.bytes
    }

    /// Writes it as the next value.
    func write(_ verdict: Verdict, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("verdict", verdict.outcome.rawValue)
        writer.key("evaluatedAt")
        writer.splice([UInt8(ascii: "\"")], needsComma: false)
        RFC3339.append(verdict.evaluatedAt, to: &writer.bytes)
        writer.splice([UInt8(ascii: "\"")], needsComma: true)
        writer.key("checks")
        writer.beginArray()
        for (place, result) in verdict.checks.enumerated() {
            if place > 0 { writer.bytes.append(UInt8(ascii: ",")) }
            write(result, parts[place], into: &writer)
        }
        writer.endArray()
        writer.endObject()
    }

    private func write(_ result: CheckResult, _ part: Part, into writer: inout JSONWriter) {
        writer.splice(part.beforeVerdict, needsComma: false)
        writer.string(result.conclusion.outcome.rawValue)
        Self.number("value", result.value, into: &writer)
        writer.splice(part.beforeReason, needsComma: false)
        writer.string(ReasonText.code(result.conclusion))
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
