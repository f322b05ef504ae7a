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

    /// The bytes of the chunk of all rows. `head` must have rows.
    static func seal(_ head: HeadRows) throws(DecodeError) -> [UInt8] {
        let columns = head.state.columnCount
        var collector = Collector()
        try head.walk(0..<head.count, &collector)
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

        var out = preamble(head, columns: columns)
        var data: [UInt8] = []
        data.reserveCapacity(steps.count * 2)
        for column in 0..<columns {
            let before = data.count
            let part = order[starts[column]..<starts[column + 1]]
            ColumnCodec.encode(part.lazy.map { (row: Int(steps[Int($0)].row), cell: steps[Int($0)].cell) }, into: &data)
            out.putVarint(data.count - before)
        }
        return out + data
    }

    private static func preamble(_ head: HeadRows, columns: Int) -> [UInt8] {
        var out: [UInt8] = [Chunk.magic, Chunk.version, Chunk.rowKind]
        out.putVarint(head.count)
        out.putVarint(columns)
        TimeCodec.encode(head.marks.lazy.map(\.time), into: &out)
        var row = 0
        while row < head.count {
            var end = row
            while end < head.count, head.marks[end].outcome == head.marks[row].outcome { end += 1 }
            out.putVarint(UInt64(head.marks[row].outcome))
            out.putVarint(end - row)
            row = end
        }
        return out
    }
}
