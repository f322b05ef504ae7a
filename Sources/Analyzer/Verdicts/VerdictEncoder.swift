package import Documents
package import FlaggerAPI
import Model

/// The JSON form of a verdict, which server and command line share.
package enum VerdictEncoder {
    /// The verdict as one JSON object, all keys always there; `reason` and `detail` of
    /// the whole only where there are no checks to have them.
    package static func json(_ verdict: Verdict) -> String {
        String(decoding: VerdictForm(verdict.checks.map(\.check)).json(verdict), as: UTF8.self)
    }

    /// The verdict with the Canary that it is about in front, as `POST /analysis/v1/evaluate` answers.
    package static func json(_ verdict: Verdict, of canary: ObjectReference) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("canary")
        writer.beginObject()
        writer.field("namespace", canary.namespace)
        writer.field("name", canary.name)
        writer.endObject()
        return writer.bytes + [UInt8(ascii: ",")] + VerdictForm(verdict.checks.map(\.check)).json(verdict).dropFirst()
    }

    /// Writes the verdict as the next value.
    package static func write(_ verdict: Verdict, into writer: inout JSONWriter) {
        writer.number(json(verdict))
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
    private let beforeTime = Array(",\"evaluatedAt\":\"".utf8)
    private let beforeChecks = Array("\",\"checks\":[".utf8)
    private let beforeValue = Array(",\"value\":".utf8)
    private let beforeDetail = Array(",\"detail\":".utf8)
    private let beforeSamples = Array(",\"samples\":".utf8)
    private let beforeSeries = Array(",\"series\":".utf8)
    private let beforeReasonOfAll = Array(",\"reason\":".utf8)
    private let beforeVerdict = Array("{\"verdict\":".utf8)

    /// Bytes of a verdict, about.
    let size: Int

    /// The form for these checks.
    package init(_ checks: [Check]) {
        parts = checks.map(Self.part)
        // What differs between verdicts mostly takes less than this.
        size = parts.reduce(128) { $0 + $1.beforeVerdict.count + $1.beforeReason.count + 160 }
    }

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
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        append(verdict, to: &bytes)
        return bytes
    }

    private func append(_ verdict: Verdict, to bytes: inout [UInt8]) {
        bytes += beforeVerdict
        JSONWriter.append(verdict.outcome.rawValue, to: &bytes)
        bytes += beforeTime
        RFC3339.append(verdict.evaluatedAt, to: &bytes)
        bytes += beforeChecks
        let results = verdict.checks.span
        for index in results.indices {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            append(results[index], parts[index], to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
        if verdict.checks.isEmpty {
            bytes += beforeReasonOfAll
            JSONWriter.append(ReasonText.codeWithoutChecks(verdict.outcome), to: &bytes)
            bytes += beforeDetail
            JSONWriter.append(ReasonText.sentenceWithoutChecks(verdict.outcome), to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    private func append(_ result: borrowing CheckResult, _ part: Part, to bytes: inout [UInt8]) {
        bytes += part.beforeVerdict
        JSONWriter.append(result.conclusion.outcome.rawValue, to: &bytes)
        bytes += beforeValue
        Self.append(result.value, to: &bytes)
        bytes += part.beforeReason
        JSONWriter.append(ReasonText.code(result.conclusion), to: &bytes)
        bytes += beforeDetail
        JSONWriter.append(ReasonText.detail(result), to: &bytes)
        bytes += beforeSamples
        bytes.append(contentsOf: String(result.samples).utf8)
        bytes += beforeSeries
        bytes.append(contentsOf: String(result.series).utf8)
        bytes.append(UInt8(ascii: "}"))
    }

    private static func text(_ key: String, _ value: String?, into writer: inout JSONWriter) {
        writer.key(key)
        if let value { writer.string(value) } else { writer.null() }
    }

    private static func number(_ key: String, _ value: Double?, into writer: inout JSONWriter) {
        writer.key(key)
        var bytes: [UInt8] = []
        append(value, to: &bytes)
        writer.splice(bytes, needsComma: true)
    }

    /// JSON has no infinities, so they are written as texts, the way the query API writes all values.
    private static func append(_ value: Double?, to bytes: inout [UInt8]) {
        guard let value else {
            bytes.append(contentsOf: "null".utf8)
            return
        }
        if value.isFinite {
            bytes.append(contentsOf: FloatText.json(value).utf8)
        } else {
            JSONWriter.append(FloatText.json(value), to: &bytes)
        }
    }
}
