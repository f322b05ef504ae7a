import Model

/// Codes one sealed column: the steps from row to row as cell tokens, a run token for rows that change nothing, and
/// nothing at all for unchanged rows at the end. A column without samples has no bytes, a constant one only its first
/// value.
enum ColumnCodec {
    /// A stretch of rows that all hold the same sample.
    struct Run: Equatable {
        var rows: Range<Int>
        var bits: UInt64
    }

    /// Appends the column whose cells change as `steps` says, rows rising.
    static func encode(_ steps: some Sequence<(row: Int, cell: Cell)>, into out: inout [UInt8]) {
        var cell = Cell()
        var next = 0
        for step in steps {
            if step.row > next {
                out.putVarint(CellCodec.run)
                out.putVarint(step.row &- next)
            }
            if step.cell.kind == .absent {
                CellCodec.encodeAbsent(after: &cell, into: &out)
            } else {
                CellCodec.encode(step.cell.bits, after: &cell, into: &out)
            }
            next = step.row &+ 1
        }
    }

    /// Hands the runs of samples within `rows` to `body`, in order. `rowCount` is the chunk's.
    @inline(__always)
    static func runs(
        _ bytes: Span<UInt8>, _ part: Range<Int>, rowCount: Int, in rows: Range<Int>, _ body: (Run) -> Void
    ) throws(DecodeError) {
        var cursor = ByteCursor(bytes, from: part.lowerBound, to: part.upperBound)
        var cell = Cell()
        var since = 0
        var next = 0
        while !cursor.isAtEnd, next < rows.upperBound {
            let token = try cursor.varint(bytes)
            if token == CellCodec.run {
                next &+= try cursor.count(bytes, limit: rowCount)
                continue
            }
            guard next < rowCount else { throw .invalid("more rows than the chunk has", at: cursor.at) }
            if cell.kind != .absent, next > rows.lowerBound {
                body(Run(rows: max(since, rows.lowerBound)..<next, bits: cell.bits))
            }
            try CellCodec.decode(token, &cell, bytes, &cursor)
            since = next
            next &+= 1
        }
        if cell.kind != .absent, since < rows.upperBound {
            body(Run(rows: max(since, rows.lowerBound)..<rows.upperBound, bits: cell.bits))
        }
    }
}
