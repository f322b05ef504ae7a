import Model

/// Decoder of some columns' cells at any open row, beginning at the checkpoint (absolute row) before it.
///
/// Open rows are delta-coded against each other, so the cells at a row follow from the checkpoint and all rows between. As long
/// as all tokens are deltas of integers they are only summed on the way (`DeltaAccumulator`), and added up along the bucket
/// chains at the end: a row costs what was written for it, not what it changed. Any other token is decoded cell by cell.
/// Words of 64 columns that nobody asks for are passed over. Format: docs/format.md, "Row"; `RowCodec` decodes whole rows.
struct CheckpointDecoder {
    /// The cells as they are after the row gone to last.
    private(set) var cells: RowCells
    private var accumulated: DeltaAccumulator

    /// Begins with cells.
    init(_ cells: RowCells) {
        self.cells = cells
        accumulated = DeltaAccumulator(wordCount: cells.words.list.count)
    }

    /// Begins before any row.
    init(_ words: ColumnMask) { self.init(RowCells(words)) }

    /// Goes to row `index` of `head`: from where it is when that is on the way, else from a checkpoint.
    mutating func move(to index: Int, in head: HeadRows) throws(DecodeError) {
        guard let last = cells.words.list.last else { return }
        let checkpoint = head.cut(atOrBefore: index)
        var next = checkpoint
        if let row = cells.row, (checkpoint...index).contains(row - head.firstNumber) {
            next = row - head.firstNumber + 1
        }
        var takesCellByCell = false
        while next <= index {
            if !takesCellByCell {
                let settled = next
                next = try gather(next...index, head, last)
                if !settle(head.chains.predecessorOffsets.span) {
                    takesCellByCell = true
                    next = settled
                }
                if next > index { break }
            }
            // What could not be accumulated once mostly can't be in the next rows either.
            takesCellByCell = takesCellByCell || !head.isAbsolute(next)
            try take(next, head, last)
            next += 1
        }
        cells.row = head.firstNumber + index
    }

    /// Gathers the moves of rows that have nothing else, and returns the first row that has, or the one behind the last.
    private mutating func gather(
        _ rows: ClosedRange<Int>, _ head: HeadRows, _ last: Int
    ) throws(DecodeError) -> Int {
        // Taken once: the rows must not count references.
        let words = cells.words
        let list = words.list
        for row in rows {
            if head.isAbsolute(row) { return row }
            if let stop = try gather(row, head, words, list.span, last, undoingTo: nil) {
                _ = try gather(row, head, words, list.span, last, undoingTo: stop)
                return row
            }
        }
        return rows.upperBound + 1
    }

    /// Gathers the moves of one row, or takes back those before `end`. Returns where something else stands, if anywhere.
    private mutating func gather(
        _ row: Int, _ head: HeadRows, _ words: ColumnMask, _ list: Span<Int>, _ last: Int, undoingTo end: Int?
    ) throws(DecodeError) -> Int? {
        let block = head.block(of: row)
        let bytes = block.span
        var cursor = head.cursor(of: row, bytes)
        try open(&cursor, bytes, head.chains)
        // Only now: how many columns a row may claim is judged by the bytes behind its head.
        if let end { cursor = ByteCursor(bytes, from: cursor.at, to: end) }
        let lastWord = min(last, (cells.columnCount &- 1) >> 6)
        var rank = 0
        for word in 0...max(lastWord, 0) where lastWord >= 0 {
            if cursor.isAtEnd { break }
            if list[rank] != word {
                try head.pass(word, of: row, bytes, &cursor)
                continue
            }
            let (coded, passed) = try Self.mask(bytes, &cursor, words.mask(rank))
            if end != nil {
                try accumulated.takeBack(coded, rank, bytes, &cursor)
                if cursor.isAtEnd { break }
            } else if coded != 0 {
                if coded & ~(cells.present[rank] & ~cells.stale[rank]) != 0 { return cursor.at }
                guard accumulated.knows(coded, rank, cells.numbers) else { return cursor.at }
                if let stop = try accumulated.take(coded, rank, bytes, &cursor) { return stop }
            }
            if passed > 0 { try cursor.skipTokens(passed, bytes) }
            rank &+= 1
        }
        return nil
    }

    /// Reads which of 64 columns have a token, and passes over those before the wanted ones. Returns the wanted ones and
    /// how many tokens follow theirs.
    @inline(__always)
    private static func mask(
        _ bytes: Span<UInt8>, _ cursor: inout ByteCursor, _ wanted: UInt64
    ) throws(DecodeError) -> (UInt64, Int) {
        let coded = try RowCodec.maskWord(bytes, &cursor)
        if coded & ~wanted == 0 { return (coded, 0) }
        let before = coded & ((wanted & (0 &- wanted)) &- 1)
        if before != 0 { try cursor.skipTokens(before.nonzeroBitCount, bytes) }
        return (coded & wanted, (coded & ~wanted & ~before).nonzeroBitCount)
    }

    /// Reads what stands before the cells.
    private mutating func open(
        _ cursor: inout ByteCursor, _ bytes: Span<UInt8>, _ chains: BucketChains
    ) throws(DecodeError) {
        let fields = try RowCodec.fields(bytes, &cursor)
        // An absolute row may have fewer columns than one behind it from which the slice came back.
        cells.columnCount = fields.isAbsolute ? fields.columns ?? 0 : max(cells.columnCount, fields.columns ?? 0)
        guard cells.columnCount <= chains.count else { throw .invalid("a row with undefined columns", at: cursor.at) }
    }

    /// Adds what was accumulated to the numbers. `false` when a chain has a column that does not move with it: then the
    /// numbers are as before, and nothing is accumulated any more.
    private mutating func settle(_ predecessorOffsets: Span<UInt8>) -> Bool {
        if accumulated.isEmpty { return true }
        defer { accumulated.clear() }
        guard accumulated.addUp(cells, predecessorOffsets) else { return false }
        accumulated.apply(to: &cells.numbers)
        return true
    }

    /// Reads row `index` cell by cell.
    private mutating func take(_ index: Int, _ head: HeadRows, _ last: Int) throws(DecodeError) {
        let block = head.block(of: index)
        let bytes = block.span
        var cursor = head.cursor(of: index, bytes)
        try open(&cursor, bytes, head.chains)
        let isAbsolute = head.isAbsolute(index)
        if isAbsolute { cells.clear() }
        let (words, columns) = (cells.words, cells.columnCount)
        let predecessorOffsets = head.chains.predecessorOffsets.span.extracting(first: columns)
        let list = words.list
        accumulated.forget()
        // Taken out, since spans of three parts can't be held at a time.
        var (ownNumbers, ownPresent, ownStale) = (cells.numbers, cells.present, cells.stale)
        (cells.numbers, cells.present, cells.stale) = ([], [], [])
        defer { (cells.numbers, cells.present, cells.stale) = (ownNumbers, ownPresent, ownStale) }
        var numbers = ownNumbers.mutableSpan
        var present = ownPresent.mutableSpan
        var stale = ownStale.mutableSpan
        var differences = ChainDifferences()
        var carried: UInt64 = 0
        var rank = 0
        let lastWord = min(last, (columns &- 1) >> 6)
        for word in 0...max(lastWord, 0) where lastWord >= 0 {
            if list[rank] != word {
                carried = 0
                try head.pass(word, of: index, bytes, &cursor)
                continue
            }
            var wanted = words.mask(rank)
            let (coded, passed) = try Self.mask(bytes, &cursor, wanted)
            if columns &- word &<< 6 < 64 { wanted &= ~(UInt64.max &<< UInt64(columns & 63)) }
            guard coded & ~wanted == 0 else { throw .invalid("a cell beyond the columns", at: cursor.at) }
            // Cells are absent before an absolute row, so none of them moves without a token.
            var active = coded | (isAbsolute ? 0 : carried & wanted)
            carried = 0
            while active != 0 {
                let bit = active.trailingZeroBitCount
                active &= active &- 1
                let (column, at) = (word &<< 6 &+ bit, rank &<< 6 &+ bit)
                let before = isAbsolute ? Cell() : CellAccess.load(at, numbers, present, stale)
                var cell = before
                var moved = differences.predicted(column, predecessorOffsets)
                if coded & (1 &<< UInt64(bit)) != 0 {
                    try CellCodec.decode(try cursor.varint(bytes), &cell, moved: &moved, bytes, &cursor)
                } else if !CellCodec.follow(&cell, moved: &moved) {
                    continue
                }
                if moved != 0 {
                    differences.note(column, moved)
                    if !isAbsolute {
                        RowCodec.activate(after: column, predecessorOffsets, &active, &carried)
                        active &= wanted
                    }
                }
                CellAccess.store(cell, before, at, &numbers, &present, &stale)
            }
            if passed > 0 { try cursor.skipTokens(passed, bytes) }
            rank &+= 1
        }
    }
}
