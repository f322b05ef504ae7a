/// Chains of the columns of classic histograms, which move together: buckets are cumulative, so an observation moves its
/// bucket and every one above it by the same amount. Codecs store each column's difference less its predecessor's, which
/// leaves one number per observation. Which columns are chained follows from labels (`BucketChainFinder`; docs/format.md,
/// "Chains").
///
/// The predecessor is one or two columns before (`_sum` may lie between the buckets and `_count`), and no two columns
/// have the same one. A wrong guess costs bytes, never a value.
///
/// Columns are added at the end, and what the first of them are chained to never changes. A row or a chunk is coded by
/// the chains of its own columns: a column that came later can continue a chain, and a reader that follows it there finds
/// something that the writer did not know of.
struct BucketChains: Sendable, Equatable {
    /// Per column the distance back to its predecessor: 1 or 2 columns, 0 for none.
    private(set) var predecessorOffsets: [UInt8] = []

    /// Number of columns.
    var count: Int { predecessorOffsets.count }

    /// Adds a column whose predecessor is `distance` columns before it: 0 for none, 1 or 2. It gets none when that column
    /// is not there or is the predecessor of another one.
    mutating func append(_ distance: Int) {
        let isTaken = distance > predecessorOffsets.count || distance == 2 && predecessorOffsets.last == 1
        predecessorOffsets.append(isTaken ? 0 : UInt8(distance))
    }

    /// The chains of the first `count` columns, or of all where there are fewer.
    func prefix(_ count: Int) -> BucketChains {
        if count >= predecessorOffsets.count { return self }
        var chains = BucketChains()
        chains.predecessorOffsets = Array(predecessorOffsets[..<max(0, count)])
        return chains
    }

    /// The first column of the chain that `column` is in.
    func start(of column: Int) -> Int {
        var column = column
        while predecessorOffsets[column] != 0 { column -= Int(predecessorOffsets[column]) }
        return column
    }

    /// The column whose predecessor is `column`.
    @inline(__always)
    static func successor(of column: Int, _ predecessorOffsets: Span<UInt8>) -> Int? {
        if column &+ 1 < predecessorOffsets.count, predecessorOffsets[column &+ 1] == 1 { return column &+ 1 }
        if column &+ 2 < predecessorOffsets.count, predecessorOffsets[column &+ 2] == 2 { return column &+ 2 }
        return nil
    }
}

/// The differences that columns made in a row, on the way from column to column: what a successor is predicted from.
struct ChainDifferences {
    private var columns = (-1, -1)
    private var differences: (Int64, Int64) = (0, 0)

    /// The difference of the predecessor of `column`, 0 when it has none or that did not move.
    @inline(__always)
    func predicted(_ column: Int, _ predecessorOffsets: Span<UInt8>) -> Int64 {
        let distance = Int(predecessorOffsets[column])
        if distance == 0 { return 0 }
        let predecessor = column &- distance
        if columns.0 == predecessor { return differences.0 }
        return columns.1 == predecessor ? differences.1 : 0
    }

    /// `column`, which is above all before, moved by `difference`.
    @inline(__always)
    mutating func note(_ column: Int, _ difference: Int64) {
        columns = (column, columns.0)
        differences = (difference, differences.0)
    }
}
