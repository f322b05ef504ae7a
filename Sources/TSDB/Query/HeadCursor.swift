import Synchronization

/// The decoded state of one open row of a group that a query needed last. The next query mostly begins at that row or a few
/// rows behind it, and goes on from there instead of from a checkpoint.
final class HeadCursor: Sendable {
    private struct Place {
        /// Number of the row within the group.
        var row: Int
        var state: RowState
    }

    private let place = Mutex<Place?>(nil)

    /// The state of row `row` of `head`.
    func state(of row: Int, in head: HeadRows) throws(DecodeError) -> RowState {
        // Taken out, so that it is changed where it is.
        let known = place.withLock { place -> Place? in
            defer { place = nil }
            return place
        }
        var state = RowState()
        var from: Int?
        if let known, known.row >= head.firstNumber, known.row <= head.firstNumber + row {
            state = known.state
            from = known.row - head.firstNumber
        }
        try head.advance(&state, from: from, to: row)
        place.withLock { $0 = Place(row: head.firstNumber + row, state: state) }
        return state
    }

    /// Gives the memory back.
    func clear() { place.withLock { $0 = nil } }
}
