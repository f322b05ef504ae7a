import Foundation
import Model
import PromQL
import TestSupport
import Testing

/// Random queries over random data: the engine's answers against those of the naive evaluator.
///
/// `HALDANE_ORACLE_QUERIES` sets how many (default 2,000), `HALDANE_ORACLE_SEED` where to begin, so that a failing
/// one is repeated by its seed alone.
@Suite("Engine against the naive evaluator") struct OracleDifferentialTests {
    private static func setting(_ name: String, or fallback: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap(Int.init) ?? fallback
    }

    /// Queries asked of each random data set.
    private static let queriesPerData = 40

    @Test("random queries give the same answers") func randomQueries() throws {
        let count = Self.setting("HALDANE_ORACLE_QUERIES", or: 2000)
        let first = Self.setting("HALDANE_ORACLE_SEED", or: 1)
        let engine = Engine(.experimental)
        var asked = 0
        var answered = 0
        var seed = UInt64(first)
        while asked < count {
            var random = RandomQuery(seed: seed)
            let data = random.data()
            let store = ArrayStore()
            for series in data.series {
                for sample in series.samples { store.add(series.labels, sample.time, sample.value) }
            }
            for _ in 0..<Self.queriesPerData where asked < count {
                let query = random.vector()
                let time = random.time()
                asked += 1
                if try Self.compare(query, at: time, data, store, engine, seed) { answered += 1 }
            }
            seed += 1
        }
        print("oracle: \(asked) random queries from seed \(first), \(answered) with an answer, the others errors alike")
        #expect(answered * 2 > asked)
    }

    /// Whether both gave an answer. Both must fail, or both must give the same elements.
    private static func compare(
        _ query: String, at time: Timestamp, _ data: NaiveData, _ store: ArrayStore, _ engine: Engine, _ seed: UInt64
    ) throws -> Bool {
        let expr = try Parser.parse(query, options: .everything)
        let naive = NaiveEvaluator(data: data, start: time, end: time)
        let expected = Result { try naive.evaluate(expr, at: time).vector }
        let found = Result { try engine.instant(try engine.prepare(query), at: time, on: store) }
        switch (expected, found) {
        case (.failure(let error), .failure):
            if case .unknown(let what)? = error as? NaiveError {
                Issue.record("seed \(seed): the oracle lacks \(what): \(query)")
            }
            return false
        case (.success(let elements), .failure(let error)):
            Issue.record("seed \(seed) at \(time): \(query)\n  failed: \(error)\n  wanted \(elements.count) elements")
            return false
        case (.failure(let error), .success):
            Issue.record("seed \(seed) at \(time): \(query)\n  answered, and should fail: \(error)")
            return false
        case (.success(let elements), .success(let result)):
            guard case .vector(let vector) = result.value else {
                Issue.record("seed \(seed): \(query) is no vector")
                return false
            }
            let difference = difference(elements, vector)
            if let difference { Issue.record("seed \(seed) at \(time): \(query)\n  \(difference)") }
            return true
        }
    }

    private static func difference(_ wanted: [NaiveElement], _ found: [VectorElement]) -> String? {
        guard wanted.count == found.count else {
            return "wanted \(wanted.map(\.labels)), found \(found.map(\.labels))"
        }
        for element in wanted {
            guard let other = found.first(where: { $0.labels == element.labels }), case .float(let value) = other.value
            else {
                return "missing \(element.labels), found \(found.map(\.labels))"
            }
            if !close(element.value, value) { return "\(element.labels): wanted \(element.value), found \(value)" }
        }
        return nil
    }

    /// Equal up to what another order of additions explains.
    private static func close(_ one: Double, _ other: Double) -> Bool {
        if one.isNaN || other.isNaN { return one.isNaN && other.isNaN }
        if one == other { return true }
        return (one - other).magnitude <= 1e-9 * max(one.magnitude, other.magnitude) + 1e-9
    }
}
