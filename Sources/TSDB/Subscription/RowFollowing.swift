package import Model
import Synchronization

/// Who follows the rows of the store.
struct FollowerList {
    /// In the order they came, each with a rising number.
    var followers: [(number: Int, follower: any RowFollower)] = []
    var next = 1
}

/// What one group knows of its followers. Guarded by the group's lock.
struct RowFollowing {
    /// Version of the list that was looked at last.
    var version = 0
    /// Number of the last follower that was looked at.
    var lastNumber = 0
    /// Columns that were looked at.
    var columns = 0
    /// Followers with matching columns here.
    var matched: [(number: Int, follower: any RowFollower)] = []
    /// The column that tells one process from the next; -1 for none so far, -2 for several.
    var processStart = -1
    /// The newest row that was handed on or passed over.
    var newest: RowHead?

    var processColumn: Int? { processStart >= 0 ? processStart : nil }
}

extension Database: RowFeed {
    package func add(_ follower: any RowFollower) {
        let view = index.withLock { $0.view }
        let plan = MatcherPlan(follower.matchers, view)
        for slot in plan.slots {
            guard let entry = view.entries[slot], case .loose = entry.group else { continue }
            if !plan.columns(of: entry.labels.columns).isEmpty { follower.invalidate() }
        }
        followers.withLock { list in
            list.followers.append((list.next, follower))
            list.next += 1
        }
        followersVersion.add(1, ordering: .releasing)
    }

    package func remove(_ follower: any RowFollower) {
        followers.withLock { list in list.followers.removeAll { $0.follower === follower } }
        followersVersion.add(1, ordering: .releasing)
    }

    /// Hands a row that has just been stored to the followers of its group.
    func handOn(_ row: borrowing SampleRow, of group: RowGroup, columns: Int, _ following: inout RowFollowing) {
        let version = followersVersion.load(ordering: .acquiring)
        if version == 0 { return }
        if version != following.version || columns != following.columns {
            match(group, columns: columns, version: version, &following)
        }
        following.newest = RowHead(row, processStart: following.processColumn)
        for (_, follower) in following.matched { follower.take(row, of: group.id) }
    }

    /// Tells the followers of a group that it ends.
    func endFollowing(_ group: UInt64, _ following: inout RowFollowing) {
        for (_, follower) in following.matched { follower.end(group: group) }
        following = RowFollowing()
    }

    /// Tells followers of a new series that comes in no row.
    func noteLooseSeries(_ labels: Labels) {
        if followersVersion.load(ordering: .acquiring) == 0 { return }
        for (_, follower) in followers.withLock({ $0.followers }) {
            if follower.matchers.allSatisfy({ $0.matches(labels[$0.name]) }) { follower.invalidate() }
        }
    }

    /// Finds who follows the group: new followers look at all its columns, the others at the new ones.
    private func match(_ group: RowGroup, columns: Int, version: Int, _ following: inout RowFollowing) {
        let view = index.withLock { $0.view }
        guard let entry = view.entries[group.slot], entry.group.id == group.id else { return }
        let all = followers.withLock { $0.followers }
        let known = Set(all.map(\.number))
        following.matched.removeAll { !known.contains($0.number) }
        let new = following.columns..<min(columns, entry.labels.count)
        let newLabels = new.map { view.symbols.labels(entry.labels.columns.pairs(of: $0)) }
        noteProcess(new, newLabels, &following)
        for (number, follower) in all {
            var found: [Int]
            if number > following.lastNumber {
                let plan = MatcherPlan(follower.matchers, view)
                guard plan.slots.contains(group.slot) else { continue }
                found = plan.columns(of: entry.labels.columns).filter { $0 < columns }
            } else {
                found = zip(new, newLabels).filter { pair in
                    follower.matchers.allSatisfy { $0.matches(pair.1[$0.name]) }
                }.map(\.0)
            }
            if found.isEmpty { continue }
            // A label set of several groups is one series there, and merged in time order.
            if found.contains(where: { view.duplicated.contains(entry.labels.hashes[$0]) }) { follower.invalidate() }
            follower.match(
                MatchedGroup(
                    id: group.id, place: group.slot, columns: found,
                    labels: found.map { view.symbols.labels(entry.labels.columns.pairs(of: $0)) },
                    processStart: following.processColumn, previous: following.newest))
            if !following.matched.contains(where: { $0.number == number }) {
                following.matched.append((number, follower))
            }
        }
        following.lastNumber = max(following.lastNumber, all.last?.number ?? 0)
        following.version = version
        following.columns = columns
    }

    private func noteProcess(_ new: Range<Int>, _ labels: [Labels], _ following: inout RowFollowing) {
        let before = following.processStart
        for (column, labels) in zip(new, labels) {
            guard labels[LabelName.metricName] == "process_start_time_seconds" else { continue }
            following.processStart = following.processStart == -1 ? column : -2
        }
        // Rows handed on before have been read with another column, or none, than the store goes by now.
        if following.processStart != before { for (_, follower) in following.matched { follower.invalidate() } }
    }
}
