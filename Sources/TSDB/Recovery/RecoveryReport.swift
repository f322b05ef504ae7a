package import Model

/// What a restart found, for the start-up message.
package struct RecoveryReport: Sendable {
    /// Groups.
    package var groups = 0
    /// Series.
    package var series = 0
    /// Sealed chunks.
    package var chunks = 0
    /// Samples, sealed and open.
    package var samples = 0
    /// Open rows read back from the head log.
    package var rows = 0
    /// Log frames read.
    package var frames = 0
    /// Log frames that were whole and could still not be used: their group or the row before them is missing.
    package var framesUnusable = 0
    /// Bytes of the log that were left out: torn ends, damaged and unusable frames.
    package var bytesDropped = 0
    /// Files that were put aside as damaged.
    package var quarantinedFiles: [String] = []
    /// Files that should be there and are not, or whose list can't be read.
    package var missingFiles: [String] = []
    /// Files about other files that are damaged, and whose loss leaves no data out: what they would have shown is not seen.
    package var damagedNotes: [String] = []
    /// Time ranges whose data is missing, those found by earlier starts included.
    package var damaged: [TimeWindow] = []
    /// Time of the newest sample, or of the newest chunk's end.
    package var newestSample: Timestamp?
    /// The newest time in the log.
    package var newest: Timestamp?
    /// The log was not finished: its process was killed, or the end of the log is cut off. What it had not written, at
    /// most the last second before `newest` or after it, is missing.
    package var isUnfinished = false
    /// The first thing that was wrong, in words.
    package var firstProblem: String?
    /// How long the recovery took.
    package var duration: Milliseconds = 0

    /// Nothing found yet.
    package init() {}
}

extension RecoveryReport: CustomStringConvertible {
    /// One line for the log.
    package var description: String {
        var text = "recovered \(series) series in \(groups) groups: \(chunks) chunks, \(rows) open rows, "
        text += "\(samples) samples in \(duration) ms"
        if isUnfinished {
            let end = newest.map { " at \(RFC3339.text($0))" } ?? ""
            text += "; the last process did not end by itself: the log stops\(end)"
        }
        if bytesDropped > 0 { text += "; \(bytesDropped) bytes of the log were left out" }
        if framesUnusable > 0 { text += "; \(framesUnusable) frames could not be used" }
        if !quarantinedFiles.isEmpty { text += "; damaged and put aside: \(quarantinedFiles.joined(separator: ", "))" }
        if !missingFiles.isEmpty { text += "; gone: \(missingFiles.prefix(10).joined(separator: ", "))" }
        if missingFiles.count > 10 { text += " and \(missingFiles.count - 10) more files" }
        if !damagedNotes.isEmpty {
            text +=
                "; damaged notes (no data is lost with them, and what was cut off the log may not be noticed this time): "
            text += damagedNotes.joined(separator: ", ")
        }
        for window in damaged.prefix(3) {
            text += "; missing: \(window.span)"
        }
        if damaged.count > 3 { text += " and \(damaged.count - 3) more ranges" }
        if let firstProblem { text += " (\(firstProblem))" }
        return text
    }
}
