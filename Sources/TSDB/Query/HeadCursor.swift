import Synchronization

/// The cells of the open rows of a group that queries needed last, as long as they are few. The selectors of one query
/// ask for the same rows, and the next query mostly for those or some a little behind them: it goes on from there
/// instead of from a checkpoint.
final class HeadCursor: Sendable {
    /// Where windows began and where they ended, the last asked for at the end.
    private static let slicesMax = 2
    /// Larger slices are not kept: 50 targets with 4 words at 2 places take 200 KB.
    private static let wordsMax = 4
    private let slices = Mutex<[RowSlice]>([])

    /// The cells of `words` after row `row` of `head`.
    func slice(at row: Int, _ words: ColumnWords, in head: HeadRows) throws(DecodeError) -> RowSlice {
        if words.list.count > Self.wordsMax {
            var slice = RowSlice(words)
            try slice.move(to: row, in: head)
            return slice
        }
        let wanted = head.firstNumber + row
        let known = slices.withLock { slices -> RowSlice? in
            var best: Int?
            for place in slices.indices where slices[place].words.covers(words) {
                guard let row = slices[place].row, (head.firstNumber...wanted).contains(row) else { continue }
                if best.flatMap({ slices[$0].row }) ?? -1 < row { best = place }
            }
            guard let best else { return nil }
            // What is used again is taken out, so that it changes where it is; an exact hit is shared.
            return slices[best].row == wanted ? slices[best] : slices.remove(at: best)
        }
        var slice = known ?? RowSlice(words)
        if slice.row == wanted { return slice }
        try slice.move(to: row, in: head)
        slices.withLock { slices in
            if slices.count >= Self.slicesMax { slices.removeFirst() }
            slices.append(slice)
        }
        return slice
    }

    /// Gives the memory back.
    func clear() { slices.withLock { $0 = [] } }
}
