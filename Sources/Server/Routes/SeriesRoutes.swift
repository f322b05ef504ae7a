import Model
import PromQL
import TSDB
import YAML

/// `/api/v1/series`, `/api/v1/labels`, `/api/v1/label/{name}/values`.
enum SeriesRoutes {
    static func add(to routes: inout RouteTable, _ context: ServerContext) {
        let database = context.database
        routes.on(["GET", "POST"], "/api/v1/series") { request throws(APIError) in
            let selectors = try selectors(request)
            if selectors.isEmpty { throw .badData("no match[] parameter provided") }
            let window = try window(request)
            let found = try await onPool(context) { () throws(StorageError) in
                try database.series(matching: selectors, in: window)
            }
            let (kept, annotations) = try limited(found, request)
            return Envelope.success(annotations: annotations) { json in
                json.beginArray()
                for labels in kept { ResultJSON.write(labels, to: &json) }
                json.endArray()
            }
        }
        routes.on(["GET", "POST"], "/api/v1/labels") { request throws(APIError) in
            let selectors = try selectors(request)
            let window = try window(request)
            let names = try await onPool(context) { () throws(StorageError) in
                try database.labelNames(matching: selectors, in: window)
            }
            return try texts(names, request)
        }
        routes.on(["GET"], "/api/v1/label/{name}/values") { request throws(APIError) in
            let name = try labelName(request.captures["name"] ?? "")
            let selectors = try selectors(request)
            let window = try window(request)
            let values = try await onPool(context) { () throws(StorageError) in
                try database.labelValues(of: name, matching: selectors, in: window)
            }
            return try texts(values, request)
        }
    }

    /// Runs a store call on an evaluation thread.
    static func onPool<Value: Sendable>(
        _ context: ServerContext, _ work: @escaping @Sendable () throws(StorageError) -> Value
    ) async throws(APIError) -> Value {
        let result: Result<Value, StorageError>
        do {
            result = try await context.pool.run { () -> Result<Value, StorageError> in
                do throws(StorageError) { return .success(try work()) } catch { return .failure(error) }
            }
        } catch {
            throw .unavailable("too many requests: \(error.waitingMax) are waiting already; try again later")
        }
        switch result {
        case .success(let value): return value
        case .failure(let error): throw .internal(error.description)
        }
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

    private static func limited<Item>(
        _ items: [Item], _ request: APIRequest
    ) throws(APIError) -> (kept: [Item], annotations: Annotations) {
        var annotations = Annotations()
        let limit = try request.parameters.limit()
        guard limit > 0, items.count > limit else { return (items, annotations) }
        annotations.warnings = ["results truncated due to limit"]
        return (Array(items.prefix(limit)), annotations)
    }

    private static func texts(_ items: [String], _ request: APIRequest) throws(APIError) -> APIResponse {
        let (kept, annotations) = try limited(items, request)
        return Envelope.success(annotations: annotations) { json in
            json.beginArray()
            for text in kept { json.string(text) }
            json.endArray()
        }
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
