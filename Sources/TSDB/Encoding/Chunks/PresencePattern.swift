/// The rows of a chunk in which a column has a number, a stale marker or nothing, run-length coded. Most columns of a chunk
/// share one, so patterns are stored once and columns refer to them (docs/format.md, "Chunk of rows").
struct PresencePattern: Hashable {
    /// Rows of one kind.
    struct Run: Hashable {
        var kind: CellKind
        var end: Int
    }

    /// Ends rise, up to the number of rows; none for a column without a cell.
    private(set) var runs: [Run] = []
    /// Rows with a number.
    private(set) var valueCount = 0

    /// Adds rows up to `end`.
    mutating func append(_ kind: CellKind, to end: Int) {
        let start = runs.last?.end ?? 0
        if end <= start { return }
        if kind == .value { valueCount += end - start }
        if let last = runs.indices.last, runs[last].kind == kind {
            runs[last].end = end
        } else {
            runs.append(Run(kind: kind, end: end))
        }
    }

    func encode(into out: inout [UInt8]) {
        var start = 0
        for run in runs {
            out.append(run.kind.rawValue)
            out.putVarint(run.end - start)
            start = run.end
        }
    }

    static func decode(
        _ bytes: Span<UInt8>, _ cursor: inout ByteCursor, rows: Int
    ) throws(DecodeError) -> PresencePattern {
        var pattern = PresencePattern()
        var end = 0
        while end < rows {
            guard let kind = CellKind(rawValue: try cursor.byte(bytes)) else {
                throw .invalid("a kind of cell", at: cursor.at)
            }
            let count = try cursor.count(bytes, limit: rows - end)
            guard count > 0 else { throw .invalid("an empty run of cells", at: cursor.at) }
            end += count
            pattern.append(kind, to: end)
        }
        return pattern
    }
}

/// How the numbers of a column are coded as integers: as they are, scaled by a power of ten, or as the bits of the doubles.
enum NumberKind {
    /// Integers of at most 2^53.
    static let integer = 0
    /// Kinds 1...6: times ten to the kind. Only when dividing again gives the same bits.
    static let scaledMax = 6
    /// The bits of the doubles; deltas are then xors.
    static let bits = 7

    private static let powers: [Double] = [1, 10, 100, 1e3, 1e4, 1e5, 1e6]

    /// The smallest kind from `kind` on that holds a number.
    static func smallest(_ number: UInt64, from kind: Int) -> Int {
        var kind = kind
        while kind <= scaledMax, integer(number, kind) == nil { kind += 1 }
        return kind
    }

    /// A number as an integer, if it comes back to the bit.
    @inline(__always)
    static func integer(_ number: UInt64, _ kind: Int) -> Int64? {
        if kind == integer { return CellCodec.integer(number) }
        if kind == bits { return Int64(bitPattern: number) }
        let scaled = (Double(bitPattern: number) * powers[kind]).rounded()
        guard scaled.magnitude <= 9_007_199_254_740_992 else { return nil }
        let whole = Int64(scaled)
        return Self.number(whole, kind) == number ? whole : nil
    }

    /// The number that is held as `integer`.
    @inline(__always)
    static func number(_ integer: Int64, _ kind: Int) -> UInt64 {
        switch kind {
        case Self.integer: Double(integer).bitPattern
        case bits: UInt64(bitPattern: integer)
        default: (Double(integer) / powers[kind]).bitPattern
        }
    }
}

/// The chains of a range of columns that no chain leaves: first those of several columns, then the others, each in the
/// order of their first columns.
struct ChainLists {
    /// Columns, chain after chain.
    private(set) var members: [Int] = []
    /// Where each chain begins in `members`, and the end.
    private(set) var starts: [Int] = [0]
    /// Chains of several columns.
    private(set) var longCount = 0

    var count: Int { starts.count - 1 }

    subscript(chain: Int) -> Range<Int> { starts[chain]..<starts[chain + 1] }

    init(_ columns: Range<Int>, _ chains: BucketChains) {
        let predecessorOffsets = chains.predecessorOffsets.span
        members.reserveCapacity(columns.count)
        var single: [Int] = []
        for first in columns where predecessorOffsets[first] == 0 {
            guard var column = BucketChains.successor(of: first, predecessorOffsets), column < columns.upperBound else {
                single.append(first)
                continue
            }
            members.append(first)
            members.append(column)
            while let next = BucketChains.successor(of: column, predecessorOffsets), next < columns.upperBound {
                members.append(next)
                column = next
            }
            starts.append(members.count)
        }
        longCount = count
        members += single
        starts.reserveCapacity(count + single.count + 1)
        for _ in single { starts.append(starts[count] + 1) }
    }

    /// The chain of a column that is in one of them.
    func chain(of column: Int, _ chains: BucketChains) -> Int {
        let first = chains.start(of: column)
        let isLong = BucketChains.successor(of: first, chains.predecessorOffsets.span) != nil
        var low = isLong ? 0 : longCount
        var high = isLong ? longCount : count
        while low < high {
            let middle = (low + high) >> 1
            if members[starts[middle]] < first { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Whether a chain has a column before `column` and its successor at or behind it, so that a block can't end there.
    static func crosses(_ column: Int, _ chains: BucketChains) -> Bool {
        let predecessorOffsets = chains.predecessorOffsets.span
        return column < predecessorOffsets.count && predecessorOffsets[column] != 0
            || column + 1 < predecessorOffsets.count && predecessorOffsets[column + 1] == 2
    }
}

/// The description of the column before in the same section, which the next description is coded against. Its initial values
/// are part of the format.
struct ColumnContext {
    var pattern = 1
    var kind = NumberKind.integer
    var length = 0
    var mode = 0
    var mean = 18
    var shift = 0

    /// A column's deltas.
    static let still = 0
    /// Rows passed over and deltas.
    static let sparse = 1
    /// A number per row.
    static let dense = 2

    /// References that may follow each other.
    static let referencesMax = 3

    /// The distribution of the rows passed over between `count` of `rowCount` rows, and how many of their low bits are apart.
    static func gaps(_ count: Int, of rowCount: Int) -> (distribution: Int, shift: Int) {
        var mean = Double(rowCount - count) / Double(count)
        var shift = 0
        while mean > 12 {
            mean /= 2
            shift += 1
        }
        return (FrequencyTable.distribution(mean: FrequencyTable.nearest(mean), shape: FrequencyTable.geometric), shift)
    }
}
