import Model
import PromQL

/// Evaluates one eval of a script in all the ways it must hold.
///
/// Besides the query itself, an instant query is evaluated with `@` on its selectors at other times, where it must
/// give the same answer, and each of these as a range query around its time.
struct EvalRunner {
    let eval: Script.Eval
    let engine: Engine
    let store: any Queryable
    let control: QueryControl

    /// A query at a time.
    private struct Case {
        var query: PreparedQuery
        var time: Timestamp
    }

    /// Why the eval fails, `nil` when it passes.
    func failure() -> ScriptReport.Failure? {
        do throws(Fault) {
            switch eval.time {
            case .range(let range): try checkRange(range)
            case .instant(let time): try checkInstant(at: eval.expectation.rangeVector?.through ?? time)
            }
            return nil
        } catch {
            return error.failure
        }
    }

    /// A failed eval, thrown.
    private struct Fault: Error {
        var failure: ScriptReport.Failure
    }

    private func checkRange(_ range: Script.StepRange) throws(Fault) {
        let query = try prepare(eval.query)
        let outcome = Self.attempt { () throws(QueryError) in
            try engine.range(
                query, from: range.from, through: range.through, step: range.step, on: store, control: control)
        }
        guard let result = try succeeded(outcome, query.text) else { return }
        try compare(result.value, range, query.text)
    }

    private func checkInstant(at time: Timestamp) throws(Fault) {
        let original = try prepare(eval.query)
        var cases = [Case(query: original, time: time)]
        if let fixed = SelectorTimes.fixed(original.expr, at: time) {
            let shifted = try prepare(fixed.text)
            cases += Self.otherTimes(than: time).map { Case(query: shifted, time: $0) }
        }
        for one in cases { try check(one) }
    }

    private static func otherTimes(than time: Timestamp) -> [Timestamp] {
        if time == 0 { return [-1000, 0, 1000] }
        return [time.multipliedReportingOverflow(by: -10).partialValue, 0, time / 5, time]
            + [time.multipliedReportingOverflow(by: 10).partialValue]
    }

    private func check(_ one: Case) throws(Fault) {
        let outcome = Self.attempt { () throws(QueryError) in
            try engine.instant(one.query, at: one.time, on: store, control: control)
        }
        guard let result = try succeeded(outcome, "\(one.query.text) at \(one.time) ms") else { return }
        try compare(result.value, eval.expectation.rangeVector, "\(one.query.text) at \(one.time) ms")
        try checkAsRange(one, result.value)
    }

    /// Evaluates the query as a range query whose middle step is its time.
    private func checkAsRange(_ one: Case, _ value: QueryValue) throws(Fault) {
        if eval.expectation.excludesRangeQuery || Self.dependsOnRange(one.query.text) { return }
        let what = "\(one.query.text) at \(one.time) ms in a range query"
        let outcome = Self.attempt { () throws(QueryError) in
            try engine.range(
                one.query, from: one.time - 60_000, through: one.time + 60_000, step: 60_000, on: store,
                control: control)
        }
        let result: QueryResult
        switch outcome {
        case .success(let found): result = found
        case .failure(let error): throw fault("\(what) failed: \(error.description)")
        }
        if eval.expectation.isOrdered { return }
        guard case .matrix(let matrix) = result.value else { throw fault("\(what) gave no matrix") }
        if let reason = ResultComparison.unsorted(matrix) { throw fault("\(what): \(reason)") }
        var elements: [VectorElement] = []
        for series in matrix {
            if let index = series.times.firstIndex(of: one.time) {
                elements.append(
                    VectorElement(labels: series.labels, time: one.time, value: .float(series.values[index])))
            }
            if let point = series.histograms.first(where: { $0.time == one.time }) {
                elements.append(
                    VectorElement(labels: series.labels, time: one.time, value: .histogram(point.histogram)))
            }
        }
        if case .scalar = value {
            guard case .float(let number)? = elements.first?.value else { throw fault("\(what) gave no value") }
            try compare(.scalar(one.time, number), nil, what)
        } else {
            try compare(.vector(elements), nil, what)
        }
    }

    /// Whether the text asks for the range or step of the query.
    private static func dependsOnRange(_ text: String) -> Bool {
        ["start()", "end()", "range()", "step()"].contains { text.contains($0) }
    }

    private func prepare(_ text: String) throws(Fault) -> PreparedQuery {
        do throws(QueryError) {
            return try engine.prepare(text)
        } catch {
            throw fault("query \(text): \(error.description)")
        }
    }

    private static func attempt(_ body: () throws(QueryError) -> QueryResult) -> Result<QueryResult, QueryError> {
        do throws(QueryError) { return .success(try body()) } catch { return .failure(error) }
    }

    /// The result, `nil` when the query failed as it should. Checks errors and annotations.
    private func succeeded(
        _ outcome: Result<QueryResult, QueryError>, _ what: String
    ) throws(Fault) -> QueryResult? {
        switch outcome {
        case .failure(let error):
            guard let rule = eval.expectation.failures.first else {
                throw fault("\(what) failed: \(error.description)")
            }
            if rule.allows(error.description) { return nil }
            throw fault("\(what) failed with another error", expected: rule.description, got: error.description)
        case .success(let result):
            if eval.expectation.mustFail { throw fault("\(what) should fail", got: ResultText.of(result.value)) }
            try check(eval.expectation.warnings, result.annotations.warnings, "warning", what)
            try check(eval.expectation.infos, result.annotations.infos, "info", what)
            return result
        }
    }

    private func check(
        _ rule: Expectation.AnnotationRule, _ found: [String], _ kind: String, _ what: String
    ) throws(Fault) {
        if rule.isRequired && found.isEmpty { throw fault("\(what): a \(kind) was expected") }
        if rule.isForbidden && !found.isEmpty {
            throw fault("\(what): no \(kind) was expected", got: found.joined(separator: "\n"))
        }
        if rule.rules.isEmpty { return }
        let shown = found.isEmpty ? "none" : found.joined(separator: "\n")
        for wanted in rule.rules where !found.contains(where: wanted.allows) {
            throw fault("\(what): a \(kind) is missing", expected: wanted.description, got: shown)
        }
        for text in found where !rule.rules.contains(where: { $0.allows(text) }) {
            let expected = rule.rules.map(\.description).joined(separator: "\n")
            throw fault("\(what): unexpected \(kind)", expected: expected, got: text)
        }
    }

    private func compare(_ value: QueryValue, _ steps: Script.StepRange?, _ what: String) throws(Fault) {
        guard var failure = ResultComparison(expectation: eval.expectation, steps: steps).failure(value) else { return }
        failure.reason = "\(what): \(failure.reason)"
        throw Fault(failure: failure)
    }

    private func fault(_ reason: String, expected: String = "", got: String = "") -> Fault {
        Fault(failure: ScriptReport.Failure(reason, expected: expected, got: got))
    }
}
