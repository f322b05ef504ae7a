/// A stretch of the query text, as byte offsets: `start` inclusive, `end` exclusive.
package struct SourceRange: Sendable, Hashable {
    /// First byte.
    package var start: Int
    /// One past the last byte.
    package var end: Int

    /// A range.
    package init(_ start: Int, _ end: Int) {
        self.start = start
        self.end = end
    }
}
