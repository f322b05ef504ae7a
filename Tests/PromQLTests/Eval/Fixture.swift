import Foundation
import Model
import PromQL
import TestSupport

/// A store filled from lines such as `x{a="b"} 0+1x3 _ stale 7`, one value per `step`, and an engine to ask it with.
struct Fixture {
    var store = ArrayStore()
    var engine: Engine

    init(_ text: String, step: Milliseconds = 60_000, options: EngineOptions = Fixture.options()) {
        engine = Engine(options)
        for line in text.split(separator: "\n") where !line.trimmingCharacters(in: .whitespaces).isEmpty {
            let line = line.trimmingCharacters(in: .whitespaces)
            let split = line.firstIndex { $0 == " " } ?? line.endIndex
            let labels = Self.labels(String(line[..<split]))
            for (row, value) in Self.values(String(line[split...])).enumerated() {
                if let value { store.add(labels, Timestamp(row) * step, value) }
            }
        }
    }

    static func options(delayed: Bool = false) -> EngineOptions {
        var options = EngineOptions()
        options.parser = .everything
        options.delayedNameRemoval = delayed
        return options
    }

    static func labels(_ text: String) -> Labels {
        guard text != "{}", let matchers = try? Parser.parseSelector(text) else { return Labels() }
        return Labels(matchers.map { Label($0.name, $0.value) })
    }

    static func values(_ text: String) -> [Double?] {
        text.split(separator: " ").flatMap { item -> [Double?] in
            if item == "_" { return [nil] }
            if item == "stale" { return [SpecialValue.stale] }
            guard let times = item.lastIndex(of: "x"), let count = Int(item[item.index(after: times)...]) else {
                return [number(String(item))]
            }
            let body = item[..<times]
            let sign = body.dropFirst().lastIndex { $0 == "+" || $0 == "-" }
            let first = number(String(body[..<(sign ?? body.endIndex)]))
            let step = sign.map { number(String(body[$0...])) } ?? 0
            return (0...count).map { first + Double($0) * step }
        }
    }

    static func number(_ text: String) -> Double { text == "NaN" ? .nan : Double(text) ?? .nan }

    func instant(_ query: String, at time: Timestamp = 0, control: QueryControl = QueryControl()) throws -> QueryResult
    {
        try engine.instant(try engine.prepare(query), at: time, on: store, control: control)
    }

    func range(_ query: String, _ from: Timestamp, _ through: Timestamp, _ step: Milliseconds) throws -> QueryResult {
        try engine.range(try engine.prepare(query), from: from, through: through, step: step, on: store)
    }

    /// What a query answers, as lines `labels value value ...` (`value@milliseconds` in a matrix), sorted unless the order
    /// matters; errors as `error: ...`.
    func lines(_ query: String, at time: Timestamp = 0, ordered: Bool = false) -> [String] {
        do {
            let lines = Self.lines(try instant(query, at: time).value)
            return ordered ? lines : lines.sorted()
        } catch {
            return ["error: \(error)"]
        }
    }

    static func lines(_ value: QueryValue) -> [String] {
        switch value {
        case .scalar(_, let value): return ["scalar \(FloatText.json(value))"]
        case .string(_, let text): return ["string \(text)"]
        case .vector(let elements):
            return elements.map { element in
                switch element.value {
                case .float(let value): "\(element.labels) \(FloatText.json(value))"
                case .histogram: "\(element.labels) histogram"
                }
            }
        case .matrix(let series):
            return series.map { series in
                let samples = zip(series.times, series.values).map { "\(FloatText.json($1))@\($0)" }
                return "\(series.labels) " + samples.joined(separator: " ")
            }
        }
    }
}

/// A query at a time and what it should answer.
struct Case: Sendable, CustomStringConvertible {
    let query: String
    let time: Timestamp
    let expected: [String]

    init(_ query: String, at time: Timestamp = 0, _ expected: String...) {
        self.query = query
        self.time = time
        self.expected = expected
    }

    var description: String { query }
}
