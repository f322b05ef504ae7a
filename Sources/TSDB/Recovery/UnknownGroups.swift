import Model

/// Frames of the head log that can't be used, by group: nothing defines their group, or their column.
///
/// Retention gives back the hour file with the definitions of a group whose frames may still be in the log, as others keep that
/// file of the log. It puts a `gone` frame behind them: then nothing is missing. Of the groups that are left at the end of
/// the log the definition is lost, and with it the samples. A group that the log defines may lack single columns in the
/// same way: the log gives up frames that it can't write, and what they defined is in the hour file alone.
struct UnknownGroups {
    struct Entry {
        var frames = 0
        var bytes = 0
        let problem: String
        /// All samples of the frames are newer.
        var start: Timestamp
        /// The time of the log behind the frames; `nil` as long as the log has none, and for rows, which are missing up to the
        /// log's end.
        var end: Timestamp?
        let isRows: Bool
    }

    private(set) var entries: [UInt64: Entry] = [:]

    /// A frame of a group without definition; `start` is a time that all samples from here on are newer than.
    mutating func note(_ group: UInt64, _ kind: GroupKind, bytes: Int, _ problem: String, after start: Timestamp) {
        var entry = entries[group] ?? Entry(problem: problem, start: start, isRows: kind == .rows)
        entry.frames += 1
        entry.bytes += bytes
        entry.start = min(entry.start, start)
        if entry.end != nil || entries[group] == nil, !entry.isRows { untimed += 1 }
        entry.end = nil
        entries[group] = entry
    }

    /// Series groups with frames behind the newest time frame.
    private var untimed = 0

    /// No series group has frames behind the newest time frame.
    var isTimed: Bool { untimed == 0 }

    /// A time frame was read: nothing that was appended until there is newer than `end`, or older than `start`, also when the
    /// clock was set back.
    mutating func noteTime(through end: Timestamp, after start: Timestamp) {
        for (group, entry) in entries where entry.end == nil && !entry.isRows {
            entries[group]?.start = min(entry.start, start)
            entries[group]?.end = end
        }
        untimed = 0
    }

    /// Retention has dropped the group.
    mutating func remove(_ group: UInt64) {
        guard let entry = entries.removeValue(forKey: group) else { return }
        if entry.end == nil, !entry.isRows { untimed -= 1 }
    }
}
