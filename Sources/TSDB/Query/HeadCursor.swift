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
    private let slices = Mutex<[RowSlice]>([])

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
        slices.withLock { slices in
            var best: Int?
            for place in slices.indices where slices[place].words.covers(words) {
                guard let row = slices[place].row, (head.firstNumber...wanted).contains(row) else { continue }
                if best.flatMap({ slices[$0].row }) ?? -1 < row { best = place }
            }
            guard let best else { return nil }
            let found = slices.remove(at: best)
            slices.append(found)
            return found
        }
    }

    private func keep(_ slice: RowSlice, in head: HeadRows) {
        let most = head.irregular.breaks.isEmpty ? Self.slicesMax : Self.brokenSlicesMax
        slices.withLock { slices in
            if slices.count >= most { slices.removeFirst(slices.count + 1 - most) }
            slices.append(slice.withoutScratch)
        }
    }

    /// Gives the memory back.
    func clear() { slices.withLock { $0 = [] } }
}
