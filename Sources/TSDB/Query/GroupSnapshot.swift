import Model
import Synchronization

/// What one group held when a query began: references only, nothing is decoded.
struct GroupSnapshot {
    let group: UInt64
    let chunks: [SealedChunk]
    /// Open rows of a scrape group.
    let open: OpenRows?
    /// Open samples per column of a series group.
    let runs: [SeriesRun]
    /// Rows that were lost.
    private let lost: [LostRows]

    /// Takes the group's lock for a moment.
    init(_ group: StoredGroup) {
        self.group = group.id
        switch group {
        case .rows(let rows):
            (chunks, open, lost) = rows.state.withLock { ($0.chunks, $0.openRows(of: rows), $0.lost) }
            runs = []
        case .series(let series):
            (chunks, runs) = series.state.withLock { ($0.chunks, $0.runs) }
            (open, lost) = (nil, [])
        }
    }

    /// The readable chunks with samples in the window.
    func chunks(in window: TimeWindow) -> [SealedChunk] { chunks.filter { $0.overlaps(window) && !$0.isDamaged } }

    /// Ranges of the damaged chunks and the lost rows that overlap the window.
    func damaged(in window: TimeWindow) -> [TimeWindow] {
        chunks.filter { $0.overlaps(window) && $0.isDamaged }.map(\.window)
            + lost.map(\.window).filter { $0.overlaps(window) }
    }

    /// The columns of `columns` that may have samples in the window, judged by chunks.
    func populated(_ columns: [Int], in window: TimeWindow) -> [Int] {
        var known: [UInt64] = []
        func add(_ bits: [UInt64]) {
            if known.isEmpty { return known = bits }
            if known.count < bits.count { known += repeatElement(0, count: bits.count - known.count) }
            for word in bits.indices { known[word] |= bits[word] }
        }
        for chunk in chunks(in: window) {
            guard let bits = chunk.populated else { return columns }
            add(bits)
        }
        if let open, !open.head.rows(in: window).isEmpty { add(open.head.populated) }
        func isPopulated(_ column: Int) -> Bool {
            if column >> 6 < known.count, known[column >> 6] & (1 << UInt64(column & 63)) != 0 { return true }
            guard column < runs.count, let first = runs[column].times.first, let last = runs[column].times.last else {
                return false
            }
            return first <= window.end && last > window.start
        }
        // Mostly all are, and then nothing is allocated.
        return columns.allSatisfy(isPopulated) ? columns : columns.filter(isPopulated)
    }
}
