import Analyzer
import Documents
import Model
import PromQL

/// Explains a query without a result: which matcher leaves nothing, and what is near it.
struct EmptyResult {
    /// The value of an instant query that gives one number; `nil` where it has none.
    typealias Ask = (String, Timestamp) async throws -> QueryValue

    /// More diagnostic queries than these are too many for one explanation.
    private static let queriesMax = 48
    /// Label values that are looked through for one that is near.
    private static let valuesMax = 50_000
    /// Label values that are few enough to be listed.
    private static let listedMax = 8

    let query: Expr
    let time: Timestamp
    let ask: Ask

    /// The sentences; `nil` where nothing can be told.
    func text() async -> String? {
        let diagnosis = NoDataDiagnosis(query, at: time)
        guard !diagnosis.selectors.isEmpty, diagnosis.queries.count <= Self.queriesMax else { return nil }
        var answers: [DiagnosticAnswer] = []
        for query in diagnosis.queries {
            guard let texts = query.promQL, let series = try? await count(texts.series, query.window.end) else {
                return nil
            }
            var answer = DiagnosticAnswer(series: series)
            if query.countsSamples, series > 0 {
                answer.samplesMost = (try? await count(texts.samples, query.window.end)) ?? 0
            }
            answers.append(answer)
        }
        let reason = ReasonText.sentence(diagnosis.reason(answers))
        for selector in diagnosis.selectors {
            for matcher in selector.matchers where matcher.kind == .equal && !matcher.value.isEmpty {
                if let hint = await hint(matcher, of: selector) { return "\(reason) \(hint)" }
            }
        }
        return reason
    }

    /// What the label of a matcher has, beside the other matchers, in place of the value asked for: one that is near, or all
    /// where they are few. `nil` where the label has that value, or nothing is there.
    private func hint(_ matcher: Matcher, of selector: QuerySelector) async -> String? {
        var others = selector.matchers.filter { $0 != matcher }
        if !others.contains(where: { !$0.matchesEmpty }) {
            guard let any = try? Matcher(.notEqual, matcher.name, "") else { return nil }
            others.append(any)
        }
        let length = PrometheusDuration.text(max(1, selector.window.end.minusClamped(selector.window.start)))
        let range = "{\(others.map(\.description).joined(separator: ","))}[\(length)]"
        let text = "count by (\(matcher.name)) (last_over_time(\(range)))"
        guard case .vector(let elements)? = try? await ask(text, selector.window.end),
            elements.count <= Self.valuesMax
        else { return nil }
        let values = elements.map { $0.labels[matcher.name] }.filter { !$0.isEmpty }
        guard !values.isEmpty, !values.contains(matcher.value) else { return nil }
        let missing = "\(matcher.name) has no \"\(matcher.value)\" there"
        if let near = Suggestion.nearest(to: matcher.value, in: values) {
            return "\(missing); did you mean \"\(near)\"?"
        }
        guard values.count <= Self.listedMax else { return nil }
        return "\(missing); it has " + values.sorted().map { "\"\($0)\"" }.joined(separator: ", ") + "."
    }

    private func count(_ text: String, _ time: Timestamp) async throws -> Int {
        guard case .vector(let elements) = try await ask(text, time), case .float(let number)? = elements.last?.value
        else { return 0 }
        return Int(saturating: number)
    }
}
