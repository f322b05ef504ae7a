import Documents
import Model
import PrometheusAPI

/// `/api/v1/targets`, `/api/v1/metadata`, `/api/v1/scrape_pools`.
enum TargetRoutes {
    static func add(to routes: inout RouteTable, _ context: ServerContext) {
        let source = context.targets
        routes.on(["GET"], "/api/v1/targets", .read) { request throws(APIError) in
            let pool = request.parameters["scrapePool"].map { ExactText($0) }
            let state = request.parameters["state"] ?? "any"
            let targets = (source?.targets() ?? []).filter { pool == nil || ExactText($0.job) == pool }
            let dropped = source?.droppedTargets() ?? DroppedTargets()
            return try await SeriesRoutes.onPool(context) { () throws(APIError) in
                Envelope.success { json in
                    json.beginObject()
                    json.key("activeTargets")
                    json.beginArray()
                    if state != "dropped" { for target in targets { write(target, &json) } }
                    json.endArray()
                    write(state == "active" ? DroppedTargets() : dropped, of: pool, &json)
                    json.endObject()
                }
            }
        }
        routes.on(["GET"], "/api/v1/scrape_pools", .read) { _ throws(APIError) in
            let jobs = Set((source?.targets() ?? []).map { ExactText($0.job) })
            let pools = jobs.map(\.text).sorted { $0.precedesByBytes($1) }
            return Envelope.success { json in
                json.beginObject()
                json.key("scrapePools")
                json.beginArray()
                for pool in pools { json.string(pool) }
                json.endArray()
                json.endObject()
            }
        }
        routes.on(["GET"], "/api/v1/metadata", .read) { request throws(APIError) in
            let limit = try request.parameters.limit()
            let perMetric = try request.parameters.limit("limit_per_metric")
            let wanted = request.parameters["metric"].map { ExactText($0) }
            let all = (source?.metadata() ?? [:]).filter { wanted == nil || $0.key == wanted }
            let names = all.keys.sorted { $0.text.precedesByBytes($1.text) }
            return Envelope.success { json in
                json.beginObject()
                for name in limit > 0 ? Array(names.prefix(limit)) : names {
                    json.key(name.text)
                    json.beginArray()
                    let entries = all[name] ?? []
                    for entry in perMetric > 0 ? Array(entries.prefix(perMetric)) : entries {
                        json.beginObject()
                        json.field("type", entry.type)
                        json.field("help", entry.help)
                        json.field("unit", entry.unit)
                        json.endObject()
                    }
                    json.endArray()
                }
                json.endObject()
            }
        }
    }

    private static func write(_ dropped: DroppedTargets, of pool: ExactText?, _ json: inout JSONWriter) {
        json.key("droppedTargets")
        json.beginArray()
        for target in dropped.shown where pool == nil || ExactText(target.job) == pool {
            json.beginObject()
            json.key("discoveredLabels")
            ResultJSON.write(target.discoveredLabels, to: &json)
            json.field("scrapePool", target.job)
            json.endObject()
        }
        json.endArray()
        json.key("droppedTargetCounts")
        json.beginObject()
        for (job, count) in dropped.counts.sorted(by: { $0.key.text.precedesByBytes($1.key.text) })
        where pool == nil || job == pool {
            json.key(job.text)
            json.int(count)
        }
        json.endObject()
    }

    /// Prometheus's fields, and after them ours: the outcome, and the lines of the last body that were skipped.
    private static func write(_ target: TargetStatus, _ json: inout JSONWriter) {
        json.beginObject()
        json.key("discoveredLabels")
        ResultJSON.write(target.discoveredLabels, to: &json)
        json.key("labels")
        ResultJSON.write(target.labels, to: &json)
        json.field("scrapePool", target.job)
        json.field("scrapeUrl", target.url)
        json.field("globalUrl", target.url)
        json.field("lastError", target.lastError)
        json.field("lastScrape", target.lastScrape.map(RFC3339.text) ?? "0001-01-01T00:00:00Z")
        json.key("lastScrapeDuration")
        json.number(FloatText.json(target.lastDurationSeconds))
        json.field("health", target.health.rawValue)
        json.field("scrapeInterval", PrometheusDuration.text(target.interval))
        json.field("scrapeTimeout", PrometheusDuration.text(target.timeout))
        json.key("samples")
        json.int(target.samples)
        json.key("skippedLineCount")
        json.int(target.skippedLineCount)
        json.key("skippedLines")
        json.beginArray()
        for line in target.skippedLines {
            json.beginObject()
            json.key("line")
            json.int(line.number)
            json.field("reason", line.reason)
            json.endObject()
        }
        json.endArray()
        json.endObject()
    }
}
