import Synchronization

/// The decoded states of the open rows of a group that queries needed last. The selectors of one query ask for the same
/// rows, and the next query mostly for those or some a little behind them: it goes on from there instead of from a
/// checkpoint.
final class HeadCursor: Sendable {
    private struct Place {
        /// Number of the row within the group.
        var row: Int
        /// Which of its cells are right.
        var words: ColumnWords
        var state: RowState
    }

    /// Where windows began and where they ended, the last asked for at the end.
    private static let placesMax = 2
    private let places = Mutex<[Place]>([])

    /// The state of row `row` of `head`, of which only the cells of `words` are right.
    func state(of row: Int, _ words: ColumnWords, in head: HeadRows) throws(DecodeError) -> RowState {
        let wanted = head.firstNumber + row
        let known = places.withLock { places -> Place? in
            let usable = places.indices.filter {
                (head.firstNumber...wanted).contains(places[$0].row) && places[$0].words.covers(words)
            }
            guard let best = usable.max(by: { places[$0].row < places[$1].row }) else { return nil }
            // What is used again is taken out, so that it changes where it is; an exact hit is shared.
            return places[best].row == wanted ? places[best] : places.remove(at: best)
        }
        if let known, known.row == wanted { return known.state }
        var state = known?.state ?? RowState()
        try head.advance(&state, words, from: known.map { $0.row - head.firstNumber }, to: row)
        places.withLock { places in
            if places.count >= Self.placesMax { places.removeFirst() }
            places.append(Place(row: wanted, words: words, state: state))
        }
        return state
    }

    /// Gives the memory back.
    func clear() { places.withLock { $0 = [] } }
}
