private import Synchronization

/// What the server counts of its own work, for `/metrics`.
package final class ServerMetrics: Sendable {
    private struct Counts {
        var requests: [Key: UInt64] = [:]
        var queries: UInt64 = 0
        var failedQueries: UInt64 = 0
        var samplesRead: UInt64 = 0
        var evaluationNanoseconds: UInt64 = 0
    }

    private struct Key: Hashable {
        var handler: String
        var code: Int
    }

    private let counts = Mutex(Counts())

    /// All zero.
    package init() {}

    /// Counts a request that was answered.
    package func countRequest(handler: String, code: Int) {
        counts.withLock { $0.requests[Key(handler: handler, code: code), default: 0] += 1 }
    }

    /// Counts a query that was evaluated.
    package func countQuery(failed: Bool, samplesRead: Int, took time: Duration) {
        let (seconds, attoseconds) = time.components
        counts.withLock { counts in
            counts.queries += 1
            if failed { counts.failedQueries += 1 }
            counts.samplesRead += UInt64(max(0, samplesRead))
            counts.evaluationNanoseconds +=
                UInt64(max(0, seconds)) * 1_000_000_000 + UInt64(max(0, attoseconds)) / 1_000_000_000
        }
    }

    /// One metric family, ready to print.
    struct Family {
        var name: String
        var type: String
        var help: String
        var samples: [(labels: [(String, String)], value: Double)]
    }

    /// The families in print order.
    func families() -> [Family] {
        let counts = counts.withLock { $0 }
        let requests = counts.requests.sorted { ($0.key.handler, $0.key.code) < ($1.key.handler, $1.key.code) }
        return [
            Family(
                name: "haldane_http_requests_total", type: "counter",
                help: "Requests answered, by handler and status code.",
                samples: requests.map {
                    ([("handler", $0.key.handler), ("code", String($0.key.code))], Double($0.value))
                }),
            Family(
                name: "haldane_queries_total", type: "counter", help: "Queries evaluated.",
                samples: [([], Double(counts.queries))]),
            Family(
                name: "haldane_query_failures_total", type: "counter", help: "Queries that ended in an error.",
                samples: [([], Double(counts.failedQueries))]),
            Family(
                name: "haldane_query_samples_read_total", type: "counter",
                help: "Samples that queries read from the store.",
                samples: [([], Double(counts.samplesRead))]),
            Family(
                name: "haldane_query_seconds_total", type: "counter", help: "Time spent in evaluating queries.",
                samples: [([], Double(counts.evaluationNanoseconds) / 1e9)]),
        ]
    }
}
