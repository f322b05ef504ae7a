import Model

/// Turns the open rows of a group into a sealed chunk: the changes of all rows are collected and put in column order,
/// which costs time and memory by changes, not by cells.
enum ChunkSealer {
    private struct Step {
        var column: UInt32
        var row: UInt32
        var cell: Cell
    }

    private struct Collector: HeadVisitor {
        var steps: [Step] = []
        var row: UInt32 = 0

        mutating func begin(row: Int) { self.row = UInt32(row) }

        mutating func changed(column: Int, from old: Cell, to new: Cell) {
            steps.append(Step(column: UInt32(column), row: row, cell: new))
        }
    }

    /// The bytes of the chunk of the first `rowCount` open rows. There must be as many, and at least one.
    static func seal(_ head: HeadRows, rowCount: Int) throws(DecodeError) -> [UInt8] {
        let columns = head.state.columnCount
        var collector = Collector()
        try head.walk(0..<rowCount, &collector)
        let steps = collector.steps

        // Counting sort by column; rows stay in order.
        var starts = [Int](repeating: 0, count: columns + 1)
        for step in steps { starts[Int(step.column) + 1] += 1 }
        for column in 0..<columns { starts[column + 1] += starts[column] }
        var order = [UInt32](repeating: 0, count: steps.count)
        var next = starts
        for index in steps.indices {
            let column = Int(steps[index].column)
            order[next[column]] = UInt32(index)
            next[column] += 1
        }

        var out = preamble(head, rowCount, columns: columns)
        var gaps: [UInt8] = []
        var tokens: [UInt8] = []
        gaps.reserveCapacity(steps.count)
        tokens.reserveCapacity(steps.count * 2)
        var movements = ChainMovements(rowCount: rowCount)
        // What the column before the last one moved by: `_count` may follow its bucket over `_sum`.
        var older = movements
        for column in 0..<columns {
            let (gapsBefore, tokensBefore) = (gaps.count, tokens.count)
            let part = order[starts[column]..<starts[column + 1]]
            switch head.chains.back[column] {
            case 0:
                swap(&older, &movements)
                movements.clear()
            case 1: break
            default: swap(&older, &movements)
            }
            ColumnCodec.encode(
                part.lazy.map { (row: Int(steps[Int($0)].row), cell: steps[Int($0)].cell) }, &movements, gaps: &gaps,
                tokens: &tokens)
            out.putVarint(gaps.count - gapsBefore)
            out.putVarint(tokens.count - tokensBefore)
        }
        return out + gaps + tokens
    }

    private static func preamble(_ head: HeadRows, _ rowCount: Int, columns: Int) -> [UInt8] {
        var out: [UInt8] = [Chunk.magic, Chunk.version, Chunk.rowKind]
        out.putVarint(rowCount)
        out.putVarint(columns)
        TimeCodec.encode(head.marks[..<rowCount].lazy.map(\.time), into: &out)
        var row = 0
        while row < rowCount {
            var end = row
            while end < rowCount, head.marks[end].outcome == head.marks[row].outcome { end += 1 }
            out.putVarint(UInt64(head.marks[row].outcome))
            out.putVarint(end - row)
            row = end
        }
        return out
    }
}
