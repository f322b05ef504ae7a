/// Stores that hand rows on as they take them, so that a query that is asked again and again need not read them again.
package protocol RowPublisher: Sendable {
    /// Hands on all rows with matching columns from now on.
    func add(_ follower: any RowSubscriber)

    /// Stops that.
    func remove(_ follower: any RowSubscriber)
}

/// Is handed the rows of the groups that have columns matching a selector. Each call comes while the group is locked,
/// so it must be quick and may not call the store.
package protocol RowSubscriber: AnyObject, Sendable {
    /// The selector.
    var matchers: [Matcher] { get }

    /// A group has matching columns, or more than before. Called before the first row with them.
    func match(_ group: MatchedGroup)

    /// A row of a matched group, after the one before.
    func take(_ row: borrowing SampleRow, of group: UInt64)

    /// No more rows of this group come.
    func end(group: UInt64)

    /// Matching data came in no row, or in rows of several groups: an answer from the rows taken alone would be wrong.
    func invalidate()
}

/// Columns of a group that match a selector.
package struct MatchedGroup: Sendable {
    /// The group.
    package var id: UInt64
    /// Its index among the groups of a selection.
    package var index: Int
    /// New matching columns, rising, each beyond the columns of earlier calls.
    package var columns: [Int]
    /// The label sets of these.
    package var labels: [Labels]
    /// The column that distinguishes one process of the target from the next, when there is exactly one.
    package var processStart: Int?
    /// The newest row before; `nil` when there is none or it is not known.
    package var previous: RowHead?

    /// Columns of a group.
    package init(
        id: UInt64, index: Int, columns: [Int], labels: [Labels], processStart: Int?, previous: RowHead?
    ) {
        self.id = id
        self.index = index
        self.columns = columns
        self.labels = labels
        self.processStart = processStart
        self.previous = previous
    }
}

/// A row without its values.
package struct RowHead: Sendable, Hashable {
    /// Its time.
    package var time: Timestamp
    /// The bits of `process_start_time_seconds` if the scrape was fine and had it.
    package var process: UInt64?

    /// A row's head. `processStart` is the column of the process's start.
    package init(_ row: borrowing SampleRow, processStart: Int?) {
        time = row.time
        process = nil
        guard row.outcome == .ok, let processStart, row.has(processStart) else { return }
        let bits = row.values[processStart].bitPattern
        if bits != SpecialValue.staleBits { process = bits }
    }
}
