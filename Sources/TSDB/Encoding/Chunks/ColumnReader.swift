import Model

/// Reader of the columns of a sealed chunk, one after the other. Rising columns are read in one pass.
///
/// A column's deltas are a sum: of its own, of those of the columns that it refers to (times their factors), and, for a part
/// of a segment, of the parts before it, or of the segment's last column less the parts behind it where the pivot lies
/// before. `sum` keeps that of the column that was read last, so that the next part of the segment adds one column. Method:
/// `ColumnBlockEncoder`.
struct ColumnReader: ~Copyable {
    private let chunk: Chunk
    private let chains: BucketChains
    private var blocks: ColumnBlockDecoder
    /// Decoders of referred columns, one per depth of reference.
    private var others: [ColumnBlockDecoder] = []
    private var sum: ChainDeltas
    /// The first number of the column that `sum` has the deltas of, and which that is: the first column of its segment and
    /// its part, counted from that.
    private var first: Int64 = 0
    private var added: (start: Int, part: Int) = (-1, -1)

    /// A reader for a chunk of a group whose columns are chained so. `chains` must have all columns of the chunk; those
    /// beyond are not looked at.
    init(_ chunk: Chunk, _ chains: BucketChains) {
        let own = chains.prefix(chunk.columnCount)
        self.chunk = chunk
        self.chains = own
        blocks = ColumnBlockDecoder(chunk, own)
        sum = ChainDeltas(rowCount: chunk.times.count)
    }

    /// Hands the runs of equal samples of a column within `rows` to `body`, in order.
    @inline(__always)
    mutating func runs(
        of column: Int, in rows: Range<Int>, _ body: (ColumnCodec.Run) -> Void
    ) throws(DecodeError) {
        guard column < chunk.columnCount, !rows.isEmpty else { return }
        let state = try blocks.column(column)
        let pattern = chunk.patterns[state.pattern]
        if pattern.runs.isEmpty { return }
        if pattern.valueCount > 0 { try add(column, state) }
        var start = 0
        var passed = 0
        var value = first
        for run in pattern.runs {
            let rest = max(start, rows.lowerBound)..<max(start, rows.lowerBound, min(run.end, rows.upperBound))
            if run.kind == .value {
                Self.emit(start..<run.end, rest, passed, sum, &value, state.kind, body)
                passed += run.end - start
            } else if run.kind == .stale, !rest.isEmpty {
                body(ColumnCodec.Run(rows: rest, bits: SpecialValue.staleBits))
            }
            start = run.end
            if start >= rows.upperBound { return }
        }
    }

    /// Makes `sum` and `first` those of a column.
    private mutating func add(_ column: Int, _ state: ColumnBlockDecoder.Column) throws(DecodeError) {
        let segment = blocks.segments[state.segment]
        let columns = blocks.columns(of: segment)
        let start = columns[columns.startIndex]
        let last = columns.count - 1
        if columns[columns.startIndex + last] == column {
            try addTop(segment)
            added = (start, last)
            return
        }
        var part = 0
        while columns[columns.startIndex + part] != column { part += 1 }
        var next = 0
        if part >= segment.pivot {
            // What is left out is only known from above.
            if added.start == start, added.part >= segment.pivot, added.part <= part {
                next = added.part + 1
            } else {
                try addTop(segment)
                for above in stride(from: last, to: part, by: -1) { add(columns[columns.startIndex + above], -1) }
                next = part + 1
            }
        } else if added.start == start, added.part <= part {
            next = added.part + 1
        } else {
            sum.clear()
            first = 0
        }
        while next <= part {
            add(columns[columns.startIndex + next], 1)
            next += 1
        }
        added = (start, part)
    }

    private mutating func addTop(_ top: ColumnBlockDecoder.Segment) throws(DecodeError) {
        sum.clear()
        added = (-1, -1)
        first = top.first
        sum.add(top.events, of: blocks.deltas, times: 1)
        var segment = top
        var state = blocks.state(blocks.last(of: top))
        var factor: Int64 = 1
        var depth = 0
        while segment.target >= 0 {
            guard depth < ColumnContext.referencesMax else { throw blocks.damaged("references without an end") }
            if others.count == depth { others.append(ColumnBlockDecoder(chunk, chains)) }
            let other = try others[depth].column(segment.target)
            let next = others[depth].segments[other.segment]
            guard other.pattern == state.pattern, other.kind == NumberKind.integer, state.kind == other.kind,
                others[depth].last(of: next) == segment.target
            else { throw blocks.damaged("a reference to another kind of column") }
            factor = factor &* segment.factor
            first = first &+ factor &* next.first
            sum.add(next.events, of: others[depth].deltas, times: factor)
            (segment, state) = (next, other)
            depth += 1
        }
    }

    private mutating func add(_ part: Int, _ factor: Int64) {
        let state = blocks.state(part)
        first = first &+ factor &* state.first
        sum.add(state.events, of: blocks.deltas, times: factor)
    }

    /// The numbers of rows `run` as far as they are in `rows`. `passed` rows before had numbers too.
    @inline(__always)
    private static func emit(
        _ run: Range<Int>, _ rows: Range<Int>, _ passed: Int, _ sum: borrowing ChainDeltas, _ value: inout Int64,
        _ kind: Int, _ body: (ColumnCodec.Run) -> Void
    ) {
        let offset = run.lowerBound &- passed
        var since = run.lowerBound
        var next = sum.firstRow(from: passed)
        while let index = next, index &+ offset < run.upperBound, index &+ offset < rows.upperBound || rows.isEmpty {
            let row = index &+ offset
            if row > rows.lowerBound, row > since, row <= rows.upperBound, !rows.isEmpty {
                let bits = NumberKind.number(value, kind)
                body(ColumnCodec.Run(rows: max(since, rows.lowerBound)..<row, bits: bits))
            }
            since = row
            value = kind == NumberKind.bits ? value ^ sum[index] : value &+ sum[index]
            next = sum.firstRow(from: index &+ 1)
        }
        if since < rows.upperBound, !rows.isEmpty {
            let bits = NumberKind.number(value, kind)
            body(ColumnCodec.Run(rows: max(since, rows.lowerBound)..<rows.upperBound, bits: bits))
        }
    }
}
