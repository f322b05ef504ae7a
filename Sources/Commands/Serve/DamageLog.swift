import Logging
import Model
import TSDB

/// Tells once of each part of a group that turned out damaged.
struct DamageLog {
    /// Lines of one round: a fault that hits every target says so in few.
    private static let linesMax = 10
    private var told: Set<String> = []

    /// Tells what is new.
    mutating func tell(_ parts: [DamagedPart], to logger: Logger) {
        let known = told
        let lines = parts.map(Self.line)
        told = Set(lines)
        let new = lines.filter { !known.contains($0) }
        for line in new.prefix(Self.linesMax) { logger.error("\(line)") }
        if new.count > Self.linesMax { logger.error("and \(new.count - Self.linesMax) more damaged parts") }
    }

    private static func line(_ part: DamagedPart) -> String {
        let owner =
            part.key.job.isEmpty ? "series with times of their own" : "target \(part.key.target) of job \(part.key.job)"
        let window = part.window
        return
            "stored data of \(owner) from \(RFC3339.text(window.start)) to \(RFC3339.text(window.end)) is damaged and "
            + "left out: \(part.reason)"
    }
}
