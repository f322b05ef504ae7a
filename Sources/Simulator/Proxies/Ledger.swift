package import Model

/// What really happened, written down where it happens and apart from all that is exposed: tests and people derive
/// from it what a query should have answered.
///
/// An exchange is booked under the second of virtual time in which its request arrived (`requests`) and ended
/// (everything else).
package struct Ledger: Sendable, Hashable {
    /// One workload's traffic in one second, or in all of them.
    package struct Entry: Sendable, Hashable {
        /// Requests that arrived.
        package var requests = 0
        /// Responses that ended, by HTTP status.
        package var responses: [Int: Int] = [:]
        /// Requests that ended without any response.
        package var unanswered = 0
        /// How many responses took so many whole milliseconds (rounded down, as proxies do).
        package var latencies: [Int: Int] = [:]

        /// Responses of any status.
        package var responseCount: Int { responses.values.reduce(0, +) }
        /// Responses with status 500...599.
        package var failures: Int { responses.reduce(0) { $0 + ((500...599).contains($1.key) ? $1.value : 0) } }
        /// Milliseconds of all responses together.
        package var latencySum: Int { latencies.reduce(0) { $0 + $1.key * $1.value } }

        /// Share of responses that are not failures, in percent, as `response_total` of the server's proxy has it;
        /// `nil` without any response.
        package var successRate: Double? {
            let all = responseCount
            return all == 0 ? nil : Double(all - failures) / Double(all) * 100
        }

        /// The smallest latency that at least `share` (0...1) of the responses did not exceed, in milliseconds.
        package func latency(quantile share: Double) -> Int? {
            let total = latencies.values.reduce(0, +)
            guard total > 0 else { return nil }
            let rank = Int((Double(total) * min(max(share, 0), 1)).rounded(.up))
            var seen = 0
            for (latency, count) in latencies.sorted(by: { $0.key < $1.key }) {
                seen += count
                if seen >= rank { return latency }
            }
            return nil
        }

        /// Adds what `other` holds.
        package mutating func add(_ other: Entry) {
            requests += other.requests
            unanswered += other.unanswered
            responses.merge(other.responses, uniquingKeysWith: +)
            latencies.merge(other.latencies, uniquingKeysWith: +)
        }
    }

    /// Seconds that are kept; older ones remain in the totals only.
    package var secondsMax: Int
    /// All traffic since the beginning, by workload.
    package private(set) var totals: [String: Entry] = [:]
    /// Traffic by second of virtual time (Unix seconds) and workload.
    package private(set) var seconds: [Int64: [String: Entry]] = [:]
    private var newest: Int64 = .min

    /// An empty ledger that keeps the newest `secondsMax` seconds in detail.
    package init(secondsMax: Int = 3_600) { self.secondsMax = max(secondsMax, 1) }

    mutating func bookRequest(_ workload: String, at time: Double) {
        change(workload, at: time) { $0.requests += 1 }
    }

    mutating func bookResponse(_ workload: String, status: Int, milliseconds: Int, at time: Double) {
        change(workload, at: time) {
            $0.responses[status, default: 0] += 1
            $0.latencies[milliseconds, default: 0] += 1
        }
    }

    mutating func bookUnanswered(_ workload: String, at time: Double) {
        change(workload, at: time) { $0.unanswered += 1 }
    }

    private mutating func change(_ workload: String, at time: Double, _ body: (inout Entry) -> Void) {
        let second = Int64((time / 1_000).rounded(.down))
        body(&totals[workload, default: Entry()])
        body(&seconds[second, default: [:]][workload, default: Entry()])
        guard second > newest else { return }
        newest = second
        guard seconds.count > secondsMax else { return }
        let oldest = newest - Int64(secondsMax)
        seconds = seconds.filter { $0.key > oldest }
    }

    /// What `workload` did in the whole seconds of `(after, through]`, both in milliseconds and meant to be whole
    /// seconds.
    package func entry(_ workload: String, in window: TimeWindow) -> Entry {
        var sum = Entry()
        for (second, entries) in seconds {
            // A second [s, s+1) lies in the window when it begins at or after its start and ends by its end.
            guard second * 1_000 >= window.start, (second + 1) * 1_000 <= window.end else { continue }
            if let entry = entries[workload] { sum.add(entry) }
        }
        return sum
    }
}
