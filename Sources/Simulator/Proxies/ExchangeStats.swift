/// What a proxy counted about one peer.
struct ExchangeStats: Sendable, Hashable {
    /// Counts of one HTTP status.
    struct ByStatus: Sendable, Hashable {
        /// 0 when no response came.
        let status: Int
        var responses: UInt64 = 0
        var latency = LatencyHistogram()
    }

    private(set) var requests: UInt64 = 0
    /// In the order in which the statuses first came.
    private(set) var byStatus: [ByStatus] = []

    var responses: UInt64 { byStatus.reduce(0) { $0 + $1.responses } }

    mutating func begin() { requests += 1 }

    mutating func end(status: Int, milliseconds: Int, times: UInt64 = 1) {
        let index = slot(status)
        byStatus[index].responses += times
        byStatus[index].latency.record(milliseconds, times: times)
    }

    /// Adds `times` whole exchanges; none leave no trace.
    mutating func add(status: Int, milliseconds: Int, times: UInt64) {
        guard times > 0 else { return }
        requests += times
        end(status: status, milliseconds: milliseconds, times: times)
    }

    /// No response came: the latency histogram exists from now on, without an observation.
    mutating func endUnanswered() { byStatus[slot(0)].responses += 1 }

    private mutating func slot(_ status: Int) -> Int {
        if let index = byStatus.firstIndex(where: { $0.status == status }) { return index }
        byStatus.append(ByStatus(status: status))
        return byStatus.count - 1
    }
}

/// A counter by status and error word, for the outbound route families.
struct StatusCounts: Sendable, Hashable {
    struct Key: Sendable, Hashable {
        /// 0 when no response came.
        let status: Int
        /// Empty when one came.
        let error: String
    }

    private(set) var counts: [(key: Key, count: UInt64)] = []

    mutating func count(_ key: Key) {
        if let index = counts.firstIndex(where: { $0.key == key }) {
            counts[index].count += 1
        } else {
            counts.append((key, 1))
        }
    }

    static func == (left: StatusCounts, right: StatusCounts) -> Bool {
        left.counts.elementsEqual(right.counts) { $0.key == $1.key && $0.count == $1.count }
    }

    func hash(into hasher: inout Hasher) {
        for (key, count) in counts {
            hasher.combine(key)
            hasher.combine(count)
        }
    }
}
