import Model
import TestSupport

/// How the naive evaluator reads its data: from end to end.
extension NaiveData {
    /// The newest sample of each matching series in `(time - lookback, time]`, stale ones left out.
    func instant(_ matchers: [Matcher], at time: Timestamp, lookback: Milliseconds) -> [NaiveElement] {
        series.compactMap { one in
            guard matches(one.labels, matchers) else { return nil }
            let newest = one.samples.last { $0.time <= time && $0.time > time - lookback }
            guard let newest, !newest.value.isStaleMarker else { return nil }
            return NaiveElement(labels: one.labels, value: newest.value)
        }
    }

    /// The samples of each matching series in `(time - range, time]`, stale markers left out.
    func range(_ matchers: [Matcher], at time: Timestamp, range: Milliseconds) -> [Series] {
        series.compactMap { one in
            guard matches(one.labels, matchers) else { return nil }
            let inside = one.samples.filter { $0.time <= time && $0.time > time - range && !$0.value.isStaleMarker }
            return inside.isEmpty ? nil : Series(labels: one.labels, samples: inside)
        }
    }

    private func matches(_ labels: Labels, _ matchers: [Matcher]) -> Bool {
        matchers.allSatisfy { $0.matches(labels[$0.name]) }
    }
}

/// One element of an instant vector.
struct NaiveElement {
    var labels: Labels
    var value: Double
}

/// What an expression gives at one time.
enum NaiveValue {
    case scalar(Double)
    case vector([NaiveElement])
    case matrix([NaiveData.Series])
    case string(String)

    var vector: [NaiveElement] { if case .vector(let elements) = self { elements } else { [] } }
    var matrix: [NaiveData.Series] { if case .matrix(let series) = self { series } else { [] } }
    var scalar: Double { if case .scalar(let value) = self { value } else { .nan } }
    var string: String { if case .string(let text) = self { text } else { "" } }
}

/// Why the naive evaluator gives no answer.
enum NaiveError: Error {
    /// The query is an error for Prometheus too.
    case query(String)
    /// The oracle does not know this; such queries are not generated.
    case unknown(String)
}
