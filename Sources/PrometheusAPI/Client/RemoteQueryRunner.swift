package import Analyzer
import FlaggerAPI
package import Model
package import Outbound
import PromQL

/// Runs checks whose template's own address is honoured by asking there, and all others in process.
///
/// The request is Flagger's: one instant query per check, by GET, five seconds, no retries. The time is always sent, so
/// that an evaluation of the past is one. Redirects are not followed: credentials are meant for one address.
package struct RemoteQueryRunner: QueryRunner {
    /// More diagnostic queries than these are too many for one empty answer.
    private static let diagnosticQueriesMax = 24

    /// Runs checks on remote engines with these secrets, and all others by `embedded`.
    package init(embedded: any QueryRunner, secrets: any SecretSource) {
        self.embedded = embedded
        self.secrets = secrets
    }

    /// Runs everything that is evaluated here.
    package let embedded: any QueryRunner
    /// Where credentials are.
    package let secrets: any SecretSource

    package func measure(_ check: Check, at time: Timestamp) async -> Measurement {
        guard case .remote(let address, let provider, let namespace, let sends) = check.destination else {
            return await embedded.measure(check, at: time)
        }
        guard check.prepared != nil else {
            return Measurement(.failed(check.problem.map(CheckError.spec) ?? .notRun))
        }
        do throws(CheckError) {
            let server = try RemoteEngine(
                address: address, provider: provider, namespace: namespace, secrets: sends ? secrets : nil)
            return try await measure(check, at: time, on: server)
        } catch {
            return Measurement(.failed(Self.located(error, in: check)))
        }
    }

    private func measure(
        _ check: Check, at time: Timestamp, on server: RemoteEngine
    ) async throws(CheckError) -> Measurement {
        let reply = try await server.ask(QueryText.folded(check.query), at: time)
        var measurement = Measurement(.value(.nan))
        measurement.elements = max(1, reply.values.count)
        measurement.series = reply.values.count
        measurement.warnings = reply.warnings
        if let last = reply.values.last {
            measurement.answer = .value(last)
        } else {
            measurement.answer = .empty(await reason(check, at: time, on: server))
        }
        let isNaN = reply.values.last?.isNaN == true
        if check.requestsMin > 0 || isNaN, let query = check.requestCount {
            measurement.requests = try await server.ask(query.text, at: time).values.last.flatMap {
                $0.isFinite ? $0 : nil
            }
        }
        if isNaN {
            // Which part of the query made it so can't be asked; whether something was counted can.
            let stoodStill = measurement.requests == 0
            measurement.answer = .empty(stoodStill ? .noTraffic : .notANumber(part: nil, operands: nil))
        }
        return measurement
    }

    /// Why the answer is empty, as far as the server can be asked for it.
    private func reason(_ check: Check, at time: Timestamp, on server: RemoteEngine) async -> InconclusiveReason {
        guard let expr = check.expr else { return .noValue }
        let diagnosis = NoDataDiagnosis(expr, at: time)
        guard diagnosis.queries.count <= Self.diagnosticQueriesMax else { return .noValue }
        var answers: [DiagnosticAnswer] = []
        do throws(CheckError) {
            for query in diagnosis.queries {
                guard let texts = query.promQL else { return .noValue }
                var answer = DiagnosticAnswer(series: try await count(texts.series, at: query.window.end, server))
                if query.countsSamples, answer.series > 0 {
                    answer.samplesMost = try await count(texts.samples, at: query.window.end, server)
                }
                answers.append(answer)
            }
        } catch {
            return .noValue
        }
        return diagnosis.reason(answers)
    }

    private func count(
        _ text: String, at time: Timestamp, _ server: RemoteEngine
    ) async throws(CheckError) -> Int {
        let value = try await server.ask(text, at: time).values.last ?? 0
        return Int(exactly: value.rounded()) ?? 0
    }

    /// With the object in which the address or the query stands.
    private static func located(_ error: CheckError, in check: Check) -> CheckError {
        guard case .template(let reference) = check.source else { return error }
        switch error {
        case .unreachable(let message): return .unreachable("MetricTemplate \(reference): \(message)")
        case .query(let message): return .query("MetricTemplate \(reference): \(message)")
        case .notANumber, .spec, .notRun: return error
        }
    }
}
