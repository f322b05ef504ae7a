import Synchronization

/// Cache of decoded cells of a group's open rows, for queries of few columns. The selectors of one query read the same rows, and
/// the next query mostly the same or later ones: decoding goes on from the cached row instead of from a checkpoint. On the
/// way every eighth row is cached too, for queries whose window begins a little earlier.
final class HeadCursor: Sendable {
    /// Cached rows, least recently used first: those at which windows began and ended, and the ones cached on the way there.
    private static let keptMax = 6
    /// The same where the rows have breaks, at which windows are cut in two.
    private static let brokenKeptMax = 12
    /// More words are not kept: 50 targets with 4 words at 6 rows take 600 KB.
    private static let wordsMax = 4
    /// One of so many rows is cached on the way.
    private static let spacing = 8
    private struct State {
        var kept: [RowCells] = []
        /// A query has asked since the last `trim()`.
        var isUsed = false
    }

    private let state = Mutex(State())

    /// Number of kept rows.
    var count: Int { state.withLock { $0.kept.count } }

    /// The cells of `words`, and maybe of more, after row `row` of `head`; `nil` for more words than are kept.
    func cells(at row: Int, _ words: ColumnMask, in head: HeadRows) throws(DecodeError) -> RowCells? {
        if words.list.count > Self.wordsMax { return nil }
        let wanted = head.firstNumber + row
        let found = find(wanted, words, in: head)
        if let found, found.row == wanted { return found }
        var decoder = CheckpointDecoder(found ?? RowCells(words))
        let between = wanted - wanted % Self.spacing
        if between > max(found?.row ?? 0, head.firstNumber + head.cut(atOrBefore: row)), between < wanted {
            try decoder.move(to: between - head.firstNumber, in: head)
            keep(decoder.cells, in: head)
        }
        try decoder.move(to: row, in: head)
        keep(decoder.cells, in: head)
        return decoder.cells
    }

    /// The cached cells of the latest row up to row number `wanted` that have all of `words`.
    private func find(_ wanted: Int, _ words: ColumnMask, in head: HeadRows) -> RowCells? {
        state.withLock { state in
            state.isUsed = true
            var best: (index: Int, row: Int)?
            for index in state.kept.indices {
                guard let row = state.kept[index].row, (head.firstNumber...wanted).contains(row) else { continue }
                if let best, row <= best.row { continue }
                if state.kept[index].words.covers(words) { best = (index, row) }
            }
            guard let best else { return nil }
            let last = state.kept.count - 1
            if best.index < last { state.kept.append(state.kept.remove(at: best.index)) }
            return state.kept[last]
        }
    }

    private func keep(_ cells: RowCells, in head: HeadRows) {
        let most = head.resets.breaks.isEmpty ? Self.keptMax : Self.brokenKeptMax
        state.withLock { state in
            if state.kept.count >= most { state.kept.removeFirst(state.kept.count + 1 - most) }
            state.kept.append(cells)
        }
    }

    /// Empties the cache.
    func clear() { state.withLock { $0 = State() } }

    /// Empties the cache when no query has asked since the last call: a query every few seconds loses little by beginning at a
    /// checkpoint.
    func trim() {
        state.withLock { state in
            if !state.isUsed { state.kept = [] }
            state.isUsed = false
        }
    }
}
