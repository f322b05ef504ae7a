import Model
import Synchronization

/// A group of either kind.
enum StoredGroup {
    /// Rows with a shared time.
    case rows(ScrapeGroup)
    /// Series with times of their own.
    case series(SeriesGroup)

    /// The group's number.
    var id: UInt64 {
        switch self {
        case .rows(let group): group.id
        case .series(let group): group.id
        }
    }

    /// Its slot in the index.
    var slot: Int {
        switch self {
        case .rows(let group): group.slot
        case .series(let group): group.slot
        }
    }

    var sealedChunks: [SealedChunk] {
        switch self {
        case .rows(let group): group.state.withLock { $0.chunks }
        case .series(let group): group.state.withLock { $0.chunks }
        }
    }

    /// Times of the oldest and newest sample; `nil` for an empty group.
    var span: ClosedRange<Timestamp>? {
        switch self {
        case .rows(let group): group.span
        case .series(let group): group.span
        }
    }

    /// Whether samples may lie in the window.
    func mayOverlap(_ window: TimeWindow) -> Bool {
        guard let span else { return false }
        return span.lowerBound <= window.end && span.upperBound > window.start && !window.isEmpty
    }
}

/// The index and the groups of a store as they were at one moment: what a query or maintenance reads.
struct StoreView {
    let index: IndexView
    /// By slot of the index; `nil` is a free slot.
    let groups: [StoredGroup?]
}
