import Console
import Documents
import Model

/// Rows as `linkerd viz stat` prints them.
struct StatTable {
    /// Length of the window in seconds.
    var seconds: Double
    /// Whether bytes are shown.
    var wide = false
    /// Whether rows of several namespaces are told apart.
    var allNamespaces = false
    /// Columns that the table folds to; `nil` for none.
    var width: Int?

    /// The lines of all tables, one per kind, an empty line between them.
    func lines(_ rows: [StatRow]) -> [String] {
        let kinds = StatKind.allCases.filter { kind in rows.contains { $0.kind == kind } }
        return kinds.map { kind in
            table(rows.filter { $0.kind == kind }, kind, prefix: kinds.count > 1 ? "\(kind.short)/" : "")
        }.joined(separator: [""]).map { $0 }
    }

    private func table(_ rows: [StatRow], _ kind: StatKind, prefix: String) -> [String] {
        var headings: [(title: String, alignment: Table.Alignment)] = [("name", .left)]
        if allNamespaces { headings.insert(("namespace", .left), at: 0) }
        if kind == .pod { headings.append(("status", .right)) }
        headings += ["meshed", "success", "rps", "latency_p50", "latency_p95", "latency_p99"].map { ($0, .right) }
        headings.append(("tcp_conn", .right))
        if wide { headings += [("read_bytes/sec", .right), ("write_bytes/sec", .right)] }
        var table = Table(headings, gap: 3)
        for row in rows {
            var cells = [prefix + row.name]
            if allNamespaces { cells.insert(row.namespace, at: 0) }
            // Pods' status and the number of meshed pods are known to Kubernetes alone.
            if kind == .pod { cells.append("-") }
            cells.append("-")
            cells += row.hasTraffic ? numbers(row.traffic) : Array(repeating: "-", count: wide ? 8 : 6)
            table.add(cells.map { Table.Cell($0) })
        }
        return table.lines(fitting: width)
    }

    private func numbers(_ traffic: StatRow.Traffic) -> [String] {
        var cells = [Self.success(traffic.successes, of: traffic.requests), Self.rate(traffic.requests, seconds)]
        cells += traffic.latencies.map(Self.milliseconds)
        cells.append(FloatText.fixed(traffic.connections, places: 0))
        if wide {
            cells += [traffic.readBytes, traffic.writtenBytes].map { FloatText.fixed($0 / seconds, places: 1) + "B/s" }
        }
        return cells
    }

    /// `99.50%`
    static func success(_ successes: Double, of requests: Double) -> String {
        FloatText.fixed(requests > 0 ? 100 * successes / requests : 0, places: 2) + "%"
    }

    /// `0.3rps`
    static func rate(_ requests: Double, _ seconds: Double) -> String {
        FloatText.fixed(requests / seconds, places: 1) + "rps"
    }

    /// `4ms`
    static func milliseconds(_ value: Double) -> String { FloatText.fixed(value, places: 0) + "ms" }

    /// The rows with viz's keys; numbers are null without traffic.
    func json(_ rows: [StatRow]) -> [UInt8] {
        var json = JSONWriter()
        json.beginArray()
        for row in rows {
            json.beginObject()
            json.field("namespace", row.namespace)
            json.field("kind", row.kind.rawValue)
            json.field("name", row.name)
            json.field("meshed", "-")
            let traffic = row.hasTraffic ? row.traffic : nil
            func number(_ key: String, _ value: (StatRow.Traffic) -> Double) {
                json.key(key)
                if let traffic { json.number(FloatText.json(value(traffic))) } else { json.null() }
            }
            number("success") { $0.successes / $0.requests }
            number("rps") { $0.requests / seconds }
            number("latency_ms_p50") { $0.latencies[0] }
            number("latency_ms_p95") { $0.latencies[1] }
            number("latency_ms_p99") { $0.latencies[2] }
            number("tcp_open_connections") { $0.connections }
            number("tcp_read_bytes_rate") { $0.readBytes / seconds }
            number("tcp_write_bytes_rate") { $0.writtenBytes / seconds }
            json.endObject()
        }
        json.endArray()
        return json.bytes
    }
}
