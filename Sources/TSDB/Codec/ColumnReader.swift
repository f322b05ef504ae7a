import Model

/// Reads columns of a chunk one after the other. Rising columns of one chain are read in one pass over the chain.
struct ColumnReader: ~Copyable {
    private let chunk: Chunk
    private let chains: ColumnChains
    private var movements: ChainMovements
    /// The column that `movements` belong to, and the rows up to which they are right.
    private var reached: (column: Int, rows: Int) = (-1, 0)

    /// A reader for a chunk of a group whose columns are chained so. `chains` must have all columns of the chunk.
    init(_ chunk: Chunk, _ chains: ColumnChains) {
        self.chunk = chunk
        self.chains = chains
        movements = ChainMovements(rowCount: chunk.times.count)
    }

    /// Hands the runs of equal samples of a column within `rows` to `body`, in order.
    @inline(__always)
    mutating func runs(
        of column: Int, in rows: Range<Int>, _ body: (ColumnCodec.Run) -> Void
    ) throws(DecodeError) {
        guard column < chunk.columnCount, !rows.isEmpty else { return }
        let back = Int(chains.back[column])
        let isChained = back != 0 || ColumnChains.successor(of: column, chains.back.span) != nil
        guard isChained else {
            if chunk.isPopulated(column) { try walkAlone(column, rows, body) }
            return
        }
        if reached.column >= column || reached.rows != rows.upperBound || !leads(from: reached.column, to: column) {
            movements.clear()
            reached = (-1, rows.upperBound)
        }
        try approach(column, rows)
        try Self.walkChained(chunk, column, rows, &movements, body)
        reached.column = column
    }

    /// Whether a column lies in the chain before another one.
    private func leads(from start: Int, to column: Int) -> Bool {
        var column = column
        while column > start, chains.back[column] != 0 { column -= Int(chains.back[column]) }
        return column == start
    }

    /// Reads the part of the chain before `column` that has not been read.
    private mutating func approach(_ column: Int, _ rows: Range<Int>) throws(DecodeError) {
        let distance = Int(chains.back[column])
        if distance == 0 || column - distance == reached.column { return }
        let predecessor = column - distance
        // Chains are short, and damaged chains can't be: they come from labels, not from the chunk.
        try approach(predecessor, rows)
        try Self.walkChained(chunk, predecessor, rows, &movements) { _ in }
        reached.column = predecessor
    }

    private func walkAlone(
        _ column: Int, _ rows: Range<Int>, _ body: (ColumnCodec.Run) -> Void
    ) throws(DecodeError) {
        let bytes = chunk.bytes.span
        var gaps = chunk.gaps(of: column, bytes)
        var tokens = chunk.tokens(of: column, bytes)
        var cell = Cell()
        var since = 0
        var next = 0
        while !gaps.isAtEnd, next < rows.upperBound {
            let row = next &+ (try gaps.count(bytes, limit: Chunk.rowsMax))
            guard row < chunk.times.count else { throw .invalid("more rows than the chunk has", at: gaps.at) }
            if row >= rows.upperBound { break }
            if cell.kind != .absent, row > rows.lowerBound, row > since {
                body(.init(rows: max(since, rows.lowerBound)..<row, bits: cell.bits))
            }
            var moved: Int64 = 0
            try CellCodec.decode(try tokens.varint(bytes), &cell, moved: &moved, bytes, &tokens)
            since = row
            next = row &+ 1
        }
        Self.finish(cell, since, rows, body)
    }

    /// `movements` are the predecessor's, and become the column's.
    private static func walkChained(
        _ chunk: Chunk, _ column: Int, _ rows: Range<Int>, _ movements: inout ChainMovements,
        _ body: (ColumnCodec.Run) -> Void
    ) throws(DecodeError) {
        let bytes = chunk.bytes.span
        var gaps = chunk.gaps(of: column, bytes)
        var tokens = chunk.tokens(of: column, bytes)
        var cell = Cell()
        var since = 0
        var coded = try Self.codedRow(after: -1, &gaps, bytes, chunk.times.count)
        var moving = movements.firstRow(from: 0) ?? .max
        while min(coded, moving) < rows.upperBound {
            let row = min(coded, moving)
            let before = cell
            var moved = movements[row]
            if row == coded {
                try CellCodec.decode(try tokens.varint(bytes), &cell, moved: &moved, bytes, &tokens)
                coded = try Self.codedRow(after: row, &gaps, bytes, chunk.times.count)
            } else {
                _ = CellCodec.follow(&cell, moved: &moved)
            }
            movements[row] = moved
            moving = movements.firstRow(from: row &+ 1) ?? .max
            if cell == before { continue }
            if before.kind != .absent, row > rows.lowerBound, row > since {
                body(.init(rows: max(since, rows.lowerBound)..<row, bits: before.bits))
            }
            since = row
        }
        Self.finish(cell, since, rows, body)
    }

    @inline(__always)
    private static func codedRow(
        after row: Int, _ gaps: inout ByteCursor, _ bytes: Span<UInt8>, _ rowCount: Int
    ) throws(DecodeError) -> Int {
        if gaps.isAtEnd { return .max }
        let next = row &+ 1 &+ (try gaps.count(bytes, limit: Chunk.rowsMax))
        guard next < rowCount else { throw .invalid("more rows than the chunk has", at: gaps.at) }
        return next
    }

    @inline(__always)
    private static func finish(_ cell: Cell, _ since: Int, _ rows: Range<Int>, _ body: (ColumnCodec.Run) -> Void) {
        if cell.kind != .absent, since < rows.upperBound {
            body(.init(rows: max(since, rows.lowerBound)..<rows.upperBound, bits: cell.bits))
        }
    }
}
