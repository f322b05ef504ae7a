import Model
import PromQL

/// `/federate`: the newest sample of each matching series as an exposition, for another Prometheus to scrape.
enum FederationRoute {
    private struct Line: Sendable {
        var labels: Labels
        var value: Double
        var time: Timestamp
    }

    static func add(to routes: inout RouteTable, _ context: ServerContext) {
        let database = context.database
        routes.on(["GET"], "/federate", .read) { request throws(APIError) in
            let selectors = try SeriesRoutes.selectors(request)
            let now = context.clock.now()
            let lookback = context.engine.options.lookback
            return try await SeriesRoutes.onPool(context) { () throws(StorageError) in
                try newest(selectors, of: database, in: TimeWindow(after: now - lookback, through: now))
            } answer: { lines throws(APIError) in
                APIResponse(status: 200, contentType: ExpositionText.contentType, body: Array(text(lines).utf8))
            }
        }
    }

    private static func newest(
        _ selectors: [[Matcher]], of store: any Queryable, in window: TimeWindow
    ) throws(StorageError) -> [Line] {
        var found: [Labels: Line] = [:]
        let requests = selectors.map { SelectRequest($0, window) }
        var latest = LatestValues()
        for selection in try store.select(requests) {
            for group in selection.groups {
                try group.readLatest(in: window, into: &latest)
                let histograms = Set(latest.histograms.map(\.column))
                for column in 0..<group.labels.count {
                    let time = latest.times[column]
                    let value = latest.values[column]
                    guard time > .min, !value.isStaleMarker, !histograms.contains(column) else { continue }
                    let labels = selection.symbols.labels(group.labels.pairs(of: column))
                    found[labels] = Line(labels: labels, value: value, time: time)
                }
            }
        }
        return found.values.sorted {
            $0.labels.metricName.equalsByBytes($1.labels.metricName)
                ? $0.labels < $1.labels : $0.labels.metricName.precedesByBytes($1.labels.metricName)
        }
    }

    private static func text(_ lines: [Line]) -> String {
        var out = ExpositionText()
        var family = ""
        for line in lines {
            let name = line.labels.metricName
            if !name.equalsByBytes(family) {
                out.family(name, type: "untyped", help: nil)
                family = name
            }
            var labels = line.labels.dropping(LabelName.metricName).map { ($0.name, $0.value) }
            if !line.labels.has(LabelName.instance) { labels.append((LabelName.instance, "")) }
            out.sample(name, labels, line.value, at: line.time)
        }
        return out.text
    }
}
