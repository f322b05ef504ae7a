import Model

/// Transposition of a group's open rows into the columns of a sealed chunk (docs/format.md, "Chunk of rows").
///
/// Only the cells that change are collected and put in column order, by a counting sort over two decodings of the rows: time
/// and memory go by changes, not by cells. `ColumnShaper` makes deltas of them, and `ColumnBlockEncoder` the blocks.
enum ChunkSealer {
    /// A block with so many symbols is complete: reading a column reads its block up to there.
    private static let blockSymbols = 1_024

    /// Counts the changes of each column.
    private struct Counter: HeadVisitor {
        var counts: [Int]

        mutating func begin(row: Int) {}

        mutating func changed(column: Int, from old: Cell, to new: Cell) { counts[column] += 1 }
    }

    /// Puts each change at its index in column order.
    private struct Collector: HeadVisitor {
        var steps: ColumnSteps
        var next: [Int]
        var row: UInt32 = 0

        mutating func begin(row: Int) { self.row = UInt32(row) }

        mutating func changed(column: Int, from old: Cell, to new: Cell) {
            let rank = next[column]
            next[column] = rank + 1
            steps.rows[rank] = row &<< 2 | UInt32(new.kind.rawValue)
            steps.numbers[rank] = new.number
        }
    }

    /// The bytes of the chunk of the first `rowCount` open rows. There must be as many, and at least one.
    static func seal(_ head: HeadRows, rowCount: Int) throws(DecodeError) -> [UInt8] {
        let columns = head.state.columnCount
        let bucketChains = head.chains.prefix(columns)
        let steps = try collect(head, rowCount, columns)
        var shaper = ColumnShaper(rowCount: rowCount)
        var writer = ColumnBlockEncoder(rowCount: rowCount)
        var blocks: [UInt8] = []
        var directory: [UInt8] = []
        var blockCount = 0
        var first = 0
        var column = 0
        while column < columns {
            var end = column + 1
            while end < columns, ChainLists.crosses(end, bucketChains) { end += 1 }
            let chains = ChainLists(column..<end, bucketChains)
            for chain in 0..<chains.count {
                let members = chains.members[chains[chain]]
                let shapes = shaper.shape(members, steps)
                writer.put(members, shapes, shaper.deltas)
            }
            column = end
            if writer.count < blockSymbols, column < columns { continue }
            let block = writer.finish()
            directory.putVarint(column - first)
            directory.putVarint(block.count)
            blocks += block
            blockCount += 1
            first = column
        }
        var out = preamble(head, rowCount, columns: columns)
        out.putVarint(shaper.patterns.count)
        for pattern in shaper.patterns { pattern.encode(into: &out) }
        out.putVarint(blockCount)
        return out + directory + blocks
    }

    private static func collect(_ head: HeadRows, _ rowCount: Int, _ columns: Int) throws(DecodeError) -> ColumnSteps {
        // Decoding twice takes less time than sorting, and no memory.
        var counter = Counter(counts: Array(repeating: 0, count: columns))
        try head.walk(0..<rowCount, &counter)
        var starts = [0]
        starts.reserveCapacity(columns + 1)
        for count in counter.counts { starts.append(starts[starts.count - 1] + count) }
        let total = starts[columns]
        var collector = Collector(
            steps: ColumnSteps(
                starts: starts, rows: Array(repeating: 0, count: total), numbers: Array(repeating: 0, count: total)),
            next: starts)
        try head.walk(0..<rowCount, &collector)
        return collector.steps
    }

    private static func preamble(_ head: HeadRows, _ rowCount: Int, columns: Int) -> [UInt8] {
        var out: [UInt8] = [Chunk.magic, Chunk.version, Chunk.rowKind]
        out.putVarint(rowCount)
        out.putVarint(columns)
        TimeCodec.encode(head.marks[..<rowCount].lazy.map(\.time), into: &out)
        var row = 0
        while row < rowCount {
            var end = row
            let outcome = head.outcome(of: row)
            while end < rowCount, head.outcome(of: end) == outcome { end += 1 }
            out.putVarint(UInt64(outcome))
            out.putVarint(end - row)
            row = end
        }
        return out
    }
}

/// The changes of all columns: column after column, and rows rising within each.
struct ColumnSteps {
    /// Index of the first change of each column, and behind the last column the number of changes.
    var starts: [Int]
    /// The row, above two bits with the kind of the cell.
    var rows: [UInt32]
    /// The newest number of the cell.
    var numbers: [UInt64]
}

/// Describes columns, and turns their steps into deltas.
struct ColumnShaper {
    /// The presence patterns of all columns, without that of a column without samples, which is pattern 0 of every chunk. So
    /// the number of a pattern in the chunk is its index here plus 1.
    private(set) var patterns: [PresencePattern] = []
    /// `rowCount` of each column that was asked for last.
    private(set) var deltas: [Int64] = []
    private var numbers: [PresencePattern: Int] = [:]
    private let rowCount: Int

    init(rowCount: Int) { self.rowCount = rowCount }

    /// The columns of a chain.
    mutating func shape(_ columns: ArraySlice<Int>, _ steps: ColumnSteps) -> [ColumnBlockEncoder.Column] {
        var shapes: [ColumnBlockEncoder.Column] = []
        shapes.reserveCapacity(columns.count)
        let needed = columns.count * rowCount
        if deltas.count < needed { deltas += repeatElement(0, count: needed - deltas.count) }
        // Deltas of columns that have none are not looked at, unless a column beside them has some.
        if columns.contains(where: { steps.starts[$0 + 1] - steps.starts[$0] > 1 }) {
            for rank in 0..<needed { deltas[rank] = 0 }
        }
        for (rank, column) in columns.enumerated() {
            shapes.append(shape(rank, steps.starts[column]..<steps.starts[column + 1], steps))
        }
        return shapes
    }

    private mutating func shape(_ rank: Int, _ range: Range<Int>, _ steps: ColumnSteps) -> ColumnBlockEncoder.Column {
        var pattern = PresencePattern()
        var before = CellKind.absent
        var kind = NumberKind.integer
        for step in range {
            let now = CellKind(rawValue: UInt8(steps.rows[step] & 3)) ?? .absent
            pattern.append(before, to: Int(steps.rows[step] >> 2))
            before = now
            if now == .value { kind = NumberKind.smallest(steps.numbers[step], from: kind) }
        }
        if range.isEmpty { return ColumnBlockEncoder.Column() }
        pattern.append(before, to: rowCount)
        // A larger scale may not hold what a smaller one did.
        if kind != NumberKind.integer, kind != NumberKind.bits {
            for step in range where steps.rows[step] & 3 == UInt32(CellKind.value.rawValue) {
                if NumberKind.integer(steps.numbers[step], kind) == nil { kind = NumberKind.bits }
            }
        }
        var shape = ColumnBlockEncoder.Column(pattern: number(of: pattern), kind: kind, count: pattern.valueCount)
        move(rank, range, steps, pattern, &shape)
        return shape
    }

    /// Fills in the deltas of a column, which is number `rank` of its chain.
    private mutating func move(
        _ rank: Int, _ range: Range<Int>, _ steps: ColumnSteps, _ pattern: PresencePattern,
        _ shape: inout ColumnBlockEncoder.Column
    ) {
        let base = rank * rowCount
        var last: Int64 = 0
        var run = 0
        var start = 0
        var passed = 0
        for step in range where steps.rows[step] & 3 == UInt32(CellKind.value.rawValue) {
            let row = Int(steps.rows[step] >> 2)
            while pattern.runs[run].end <= row {
                if pattern.runs[run].kind == .value { passed += pattern.runs[run].end - start }
                start = pattern.runs[run].end
                run += 1
            }
            let number = NumberKind.integer(steps.numbers[step], shape.kind) ?? 0
            let index = passed + row - start
            if index == 0 {
                shape.first = number
            } else {
                let delta = shape.kind == NumberKind.bits ? number ^ last : number &- last
                deltas[base + index] = delta
                if delta != 0 { shape.isMoving = true }
            }
            last = number
        }
    }

    private mutating func number(of pattern: PresencePattern) -> Int {
        if let last = patterns.first, last == pattern { return 1 }
        if let known = numbers[pattern] { return known }
        patterns.append(pattern)
        numbers[pattern] = patterns.count
        return patterns.count
    }
}
