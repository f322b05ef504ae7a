import AnalysisService
import Documents
import Model
import TSDB

/// `/api/v1/status/*`, and the endpoints for rules and alerts, of which this server has none.
enum StatusRoutes {
    static func add(to routes: inout RouteTable, _ context: ServerContext) {
        let facts = context.facts
        routes.on(["GET"], "/api/v1/status/buildinfo", .read) { _ throws(APIError) in
            Envelope.success { json in
                object(
                    &json,
                    [
                        ("version", facts.compatibleVersion), ("revision", "haldane-\(facts.version)"),
                        ("branch", "HEAD"),
                        ("buildUser", "haldane"), ("buildDate", ""), ("goVersion", "swift"),
                    ])
            }
        }
        routes.on(["GET"], "/api/v1/status/runtimeinfo", .read) { _ throws(APIError) in
            Envelope.success { json in
                object(
                    &json,
                    [
                        ("startTime", RFC3339.text(facts.startTime)), ("CWD", ""), ("hostname", ""),
                        ("serverTime", RFC3339.text(context.clock.now())), ("GOGC", ""), ("GODEBUG", ""),
                        ("storageRetention", facts.retention),
                    ],
                    [
                        ("reloadConfigSuccess", String(facts.configuration.status.isCurrent)),
                        ("corruptionCount", String(context.database.damagedRanges.count)), ("goroutineCount", "0"),
                        ("GOMAXPROCS", "0"), ("GOMEMLIMIT", "0"),
                    ])
            }
        }
        routes.on(["GET"], "/api/v1/status/config", .read) { _ throws(APIError) in
            Envelope.success { object(&$0, [("yaml", facts.configuration.status.text)]) }
        }
        routes.on(["GET"], "/api/v1/status/flags", .read) { _ throws(APIError) in
            Envelope.success { object(&$0, facts.flags) }
        }
        addStore(to: &routes, context)
        addEmpty(to: &routes)
    }

    private static func addStore(to routes: inout RouteTable, _ context: ServerContext) {
        routes.on(["GET"], "/api/v1/status/tsdb", .read) { request throws(APIError) in
            let limit = try request.parameters.limit()
            let database = context.database
            return try await SeriesRoutes.onPool(context) { () throws(StorageError) in
                (database.statistics(top: limit == 0 ? 10 : limit), database.damagedParts)
            } answer: { found throws(APIError) in
                answer(found.0, damaged: found.1, context)
            }
        }
    }

    private static func answer(
        _ statistics: DatabaseStatistics, damaged: [DamagedPart], _ context: ServerContext
    ) -> APIResponse {
        Envelope.success { json in
            json.beginObject()
            json.key("headStats")
            json.beginObject()
            json.field("numSeries", statistics.series)
            json.field("numLabelPairs", statistics.labelPairs)
            json.field("chunkCount", statistics.chunks)
            json.field("minTime", statistics.minTime ?? 0)
            json.field("maxTime", statistics.maxTime ?? 0)
            json.endObject()
            counts("seriesCountByMetricName", statistics.topMetricNames.map { ($0.name, $0.series) }, &json)
            counts("labelValueCountByLabelName", statistics.topLabelNames.map { ($0.name, $0.values) }, &json)
            counts("memoryInBytesByLabelName", [], &json)
            counts("seriesCountByLabelValuePair", [], &json)
            json.key("haldane")
            json.beginObject()
            json.field("groups", statistics.groups)
            json.field("samples", statistics.samples)
            json.field("residentBytes", statistics.residentBytes)
            json.field("chunkBytes", statistics.chunkBytes)
            json.field("symbols", statistics.symbols)
            storage(context, &json)
            list(damaged, &json)
            json.endObject()
            json.endObject()
        }
    }

    /// What could not be decoded, by target.
    private static func list(_ parts: [DamagedPart], _ json: inout JSONWriter) {
        json.key("damagedParts")
        json.beginArray()
        for part in parts {
            json.beginObject()
            json.field("job", part.key.job)
            json.field("target", part.key.target)
            json.field("after", RFC3339.text(part.window.start))
            json.field("through", RFC3339.text(part.window.end))
            json.field("reason", part.reason)
            json.endObject()
        }
        json.endArray()
    }

    /// How the data directory is, where there is one.
    private static func storage(_ context: ServerContext, _ json: inout JSONWriter) {
        guard let status = context.storage?.storageStatus() else { return }
        json.key("storage")
        json.beginObject()
        json.field("writable", status.isWritable)
        if let since = status.failingSince { json.field("failingSince", RFC3339.text(since)) }
        json.field("lastError", status.lastError)
        json.field("writeFailures", status.writeFailures)
        if let time = status.stalledFor { json.field("stalledSeconds", Int(time / 1_000)) }
        json.field("logWaitingBytes", status.waitingBytes)
        json.field("logFramesGivenUp", status.logFramesGivenUp)
        json.field("logBytes", status.logBytes)
        json.field("logFiles", status.logFiles)
        json.field("archiveBytes", status.archiveBytes)
        json.field("archiveFiles", status.archiveFiles)
        json.field("openFiles", status.openFiles)
        json.field("cacheBytes", status.cachedBytes)
        json.key("damaged")
        json.beginArray()
        for window in context.database.damagedRanges {
            json.beginObject()
            json.field("after", RFC3339.text(window.printable.start))
            json.field("through", RFC3339.text(window.printable.end))
            json.endObject()
        }
        if let damage = context.registered?.statistics().stored.damage {
            json.beginObject()
            json.field("part", "registrations and verdicts")
            json.field("after", RFC3339.text(damage.window.printable.start))
            json.field("through", RFC3339.text(damage.window.printable.end))
            json.field("reason", damage.reason)
            json.endObject()
        }
        json.endArray()
        json.endObject()
    }

    /// Clients such as Grafana ask for these; the true answer is that there is nothing.
    private static func addEmpty(to routes: inout RouteTable) {
        let empty: [(path: String, key: String)] = [("/api/v1/rules", "groups"), ("/api/v1/alerts", "alerts")]
        for (path, key) in empty {
            routes.on(["GET"], path, .read) { _ throws(APIError) in
                Envelope.success { json in
                    json.beginObject()
                    json.key(key)
                    json.beginArray()
                    json.endArray()
                    json.endObject()
                }
            }
        }
        routes.on(["GET", "POST"], "/api/v1/query_exemplars", .read) { _ throws(APIError) in
            Envelope.success { json in
                json.beginArray()
                json.endArray()
            }
        }
    }

    private static func object(
        _ json: inout JSONWriter, _ texts: [(name: String, value: String)],
        _ plain: [(name: String, value: String)] = []
    ) {
        json.beginObject()
        for (name, value) in texts { json.field(name, value) }
        for (name, value) in plain {
            json.key(name)
            json.number(value)
        }
        json.endObject()
    }

    private static func counts(_ key: String, _ entries: [(name: String, count: Int)], _ json: inout JSONWriter) {
        json.key(key)
        json.beginArray()
        for entry in entries {
            json.beginObject()
            json.field("name", entry.name)
            json.field("value", entry.count)
            json.endObject()
        }
        json.endArray()
    }
}
