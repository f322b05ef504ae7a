import Model

/// The open rows of a scrape group as they were when a query began: one reference instead of a dozen.
final class OpenRows: Sendable {
    let head: HeadRows
    /// The cache of decoded cells, from which the next query begins to decode.
    let cursor: HeadCursor
    private weak let group: ScrapeGroup?

    init(_ head: HeadRows, _ group: ScrapeGroup) {
        self.head = head
        self.group = group
        cursor = group.cursor
    }

    /// Rows could not be decoded for samples in the window. Has their group leave them out from the next query on, as with
    /// a damaged chunk, and returns the error to throw.
    func damage(_ window: TimeWindow, _ error: DecodeError) -> StorageError {
        group?.mend(head, window)
        return .damaged(window, reason: error.description)
    }
}
