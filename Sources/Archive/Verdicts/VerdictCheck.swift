import Model

/// Compares what a verdict file has with the note of what it should have.
struct VerdictCheck {
    /// The file's path.
    let path: String
    /// The note of the last write.
    let noted: Noted<VerdictNote>
    /// Whether there was a file at all.
    let isThere: Bool
    /// Where a damaged file was moved to.
    var aside: String?
    /// Changes that the file counts.
    var changes: Int64 = 0
    /// Registrations that can be read, and those that the file says it has.
    var registrations = 0
    var expected = 0
    /// Registrations whose bytes are not what was written.
    var damaged: [AnalysisName] = []
    /// The newest time in the file.
    var newest: Timestamp = .min

    /// The note for the file as it is: what was lost before, and what is found lost now, with why.
    func result() -> (note: VerdictNote, damage: VerdictDamage?) {
        var note = VerdictNote()
        note.changes = changes
        note.registrations = registrations
        note.newest = newest
        if case .note(let known) = noted {
            note.newest = max(newest, known.newest)
            note.lost = known.lost
        }
        if let (reason, window) = loss {
            note.lose(window)
            return (note, VerdictDamage(window: note.lost ?? window, reason: reason))
        }
        return (note, note.lost.map { VerdictDamage(window: $0, reason: "an earlier start has found \(path) damaged") })
    }

    private var loss: (reason: String, window: TimeWindow)? {
        var known: VerdictNote?
        if case .note(let note) = noted { known = note }
        let number = known.map { "; it had \($0.registrations) registrations" } ?? ""
        // An unknown end is the present, which is known from the first call of retention on.
        let all = TimeWindow(after: .min, through: known.map { $0.newest == .min ? .max : $0.newest } ?? .max)
        if let aside { return ("\(path) was damaged and is now \(aside)\(number)", all) }
        if let known, changes < known.changes {
            if !isThere { return ("\(path) is gone\(number)", all) }
            return (
                "\(path) lacks what was written last, and has \(registrations) of \(known.registrations) registrations",
                changes == 0 ? all : TimeWindow(after: min(newest, all.end - 1), through: all.end)
            )
        }
        if noted == .damaged, changes == 0 {
            return ("\(path) has nothing, and \(VerdictNote.name) beside it is damaged", all)
        }
        if !damaged.isEmpty {
            let names = damaged.prefix(5).map { "\($0.namespace)/\($0.name)" }.joined(separator: ", ")
            return ("damaged registrations in \(path) are left out: \(names)", all)
        }
        guard registrations < expected else { return nil }
        return ("\(path) has \(registrations) of \(expected) registrations", all)
    }
}
