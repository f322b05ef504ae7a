package import Analyzer
package import Documents
import FlaggerAPI
package import Model
import PromQLScripts

/// A file of unit tests for Canaries: series, and the verdicts they should lead to.
///
/// ```yaml
/// files: [canary.yaml]             # relative to this file; or `objects:` with the objects themselves
/// tests:
///   - name: errors are noticed
///     interval: 10s
///     input_series:
///       - series: 'response_total{deployment="podinfo", classification="success"}'
///         values: '0+95x30'
///     analysis_test:
///       - eval_time: 5m
///         verdict: fail
///         checks: [{metric: success-rate, verdict: fail, value: 95, reason: below minimum}]
/// ```
package struct AnalysisTestFile {
    /// One entry of `tests`.
    package struct Group {
        var name: String
        var canary: Canary
        /// The samples of `input_series`.
        package var series: [SeriesSamples]
        var cases: [Case]
    }

    /// One entry of `analysis_test`.
    package struct Case {
        var time: Timestamp
        /// The verdict that is wanted; `nil` for any.
        package var verdict: Verdict.Outcome?
        var checks: [ExpectedCheck]
        /// Where the case stands in the file.
        package var location: SourceLocation
    }

    /// What is wanted of one check; what is absent may be anything.
    package struct ExpectedCheck {
        var metric: String
        var verdict: Verdict.Outcome?
        /// As written; `none` for no value.
        var value: String?
        var reason: String?
        var location: SourceLocation
    }

    /// Values all series of one test may stand for together.
    package static let samplesMax = 10_000_000

    /// The file, for messages.
    package let path: String
    private(set) var objects = ObjectFile()
    private(set) var groups: [Group] = []

    /// Whether a text is such a file rather than a script of the promqltest language: its first line that says
    /// something is that of a YAML mapping, where scripts have a command and its arguments.
    package static func isOne(_ text: String) -> Bool {
        for line in text.split(whereSeparator: \.isNewline) {
            guard let first = line.first(where: { !$0.isWhitespace }), first != "#" else { continue }
            if line.hasPrefix("---") || first == "{" || first == "%" { return true }
            return line.prefix { $0 != ":" }.allSatisfy { $0.isLetter || "_\"'".contains($0) } && line.contains(":")
        }
        return false
    }

    /// Reads a file and those it names, which `load` gives by their paths. Everything wrong with any of them is bad input, with its location.
    package init(_ text: String, path: String, load: (String) throws -> String) throws {
        self.path = path
        do {
            let documents = try DocumentReader.documents(text).filter { !$0.isNull }
            guard let document = documents.first else { throw CanaryTestError("\(path): no tests in it") }
            // What stands behind the first document would not be run.
            if let second = documents.dropFirst().first {
                throw CanaryTestError("\(path):\(second.location): another document: wanted one in a file")
            }
            var reader = try ObjectReader(document)
            let folder = path.contains("/") ? String(path[...(path.lastIndex(of: "/") ?? path.startIndex)]) : ""
            for file in try reader.strings("files") {
                let path = file.hasPrefix("/") ? file : folder + file
                objects.add(text: try load(path), file: path)
            }
            for element in try reader.elements("objects") { objects.add(element.node, file: path) }
            if let problems = Finding.refusal(Lint.findings(objects)) { throw CanaryTestError(problems) }
            let tests = try reader.elements("tests")
            try reader.finish()
            guard !tests.isEmpty else { throw reader.invalid("tests", "wanted a list of tests") }
            groups = try tests.map { try group(ObjectReader($0.node, path: $0.path)) }
        } catch let error as YAMLError {
            throw CanaryTestError("\(path):\(error.description)")
        }
    }

    private func group(_ test: consuming ObjectReader) throws -> Group {
        let interval = try Self.duration("interval", in: &test) ?? 60_000
        let name = try test.string("name") ?? ""
        let canary = try canary(&test)
        var samples = 0
        let series = try test.elements("input_series").map { element in
            var reader = try ObjectReader(element.node, path: element.path)
            let label = try reader.requiredString("series")
            let values = try reader.requiredNode("values").anyText(at: reader.path.key("values"))
            try reader.finish()
            do {
                let notation = try SeriesNotation("\(label) \(values)")
                samples += notation.values.count
                guard samples <= Self.samplesMax else {
                    throw reader.invalid("values", "more than \(Self.samplesMax) values in one test")
                }
                guard let samples = Self.samples(notation, every: interval) else {
                    throw reader.invalid("values", "their times are out of range")
                }
                return samples
            } catch let error as ScriptError { throw reader.invalid("values", error.description) }
        }
        let cases = try test.elements("analysis_test").map { try Self.case(ObjectReader($0.node, path: $0.path)) }
        try test.finish()
        guard !cases.isEmpty else {
            throw test.invalid("analysis_test", "wanted at least one eval_time with a verdict")
        }
        return Group(name: name, canary: canary, series: series, cases: cases)
    }

    /// The Canary that a test names, by name or `name.namespace`; without a name the only one.
    private func canary(_ test: inout ObjectReader) throws -> Canary {
        let all = objects.canaries.map(\.value)
        let list = all.map(\.reference.description).joined(separator: ", ")
        guard let name = try test.string("canary") else {
            guard all.count == 1 else {
                throw test.invalid(
                    "canary", all.isEmpty ? "no Canary in files or objects" : "wanted one of \(list), found none")
            }
            return all[0]
        }
        let found = all.filter { $0.reference.description == name || $0.reference.name == name }
        guard found.count == 1 else { throw test.invalid("canary", "wanted one of \(list), found \"\(name)\"") }
        return found[0]
    }

    /// `nil` when there are times beyond `Timestamp.latest`.
    private static func samples(_ notation: SeriesNotation, every interval: Milliseconds) -> SeriesSamples? {
        let last = Timestamp(notation.values.count).timesClamped(by: interval)
        if last > .latest { return nil }
        var out = SeriesSamples(labels: notation.labels, times: [], values: [])
        for (index, value) in notation.values.enumerated() {
            switch value {
            case .omitted: continue
            case .float(let number): out.values.append(.float(number))
            case .histogram(let histogram, _): out.values.append(.histogram(histogram))
            }
            out.times.append(Timestamp(index) * interval)
        }
        return out
    }

    private static func `case`(_ test: consuming ObjectReader) throws -> Case {
        guard let time = try duration("eval_time", in: &test) else {
            throw test.invalid("eval_time", "is missing: wanted a duration from the start, such as 5m")
        }
        let verdict = try outcome(&test)
        let checks = try test.elements("checks").map { element in
            var reader = try ObjectReader(element.node, path: element.path)
            let check = ExpectedCheck(
                metric: try reader.requiredString("metric"), verdict: try outcome(&reader),
                value: try value(&reader), reason: try reader.string("reason"), location: reader.location)
            try reader.finish()
            guard check.verdict != nil || check.value != nil || check.reason != nil else {
                throw reader.invalid(
                    "metric", "nothing is expected of this check: wanted a verdict, a value or a reason")
            }
            return check
        }
        try test.finish()
        guard verdict != nil || !checks.isEmpty else {
            throw test.invalid("verdict", "nothing is expected: wanted a verdict or checks")
        }
        return Case(time: time, verdict: verdict, checks: checks, location: test.location)
    }

    private static func outcome(_ reader: inout ObjectReader) throws -> Verdict.Outcome? {
        guard let word = try reader.string("verdict") else { return nil }
        guard let outcome = Verdict.Outcome(rawValue: word) else {
            let known = Verdict.Outcome.allCases.map(\.rawValue).joined(separator: ", ")
            throw reader.invalid("verdict", "wanted \(known), found \"\(word)\"")
        }
        return outcome
    }

    private static func value(_ reader: inout ObjectReader) throws -> String? {
        guard let text = try reader.anyText("value") else { return nil }
        guard text == "none" || Double(text) != nil else {
            throw reader.invalid("value", "wanted a number or none, found \"\(text)\"")
        }
        return text
    }

    private static func duration(_ key: String, in reader: inout ObjectReader) throws -> Milliseconds? {
        guard let text = try reader.anyText(key) else { return nil }
        do { return try PrometheusDuration.parse(text) } catch {
            throw reader.invalid(key, "wanted a duration such as 30s or 5m, found \"\(text)\"")
        }
    }
}
