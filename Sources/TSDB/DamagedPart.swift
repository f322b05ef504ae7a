package import Model
import Synchronization

/// Data of one group that could not be decoded: a sealed chunk, or open rows from one checkpoint to the next. Only this
/// group has no samples in the window; all else can be read.
package struct DamagedPart: Sendable, Equatable {
    /// Whose data it is; empty for series with times of their own.
    package var key: GroupKey
    /// Where its samples are missing.
    package var window: TimeWindow
    /// What was found.
    package var reason: String
}

extension Database {
    /// The parts of groups that are known to be damaged, in the order of the groups. O(chunks).
    package var damagedParts: [DamagedPart] {
        let parts = groups.flatMap { group -> [DamagedPart] in
            let (key, chunks, lost) = group.damage
            var parts = lost.map { DamagedPart(key: key, window: $0.window, reason: $0.reason) }
            for chunk in chunks {
                guard let reason = chunk.damageReason else { continue }
                parts.append(DamagedPart(key: key, window: chunk.window, reason: reason))
            }
            return parts
        }
        context.damagedPartCount.store(parts.count, ordering: .relaxed)
        return parts
    }

    /// How many `damagedParts` had last, with the rows that were lost since. Takes no lock.
    package var knownDamagedParts: Int { context.damagedPartCount.load(ordering: .relaxed) }
}

extension StoredGroup {
    fileprivate var damage: (key: GroupKey, chunks: [SealedChunk], lost: [LostRows]) {
        switch self {
        case .rows(let group): group.state.withLock { (group.key, $0.chunks, $0.lost) }
        case .series(let group): group.state.withLock { (SeriesGroup.key, $0.chunks, []) }
        }
    }
}
