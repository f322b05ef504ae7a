import Documents
import Model
import PromQL

/// `/api/v1/query`, `/api/v1/query_range`, `/api/v1/format_query`.
enum QueryRoutes {
    /// Most points per series of a range query, counted in steps: 11,001 points pass.
    static let stepsMax: Int64 = 11_000

    static func add(to routes: inout RouteTable, _ context: ServerContext) {
        let execution = QueryExecution(context)
        routes.on(["GET", "POST"], "/api/v1/query", .read) { request throws(APIError) in
            let asked = try Instant(request.parameters, now: context.clock.now())
            return try await execution.instant(
                asked.query, at: asked.time, timeout: asked.timeout, lookback: asked.lookback
            ) { result throws(APIError) in try answer(result, limit: asked.limit, context) }
        }
        routes.atOnce("/api/v1/query") { request throws(APIError) in
            let asked = try Instant(request.parameters, now: context.clock.now())
            let result = try execution.instantAtOnce(
                asked.query, at: asked.time, timeout: asked.timeout, lookback: asked.lookback)
            guard let result else { return nil }
            return try answer(result, limit: asked.limit, context)
        }
        routes.on(["GET", "POST"], "/api/v1/query_range", .read) { request throws(APIError) in
            let parameters = request.parameters
            let start = try parameters.time("start")
            let end = try parameters.time("end")
            if end < start { throw .badParameter("end", "end timestamp must not be before start time") }
            guard let step = try parameters.duration("step") else { throw .badParameter("step", "it is missing") }
            if step <= 0 {
                throw .badParameter(
                    "step", "zero or negative query resolution step widths are not accepted. Try a positive integer")
            }
            let (span, overflow) = end.subtractingReportingOverflow(start)
            if overflow || span / step > stepsMax {
                throw .badData(
                    "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)"
                )
            }
            let limit = try parameters.limit()
            return try await execution.range(
                try parameters.required("query"), from: start, through: end, step: step,
                timeout: try parameters.duration("timeout"), lookback: try lookback(parameters)
            ) { result throws(APIError) in try answer(result, limit: limit, context) }
        }
        routes.on(["GET", "POST"], "/api/v1/format_query", .read) { request throws(APIError) in
            do {
                let expr = try Parser.parse(try request.parameters.required("query"))
                return Envelope.success { $0.string(expr.pretty) }
            } catch let error as ParseError {
                throw .badParameter("query", error.description)
            } catch let error as APIError {
                throw error
            } catch {
                throw .internal("\(error)")
            }
        }
    }

    /// The parameters of an instant query.
    private struct Instant {
        let query: String
        let time: Timestamp
        let limit: Int
        let timeout: Milliseconds?
        let lookback: Milliseconds?

        init(_ parameters: QueryParameters, now: Timestamp) throws(APIError) {
            time = try parameters.time("time", or: now)
            limit = try parameters.limit()
            query = try parameters.required("query")
            timeout = try parameters.duration("timeout")
            lookback = try QueryRoutes.lookback(parameters)
        }
    }

    private static func lookback(_ parameters: QueryParameters) throws(APIError) -> Milliseconds? {
        guard let value = try parameters.duration("lookback_delta") else { return nil }
        if value <= 0 { throw .badParameter("lookback_delta", "it must be positive") }
        return value
    }

    private static func answer(
        _ result: QueryResult, limit: Int, _ context: ServerContext
    ) throws(APIError) -> APIResponse {
        var result = result
        if limit > 0 { truncate(&result, to: limit) }
        for window in result.statistics.damaged {
            result.annotations.warnings.append(
                "data from \(window.span) is damaged and was left out")
        }
        let pieces = ResultPieces(result.value, result.annotations)
        return try .json(pieces, holding: pieces.heldBytes, within: context.answers)
    }

    private static func truncate(_ result: inout QueryResult, to limit: Int) {
        switch result.value {
        case .vector(let elements) where elements.count > limit: result.value = .vector(Array(elements.prefix(limit)))
        case .matrix(let series) where series.count > limit: result.value = .matrix(Array(series.prefix(limit)))
        default: return
        }
        result.annotations.warnings.append("results truncated due to limit")
    }
}
