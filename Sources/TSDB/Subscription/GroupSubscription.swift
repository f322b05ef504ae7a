import Model

/// The subscribers to the rows of one group. Guarded by the group's lock.
struct GroupSubscription {
    /// Version of the subscriber list that was matched last.
    var version = 0
    /// Number of the last subscriber that was matched.
    var lastNumber = 0
    /// Columns that were matched.
    var columns = 0
    /// Subscribers with matching columns here.
    var matched: [(number: Int, subscriber: any RowSubscriber)] = []
    /// The column with the process's start time; -1 for none so far, -2 for several.
    private var processStart = -1
    /// The newest row that was published or passed over.
    var newest: RowHead?

    /// The column that distinguishes one process from the next, when there is exactly one.
    var processColumn: Int? { processStart >= 0 ? processStart : nil }

    /// The group ends: its subscribers are informed and forgotten.
    mutating func end(group: UInt64) {
        for (_, subscriber) in matched { subscriber.end(group: group) }
        self = GroupSubscription()
    }

    /// Looks for the column of `process_start_time_seconds` among new ones.
    mutating func noteProcess(_ new: Range<Int>, _ labels: [Labels]) {
        let before = processStart
        for (column, labels) in zip(new, labels) {
            guard labels[LabelName.metricName] == "process_start_time_seconds" else { continue }
            processStart = processStart == -1 ? column : -2
        }
        // Rows published before have been read with another column, or none, than the store goes by now.
        if processStart != before { for (_, subscriber) in matched { subscriber.invalidate() } }
    }
}
