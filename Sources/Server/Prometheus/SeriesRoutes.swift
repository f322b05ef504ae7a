import AnalysisService
import Documents
import Model
import PromQL
import PrometheusAPI
import TSDB

/// `/api/v1/series`, `/api/v1/labels`, `/api/v1/label/{name}/values`.
enum SeriesRoutes {
    static func add(to routes: inout RouteTable, _ context: ServerContext) {
        let database = context.database
        routes.on(["GET", "POST"], "/api/v1/series", .read) { request throws(APIError) in
            let selectors = try selectors(request)
            if selectors.isEmpty { throw .badData("no match[] parameter provided") }
            let window = try window(request)
            let limit = try request.parameters.limit()
            return try await answer(context, limit: limit) { () throws(StorageError) in
                try database.series(matching: selectors, in: window)
            } each: {
                ResultJSON.write($0, to: &$1)
            }
        }
        routes.on(["GET", "POST"], "/api/v1/labels", .read) { request throws(APIError) in
            let selectors = try selectors(request)
            let window = try window(request)
            let limit = try request.parameters.limit()
            return try await answer(context, limit: limit) { () throws(StorageError) in
                try database.labelNames(matching: selectors, in: window)
            } each: {
                $1.string($0)
            }
        }
        routes.on(["GET"], "/api/v1/label/{name}/values", .read) { request throws(APIError) in
            let name = try labelName(request.captures["name"] ?? "")
            let selectors = try selectors(request)
            let window = try window(request)
            let limit = try request.parameters.limit()
            return try await answer(context, limit: limit) { () throws(StorageError) in
                try database.labelValues(of: name, matching: selectors, in: window)
            } each: {
                $1.string($0)
            }
        }
    }

    /// What an item of a list takes in memory, about.
    private static let itemBytes = 160

    /// A list from the store, found and written on a thread of lookups.
    private static func answer<Item: Sendable>(
        _ context: ServerContext, limit: Int, _ find: @escaping @Sendable () throws(StorageError) -> [Item],
        each: @escaping @Sendable (Item, inout JSONWriter) -> Void
    ) async throws(APIError) -> APIResponse {
        try await onPool(context, find) { found throws(APIError) in
            var annotations = Annotations()
            var kept = found
            if limit > 0, found.count > limit {
                annotations.warnings = ["results truncated due to limit"]
                kept = Array(found.prefix(limit))
            }
            return try .json(
                ListPieces(kept, annotations, each), holding: kept.count * itemBytes, within: context.answers)
        }
    }

    /// Asks the store, and makes the answer of what it says, on a thread of lookups.
    static func onPool<Value>(
        _ context: ServerContext, _ find: @escaping @Sendable () throws(StorageError) -> Value,
        answer: @escaping @Sendable (Value) throws(APIError) -> APIResponse
    ) async throws(APIError) -> APIResponse {
        try await onPool(context) { () throws(APIError) in
            let value: Value
            do throws(StorageError) { value = try find() } catch { throw .internal(error.description) }
            return try answer(value)
        }
    }

    /// Does work on a thread of lookups.
    static func onPool<Value: Sendable>(
        _ context: ServerContext, _ work: @escaping @Sendable () throws(APIError) -> Value
    ) async throws(APIError) -> Value {
        try await onPool(context.lookups, work)
    }

    /// Does work on a thread of a pool.
    static func onPool<Value: Sendable>(
        _ pool: EvaluationPool, _ work: @escaping @Sendable () throws(APIError) -> Value
    ) async throws(APIError) -> Value {
        let result: Result<Value, APIError>
        do throws(EvaluationPool.Refusal) {
            result = try await pool.run { _ in
                do throws(APIError) { return .success(try work()) } catch { return .failure(error) }
            }
        } catch {
            throw APIError(error, of: "requests")
        }
        return try result.get()
    }

    /// The `match[]` parameters.
    static func selectors(_ request: APIRequest) throws(APIError) -> [[Matcher]] {
        var out: [[Matcher]] = []
        for text in request.parameters.all("match[]") {
            do { out.append(try Parser.parseSelector(text)) } catch {
                throw .badParameter("match[]", error.description)
            }
        }
        return out
    }

    private static func window(_ request: APIRequest) throws(APIError) -> TimeWindow {
        let start = try request.parameters.time("start", or: .min)
        let end = try request.parameters.time("end", or: .max)
        return TimeWindow(after: start == .min ? .min : start - 1, through: end)
    }

    /// A label name of a path: as it is, or in the `U__` escaped form for names that a path can't carry.
    private static func labelName(_ segment: String) throws(APIError) -> String {
        guard segment.hasPrefix("U__") else {
            guard !segment.isEmpty else { throw .badData("invalid label name: \"\"") }
            return segment
        }
        var out = ""
        var rest = Substring(segment.dropFirst(3))
        while let character = rest.popFirst() {
            guard character == "_" else {
                out.append(character)
                continue
            }
            if rest.first == "_" {
                rest.removeFirst()
                out.append("_")
                continue
            }
            guard let end = rest.firstIndex(of: "_"), let code = UInt32(rest[..<end], radix: 16),
                let scalar = Unicode.Scalar(code)
            else { throw .badData("invalid label name: \(GoQuote.quoted(segment))") }
            out.unicodeScalars.append(scalar)
            rest = rest[rest.index(after: end)...]
        }
        return out
    }
}
