import Model
import PromQL

/// One row of `haldane stat`.
struct StatRow: Equatable {
    /// Counts of a window. Numbers are whole, as viz rounds each query's answer before it adds them up.
    struct Traffic: Equatable {
        var successes = 0.0
        var failures = 0.0
        /// Milliseconds, by quantile: 0.5, 0.95, 0.99.
        var latencies = [0.0, 0.0, 0.0]
        var connections = 0.0
        var readBytes = 0.0
        var writtenBytes = 0.0

        /// Requests of both outcomes.
        var requests: Double { successes + failures }
    }

    var kind: StatKind
    var namespace: String
    var name: String
    var traffic = Traffic()

    /// Whether there is anything to show but the name.
    var hasTraffic: Bool { traffic.requests > 0 }
}

/// Gathers the answers of all queries of a table into rows.
struct StatReport {
    /// Asks an instant query and gives its elements.
    typealias Ask = (String) async throws -> [VectorElement]

    private struct Key: Hashable {
        var namespace: String
        var name: String
    }

    /// The rows of one resource, by namespace and name.
    static func rows(_ query: StatQuery, wide: Bool, ask: Ask) async throws -> [StatRow] {
        var rows: [Key: StatRow] = [:]
        func change(_ text: String, creates: Bool, _ body: (inout StatRow, VectorElement, Double) -> Void) async throws
        {
            for element in try await ask(text) {
                let key = Key(namespace: element.labels[query.namespaceLabel], name: element.labels[query.nameLabel])
                guard creates || rows[key] != nil, case .float(let number) = element.value else { continue }
                let isNamespace = query.resource.kind == .namespace
                body(
                    &rows[
                        key,
                        default: StatRow(
                            kind: query.resource.kind, namespace: isNamespace ? "" : key.namespace, name: key.name)],
                    element, number.isNaN ? 0 : number.rounded())
            }
        }
        if let objects = query.objects { try await change(objects, creates: true) { _, _, _ in } }
        try await change(query.requests, creates: true) { row, element, count in
            switch element.labels["classification"] {
            case "success": row.traffic.successes += count
            case "failure": row.traffic.failures += count
            default: break
            }
        }
        for (index, quantile) in ["0.5", "0.95", "0.99"].enumerated() {
            try await change(query.latency(quantile), creates: false) { row, _, value in
                row.traffic.latencies[index] = value
            }
        }
        try await change(query.connections, creates: false) { row, _, value in row.traffic.connections = value }
        if wide {
            try await change(query.readBytes, creates: false) { row, _, value in row.traffic.readBytes = value }
            try await change(query.writtenBytes, creates: false) { row, _, value in row.traffic.writtenBytes = value }
        }
        return rows.values.sorted { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
    }
}
