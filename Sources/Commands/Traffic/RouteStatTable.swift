import Console
import Documents
import Model

/// Routes as `linkerd viz routes` prints them.
struct RouteStatTable {
    /// Length of the window in seconds.
    var seconds: Double
    var family: RouteQuery.Family
    /// Whether effective and actual requests are told apart, which differ by retries.
    var showsActual = false
    /// Columns that the table folds to; `nil` for none.
    var width: Int?

    /// The lines.
    func lines(_ rows: [RouteRow]) -> [String] {
        var headings = ["route", family == .profile ? "service" : "server"]
        headings +=
            showsActual
            ? ["effective_success", "effective_rps", "actual_success", "actual_rps"] : ["success", "rps"]
        headings += ["latency_p50", "latency_p95", "latency_p99"]
        var table = Table(headings.enumerated().map { ($0.element, $0.offset == 0 ? .left : .right) }, gap: 3)
        for row in rows {
            var cells = [row.route, service(row.destination)]
            if row.traffic.requests > 0 || row.actual.requests > 0 {
                cells += rates(row.traffic)
                if showsActual { cells += rates(row.actual) }
                cells += row.traffic.latencies.map(StatTable.milliseconds)
            } else {
                cells += Array(repeating: "-", count: headings.count - 2)
            }
            table.add(cells.map { Table.Cell($0) })
        }
        return table.lines(fitting: width)
    }

    private func rates(_ traffic: StatRow.Traffic) -> [String] {
        [StatTable.success(traffic.successes, of: traffic.requests), StatTable.rate(traffic.requests, seconds)]
    }

    /// The Service's name of a host name; Servers have one word anyway.
    private func service(_ destination: String) -> String {
        String(destination.split(separator: ".").first ?? "-")
    }

    /// The rows with viz's keys.
    func json(_ rows: [RouteRow]) -> [UInt8] {
        var json = JSONWriter()
        json.beginArray()
        for row in rows {
            json.beginObject()
            json.field("route", row.route)
            json.field("authority", row.destination)
            write(row.traffic, prefix: showsActual ? "effective_" : "", into: &json)
            if showsActual { write(row.actual, prefix: "actual_", into: &json) }
            for (name, value) in zip(["p50", "p95", "p99"], row.traffic.latencies) {
                json.key("latency_ms_\(name)")
                json.number(FloatText.json(value))
            }
            json.endObject()
        }
        json.endArray()
        return json.bytes
    }

    private func write(_ traffic: StatRow.Traffic, prefix: String, into json: inout JSONWriter) {
        json.key("\(prefix)success")
        if traffic.requests > 0 {
            json.number(FloatText.json(traffic.successes / traffic.requests))
        } else {
            json.null()
        }
        json.key("\(prefix)rps")
        json.number(FloatText.json(traffic.requests / seconds))
    }
}
