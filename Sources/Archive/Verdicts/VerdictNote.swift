import Model

/// The content of the verdict file when it was written last, noted beside it so that a file that has lost something is noticed:
/// SQLite takes a write-ahead log that is damaged, cut off or gone for one that was not written yet, and an empty file for a
/// new one.
struct VerdictNote: NoteLine {
    static let name = "verdict-end"
    static let length = 160

    /// Changes of the file so far: `VerdictSchema.changes`.
    var changes: Int64 = 0
    /// Registrations in the file.
    var registrations = 0
    /// The newest verdict or registration that was ever written.
    var newest: Timestamp = .min
    /// From when verdicts and registrations may be missing, as far as it was found out. Goes when retention has passed it. An
    /// end of `.max` is one that is not known.
    var lost: TimeWindow?

    var fields: String {
        let lost = lost.map { "\($0.start) \($0.end)" } ?? "- -"
        return "\(changes) \(registrations) \(newest) \(lost)"
    }

    /// Nothing written yet.
    init() {}

    init?(fields words: [Substring]) {
        guard words.count == 5, let changes = Int64(words[0]), let registrations = Int(words[1]),
            let newest = Timestamp(words[2])
        else { return nil }
        self.changes = changes
        self.registrations = registrations
        self.newest = newest
        if let start = Timestamp(words[3]), let end = Timestamp(words[4]) {
            lost = TimeWindow(after: start, through: end)
        }
    }

    /// Adds a range to what is lost.
    mutating func lose(_ window: TimeWindow) {
        guard let known = lost else {
            lost = window
            return
        }
        lost = TimeWindow(after: min(known.start, window.start), through: max(known.end, window.end))
    }
}
