import FlaggerAPI
package import Model
import PromQL

/// Runs the queries of checks in this process.
///
/// Evaluation is synchronous work on the caller's thread, as the rest of the core; a shell that must not block hands
/// in `perform`, which takes each measurement to threads made for it.
package struct EmbeddedQueryRunner: QueryRunner {
    /// Takes work elsewhere and waits for it.
    package typealias Perform = @Sendable (@escaping @Sendable () -> Measurement) async -> Measurement

    let evaluator: any InstantEvaluator
    let store: any Queryable
    private let lookback: Milliseconds
    /// Whether reasons may name samples that are later than the time of the check.
    private let seesLater: Bool
    private let perform: Perform

    /// A runner over a store. `lookback` is the engine's, for the diagnosis of empty answers. Without `seesLater` a
    /// check has the same result, to the letter, at its time and whenever it is run again over more data.
    package init(
        _ evaluator: any InstantEvaluator, on store: any Queryable, lookback: Milliseconds = 300_000,
        seesLater: Bool = true, perform: @escaping Perform = { $0() }
    ) {
        self.evaluator = evaluator
        self.store = store
        self.lookback = lookback
        self.seesLater = seesLater
        self.perform = perform
    }

    package func measure(_ check: Check, at time: Timestamp) async -> Measurement {
        await perform { measurement(check, at: time) }
    }

    /// The measurement that follows from an answer without further queries.
    private static func measurement(of result: QueryResult) -> Measurement {
        var measurement = Measurement(answer(result.value))
        measurement.elements = elements(result.value)
        measurement.series = result.statistics.series
        measurement.samples = result.statistics.samplesRead
        measurement.zeroStarts = result.statistics.zeroStarts
        measurement.warnings = result.annotations.warnings + result.statistics.damaged.map(damage)
        return measurement
    }

    private static func requests(_ result: QueryResult) -> Double? {
        guard case .value(let number) = answer(result.value), number.isFinite else { return nil }
        return number
    }

    /// The measurement itself, on the calling thread.
    package func measurement(_ check: Check, at time: Timestamp) -> Measurement {
        guard let query = check.prepared else {
            return Measurement(.failed(check.problem.map(CheckError.spec) ?? .notRun))
        }
        if let plan = check.sequential { return measurement(check, plan, at: time) }
        switch evaluator.evaluate(query, at: time, on: store, zeroStart: check.zeroStart) {
        case .failure(let error): return Measurement(.failed(error))
        case .success(let result):
            var measurement = Self.measurement(of: result)
            switch measurement.answer {
            case .empty: measurement.answer = explained(check, at: time)
            case .value(let value) where value.isNaN:
                measurement.answer = .empty(reasonOfNaN(query, at: time, zeroStart: check.zeroStart))
            case .value, .failed: break
            }
            if measurement.series > 0, check.mayReadProbes {
                measurement.onlyHealthProbes = readOnlyHealthProbes(check, at: time)
            }
            measurement.requests = requests(check, at: time)
            if seesLater, let sides = check.sides, let note = note(sides, at: time) {
                measurement.warnings.insert(note, at: 0)
            }
            return measurement
        }
    }

    /// Flagger takes the last element; strings, matrices and native histograms are no numbers.
    private static func answer(_ value: QueryValue) -> Measurement.Answer {
        switch value {
        case .scalar(_, let number): return .value(number)
        case .string: return .failed(.notANumber("a string"))
        case .matrix: return .failed(.notANumber("a range of values"))
        case .vector(let elements):
            guard let last = elements.last else { return .empty(.noValue) }
            guard case .float(let number) = last.value else { return .failed(.notANumber("a native histogram")) }
            return .value(number)
        }
    }

    private static func elements(_ value: QueryValue) -> Int {
        if case .vector(let elements) = value { return elements.count }
        return 1
    }

    static func damage(_ window: TimeWindow) -> String {
        "Stored data from \(window.span) is damaged and missing."
    }

    func explained(_ check: Check, at time: Timestamp) -> Measurement.Answer {
        guard let expr = check.expr else { return .empty(.noValue) }
        let diagnosis = NoDataDiagnosis(expr, at: time, lookback: lookback)
        do throws(StorageError) {
            let finding = diagnosis.finding(try DiagnosticQueryRunner(store: store).answers(to: diagnosis.queries))
            guard let selector = finding.missing else { return .empty(finding.reason) }
            let missing = MissingSamples(store: store, lookback: lookback, seesLater: seesLater)
            return .empty(try missing.reason(selector, else: finding.reason))
        } catch {
            return .failed(.query(error.description))
        }
    }

    private func reasonOfNaN(_ query: PreparedQuery, at time: Timestamp, zeroStart: Bool) -> InconclusiveReason {
        var diagnosis = NaNDiagnosis(query) { text in
            guard case .success(let part) = QueryParsing.parse(text),
                case .success(let result) = evaluator.evaluate(part, at: time, on: store, zeroStart: zeroStart)
            else { return nil }
            return result.value
        }
        return diagnosis.reason(query.expr)
    }

    private func readOnlyHealthProbes(_ check: Check, at time: Timestamp) -> Bool {
        guard let expr = check.expr else { return false }
        let queries = HealthProbeTraffic.queries(expr, at: time, lookback: lookback)
        guard !queries.isEmpty, let answers = try? DiagnosticQueryRunner(store: store).answers(to: queries) else {
            return false
        }
        return HealthProbeTraffic.isAll(answers)
    }

    private func requests(_ check: Check, at time: Timestamp) -> Double? {
        guard check.requestsMin > 0, let query = check.requestCount,
            case .success(let result) = evaluator.evaluate(query, at: time, on: store, zeroStart: check.zeroStart)
        else { return nil }
        return Self.requests(result)
    }
}
