package import Model
import Rollout

/// The part of a time that a store has samples of, in which ticks are made, and what is to be said of the rest.
package struct ReplaySpan: Sendable {
    /// The first and the last moment of which there may be ticks; `nil` when the store has nothing of the time.
    package var ends: (first: Timestamp, last: Timestamp)?
    /// Sentences about what is left out.
    package var notes: [String] = []

    /// The part of `first` through `last` that lies within `range`. `store` is the name of the store in the sentences.
    package init(
        from first: Timestamp, through last: Timestamp, of range: ClosedRange<Timestamp>?, in store: String
    ) {
        guard let range else {
            notes = ["\(store) has no samples"]
            return
        }
        let has =
            "\(store) has samples from \(RFC3339.text(range.lowerBound)) to \(RFC3339.text(range.upperBound))"
        guard first <= range.upperBound, last >= range.lowerBound else {
            notes = ["\(has), and none from \(RFC3339.text(first)) to \(RFC3339.text(last))"]
            return
        }
        if first < range.lowerBound {
            notes.append(
                "\(has); the start asked for, \(RFC3339.text(first)), is before that, so the replay begins there")
        }
        if last.minusClamped(range.upperBound) > CanaryStateMachine.intervalMin {
            notes.append("\(has); the end asked for, \(RFC3339.text(last)), is after that, so the replay ends there")
        }
        ends = (max(first, range.lowerBound), min(last, range.upperBound))
    }
}
