import AnalysisService
import Documents
import Model

/// `/api/v1/admin/tsdb/*`: off unless the program was started with `--web.enable-admin-api`, as in Prometheus.
enum AdminRoutes {
    static func add(to routes: inout RouteTable, _ context: ServerContext) {
        for name in ["snapshot", "delete_series", "clean_tombstones"] where !context.isAdminEnabled {
            routes.on(["POST", "PUT"], "/api/v1/admin/tsdb/\(name)", .admin, guarded: true) { _ throws(APIError) in
                throw .disabled("admin APIs disabled")
            }
        }
        guard context.isAdminEnabled else { return }
        // Nothing is ever marked as deleted: retention removes whole files.
        routes.on(["POST", "PUT"], "/api/v1/admin/tsdb/clean_tombstones", .admin, guarded: true) { _ throws(APIError) in
            APIResponse(status: 204, contentType: nil, body: [])
        }
        routes.on(["POST", "PUT"], "/api/v1/admin/tsdb/delete_series", .admin, guarded: true) { _ throws(APIError) in
            throw .disabled("series can't be deleted: samples go when --retention is over")
        }
        addSnapshot(to: &routes, context)
    }

    private static func addSnapshot(to routes: inout RouteTable, _ context: ServerContext) {
        // Copying takes a while, and one copy at a time is enough: it gets a thread of its own.
        let thread = EvaluationPool(threads: 1, waitingMax: 1)
        routes.on(["POST", "PUT"], "/api/v1/admin/tsdb/snapshot", .admin, guarded: true) { request throws(APIError) in
            let skippingHead = try boolean("skip_head", request.parameters)
            try context.checkWritable()
            guard let snapshotter = context.snapshotter else {
                throw .disabled("there is no data directory to copy: the server keeps everything in memory")
            }
            let now = context.clock.now()
            let result: Result<String, StorageError>
            do throws(EvaluationPool.Refusal) {
                result = try await thread.run { () -> Result<String, StorageError> in
                    do throws(StorageError) {
                        return .success(try snapshotter.snapshot(skippingHead: skippingHead, at: now))
                    } catch {
                        return .failure(error)
                    }
                }
            } catch {
                throw .unavailable("another snapshot is being made; try again later")
            }
            switch result {
            case .success(let name):
                return Envelope.success { json in
                    json.beginObject()
                    json.field("name", name)
                    json.endObject()
                }
            case .failure(let error): throw .internal("making the snapshot: \(error.description)")
            }
        }
    }

    /// A flag as Go reads one; false when absent.
    private static func boolean(_ name: String, _ parameters: QueryParameters) throws(APIError) -> Bool {
        guard let text = parameters[name] else { return false }
        switch text {
        case "1", "t", "T", "TRUE", "true", "True": return true
        case "0", "f", "F", "FALSE", "false", "False": return false
        default:
            throw .badParameter(
                name, "unable to parse boolean: strconv.ParseBool: parsing \(GoQuote.quoted(text)): invalid syntax")
        }
    }
}
