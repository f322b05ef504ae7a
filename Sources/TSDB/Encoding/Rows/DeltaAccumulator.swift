/// Sums of the deltas that are written for each column over several rows, for `CheckpointDecoder`.
///
/// In a bucket chain a column moves by its own deltas and those of all its predecessors. Addition commutes, so over several
/// rows the written deltas can be summed per column first (`take`), and the sums added up along the chains once, at the end
/// (`addUp`). This holds as long as every column on the way is an integer that doubles hold exactly; otherwise rows are
/// decoded cell by cell.
struct DeltaAccumulator {
    /// Numbers and sums up to this stay integers that doubles hold, whatever order they are added in.
    private static let sizeMax: UInt64 = 1 << 52

    /// By index of the slice: the sum of the differences written.
    private var moves: [Int64]
    /// Per word a bit per column that any was written for.
    private var coded: [UInt64]
    /// Sum of the differences' sizes.
    private var size: UInt64 = 0
    /// Per word a bit per column that is known to have an integer.
    private var integers: [UInt64]
    private(set) var isEmpty = true

    init(wordCount: Int) {
        moves = Array(repeating: 0, count: wordCount << 6)
        coded = Array(repeating: 0, count: wordCount)
        integers = coded
    }

    /// Whether the columns of `mask` have integers.
    @inline(__always)
    mutating func knows(_ mask: UInt64, _ rank: Int, _ numbers: borrowing [UInt64]) -> Bool {
        var rest = mask & ~integers[rank]
        if rest == 0 { return true }
        while rest != 0 {
            if CellCodec.integer(numbers[rank &<< 6 &+ rest.trailingZeroBitCount]) == nil { return false }
            rest &= rest &- 1
        }
        integers[rank] |= mask
        return true
    }

    /// Takes the tokens of the columns of `mask`, which have integers. Returns where the first one is that is no small
    /// difference, if any.
    @inline(__always)
    mutating func take(
        _ mask: UInt64, _ rank: Int, _ bytes: Span<UInt8>, _ cursor: inout ByteCursor
    ) throws(DecodeError) -> Int? {
        isEmpty = false
        coded[rank] |= mask
        var sum = size
        var span = moves.mutableSpan
        var rest = mask
        while rest != 0 {
            let index = rank &<< 6 &+ rest.trailingZeroBitCount
            rest &= rest &- 1
            let start = cursor.at
            let token = try cursor.varint(bytes)
            let move = ZigZag.decode(token &- CellCodec.difference)
            guard token >= CellCodec.difference, move.magnitude <= Self.sizeMax else { return start }
            // Neither overflows: the row is left as soon as the sum is too large.
            sum &+= move.magnitude
            if sum > Self.sizeMax { return start }
            span[index] &+= move
        }
        size = sum
        return nil
    }

    /// Takes back what `take` did up to the end of the bytes.
    mutating func takeBack(
        _ mask: UInt64, _ rank: Int, _ bytes: Span<UInt8>, _ cursor: inout ByteCursor
    ) throws(DecodeError) {
        var rest = mask
        while rest != 0, !cursor.isAtEnd {
            moves[rank &<< 6 &+ rest.trailingZeroBitCount] &-=
                ZigZag.decode(try cursor.varint(bytes) &- CellCodec.difference)
            rest &= rest &- 1
        }
    }

    /// Cells are about to change otherwise.
    mutating func forget() {
        for rank in integers.indices { integers[rank] = 0 }
    }

    /// Makes of the differences what each column moved by. `false` when a column is not an integer although the chain
    /// before it moved.
    mutating func addUp(_ cells: RowCells, _ predecessorOffsets: Span<UInt8>) -> Bool {
        // Taken once: the words must not count references.
        let (list, firsts, lasts) = (cells.words.list, cells.words.firsts, cells.words.lasts)
        let numbers = cells.numbers.span
        let columnCount = min(cells.columnCount, predecessorOffsets.count)
        let coded = coded
        var sums = moves.mutableSpan
        // Of the last two columns: what they moved by, and whether anything was written for them or before them.
        var moved: (Int64, Int64) = (0, 0)
        var touched = (false, false)
        var following = -1
        for rank in list.indices {
            let word = list[rank]
            if word != following { (moved, touched) = ((0, 0), (false, false)) }
            following = word &+ 1
            let written = coded[rank]
            if written == 0, !touched.0, !touched.1 { continue }
            let plain = cells.present[rank] & ~cells.stale[rank]
            let end = min(lasts[rank] &+ 1, columnCount &- word &<< 6)
            var bit = firsts[rank]
            while bit < end {
                defer { bit &+= 1 }
                let index = rank &<< 6 &+ bit
                let distance = predecessorOffsets[word &<< 6 &+ bit]
                var isTouched = written &>> UInt64(bit) & 1 != 0
                var move = sums[index]
                if distance == 1 {
                    move &+= moved.0
                    isTouched = isTouched || touched.0
                } else if distance == 2 {
                    move &+= moved.1
                    isTouched = isTouched || touched.1
                }
                moved = (move, moved.0)
                touched = (isTouched, touched.0)
                if !isTouched { continue }
                guard plain &>> UInt64(bit) & 1 != 0, let old = CellCodec.integer(numbers[index]),
                    old.magnitude <= Self.sizeMax
                else { return false }
                sums[index] = move
            }
        }
        return true
    }

    /// Moves the numbers; `addUp` has said that they can be.
    func apply(to numbers: inout [UInt64]) {
        let moves = moves.span
        var numbers = numbers.mutableSpan
        for index in moves.indices where moves[index] != 0 {
            guard let old = CellCodec.integer(numbers[index]) else { continue }
            numbers[index] = Double(old &+ moves[index]).bitPattern
        }
    }

    /// Forgets everything.
    mutating func clear() {
        var moves = moves.mutableSpan
        moves.update(repeating: 0)
        for rank in coded.indices { coded[rank] = 0 }
        size = 0
        isEmpty = true
    }
}
