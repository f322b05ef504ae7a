import FlaggerAPI
import Model
import PromQL

extension EmbeddedQueryRunner {
    /// `The canary has 162.00 ms of 612 requests, the primary 92.00 ms of 2950.`; `nil` when no side has a value.
    func note(_ sides: ComparisonSides, at time: Timestamp) -> String? {
        func number(_ query: PreparedQuery) -> Double? {
            guard case .success(let result) = evaluator.evaluate(query, at: time, on: store, zeroStart: sides.zeroStart)
            else {
                return nil
            }
            switch result.value {
            case .scalar(_, let value): return value
            case .vector(let elements):
                guard case .float(let value)? = elements.last?.value else { return nil }
                return value
            case .matrix, .string: return nil
            }
        }
        let values = sides.sides.map { number($0.query) }
        guard values.contains(where: { $0?.isFinite == true }) else { return nil }
        let texts = zip(sides.sides, values).map { side, value in
            let text =
                value.map { FloatText.fixed($0, places: 2) + (sides.unit.map { " \($0.rawValue)" } ?? "") }
                ?? "no value"
            guard let query = side.requests, let count = number(query), count.isFinite else {
                return "the \(side.name) has \(text)"
            }
            return "the \(side.name) has \(text) of \(FloatText.fixed(count, places: 0)) requests"
        }
        return "Beside each other: " + texts.joined(separator: ", ") + "."
    }
}
