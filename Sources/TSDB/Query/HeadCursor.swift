import Synchronization

/// The cells of the open rows of a group that queries needed last, as long as they are few. The selectors of one query
/// ask for the same rows, and the next query mostly for those or some near them: it goes on from there instead of from a
/// checkpoint. For those a little before, a row of every few is kept on the way.
final class HeadCursor: Sendable {
    /// Where windows began and where they ended, and for each the kept rows before it; the last asked for at the end.
    private static let slicesMax = 6
    /// Where there are breaks, windows begin and end there, too.
    private static let brokenSlicesMax = 12
    /// Larger slices are not kept: 50 targets with 4 words at 6 places take 600 KB.
    private static let wordsMax = 4
    /// One of so many rows is kept on the way.
    private static let spacing = 8
    private struct State {
        var slices: [RowSlice] = []
        /// Somebody asked since the last `rest()`.
        var isUsed = false
    }

    private let state = Mutex(State())

    /// Number of kept slices.
    var count: Int { state.withLock { $0.slices.count } }

    /// The cells of `words` after row `row` of `head`; `nil` for more words than are kept.
    func slice(at row: Int, _ words: ColumnWords, in head: HeadRows) throws(DecodeError) -> RowSlice? {
        if words.list.count > Self.wordsMax { return nil }
        let wanted = head.firstNumber + row
        var slice = find(wanted, words, in: head) ?? RowSlice(words)
        if slice.row == wanted { return slice }
        let between = wanted - wanted % Self.spacing
        if between > max(slice.row ?? 0, head.firstNumber + head.cut(atOrBefore: row)), between < wanted {
            try slice.move(to: between - head.firstNumber, in: head)
            keep(slice, in: head)
        }
        try slice.move(to: row, in: head)
        keep(slice, in: head)
        return slice
    }

    /// The kept slice from which the way to row number `wanted` is shortest.
    private func find(_ wanted: Int, _ words: ColumnWords, in head: HeadRows) -> RowSlice? {
        state.withLock { state in
            state.isUsed = true
            var best: Int?
            for place in state.slices.indices where state.slices[place].words.covers(words) {
                guard let row = state.slices[place].row, (head.firstNumber...wanted).contains(row) else { continue }
                if best.flatMap({ state.slices[$0].row }) ?? -1 < row { best = place }
            }
            guard let best else { return nil }
            let found = state.slices.remove(at: best)
            state.slices.append(found)
            return found
        }
    }

    private func keep(_ slice: RowSlice, in head: HeadRows) {
        let most = head.irregular.breaks.isEmpty ? Self.slicesMax : Self.brokenSlicesMax
        state.withLock { state in
            if state.slices.count >= most { state.slices.removeFirst(state.slices.count + 1 - most) }
            state.slices.append(slice.withoutScratch)
        }
    }

    /// Gives the memory back.
    func clear() { state.withLock { $0 = State() } }

    /// Gives the memory back when nobody has asked since the last call: who asks less often than every few seconds loses
    /// little by beginning at a checkpoint.
    func rest() {
        state.withLock { state in
            if !state.isUsed { state.slices = [] }
            state.isUsed = false
        }
    }
}
