import Model

/// Frames of the head log whose group nothing defines.
///
/// Retention gives back the hour file with the definitions of a group whose frames may still be in the log, as others keep that
/// file of the log. It puts a `gone` frame behind them: then nothing is missing. Of the groups that are left at the end of
/// the log the definition is lost, and with it the samples.
struct UnknownGroups {
    struct Entry {
        var frames = 0
        var bytes = 0
        let problem: String
        /// All samples of the frames are newer.
        let start: Timestamp
        /// What was the present behind them, as far as the log has got; rows are missing up to its end.
        var end: Timestamp?
        let isRows: Bool
    }

    private(set) var entries: [UInt64: Entry] = [:]

    /// A frame of a group without definition; `start` is a time that all samples from here on are newer than.
    mutating func note(_ group: UInt64, _ kind: GroupKind, bytes: Int, _ problem: String, after start: Timestamp) {
        var entry = entries[group] ?? Entry(problem: problem, start: start, isRows: kind == .rows)
        entry.frames += 1
        entry.bytes += bytes
        entry.end = nil
        entries[group] = entry
    }

    /// The log says that it is `now`.
    mutating func noteTime(_ now: Timestamp) {
        for (group, entry) in entries where entry.end == nil && !entry.isRows { entries[group]?.end = now }
    }

    /// Retention has dropped the group.
    mutating func remove(_ group: UInt64) { entries[group] = nil }
}
