/// Decoder of column blocks, one block at a time and chain by chain: the inverse of `ColumnBlockEncoder`, where the method is
/// described.
///
/// A block is decoded only as far as a column needs it: the last columns of chains first, then single columns, then parts.
/// What was decoded stays until a column of another block is asked for. Columns that a column refers to may lie in other
/// blocks; adding up references and parts is left to `ColumnReader`. Format: docs/format.md, "Chunk of rows".
struct ColumnBlockDecoder {
    /// A column, or what it adds to the one before it in its segment.
    struct Column {
        var pattern = 0
        var kind = NumberKind.integer
        var first: Int64 = 0
        /// Where its deltas are in `DeltaReader.rows` and `values`.
        var events = 0..<0
        var segment = 0
    }

    /// Columns of a chain that are coded together, or a single column.
    struct Segment {
        /// Where its columns are in `members`.
        var members = 0..<0
        /// The part that was left out, counted from the first.
        var pivot = 0
        /// The numbers of the last column, less those of `target`.
        var first: Int64 = 0
        var events = 0..<0
        /// The column it is predicted from, or -1, and how many times that moves.
        var target = -1
        var factor: Int64 = 0
    }

    private let chunk: Chunk
    private let chains: BucketChains

    /// The block, or -1.
    private var block = -1
    private var columns: Range<Int> = 0..<0
    private var lists = ChainLists(0..<0, BucketChains())
    /// Chains that were described, and segments whose parts were read.
    private var chainsRead = 0
    private var partsRead = 0
    private var failure: DecodeError?
    private(set) var deltas: DeltaReader
    private var states: [Column] = []
    private(set) var segments: [Segment] = []

    /// Deltas of a block: more is damage.
    private static let eventsMax = 1 << 22

    /// A reader for a chunk; `chains` has the chunk's columns and no others.
    init(_ chunk: Chunk, _ chains: BucketChains) {
        self.chunk = chunk
        self.chains = chains
        deltas = DeltaReader(chunk.bytes)
    }

    /// A column, decoded. Its deltas stay valid until a column of another block is asked for.
    mutating func column(_ column: Int) throws(DecodeError) -> Column {
        // After damage nothing that was read of the block is right.
        if let failure, columns.contains(column) { throw failure }
        do throws(DecodeError) { return try read(column) } catch {
            failure = error
            throw error
        }
    }

    private mutating func read(_ column: Int) throws(DecodeError) -> Column {
        let chain = try open(column)
        while chainsRead <= chain { try readHeads() }
        let segment = states[column - columns.lowerBound].segment
        if lists.members[segments[segment].members.upperBound - 1] == column {
            return states[column - columns.lowerBound]
        }
        while chainsRead < lists.count { try readHeads() }
        while partsRead <= segment { try readParts() }
        return states[column - columns.lowerBound]
    }

    /// The columns of a segment of the present block.
    func columns(of segment: Segment) -> ArraySlice<Int> { lists.members[segment.members] }

    /// What was decoded of a column of the present block.
    func state(_ column: Int) -> Column { states[column - columns.lowerBound] }

    /// The column that the last one of a segment is.
    func last(of segment: Segment) -> Int { lists.members[segment.members.upperBound - 1] }

    /// Opens the block of a column and returns which chain the column is in.
    private mutating func open(_ column: Int) throws(DecodeError) -> Int {
        if !columns.contains(column) {
            block = chunk.block(of: column)
            let found = chunk.blocks[block]
            columns = 0..<0
            guard found.columns.contains(column), found.columns.upperBound <= chains.count,
                !ChainLists.crosses(found.columns.lowerBound, chains),
                !ChainLists.crosses(found.columns.upperBound, chains)
            else { throw .invalid("a block that cuts chains", at: found.bytes.lowerBound) }
            columns = found.columns
            lists = ChainLists(columns, chains)
            deltas.open(found.bytes)
            (chainsRead, partsRead) = (0, 0)
            failure = nil
            segments.removeAll(keepingCapacity: true)
            states.removeAll(keepingCapacity: true)
            states += repeatElement(Column(), count: columns.count)
        }
        return lists.chain(of: column, chains)
    }

    /// What to throw.
    func damaged(_ what: String) -> DecodeError { .invalid(what, at: chunk.blocks[block].bytes.lowerBound) }

    /// Reads the descriptions of the next chain, and the last columns of its segments.
    private mutating func readHeads() throws(DecodeError) {
        let chain = lists[chainsRead]
        let isUsual = deltas.small(DescriptionDistribution.rare) == 0
        for member in chain { try describe(lists.members[member], isUsual) }
        var first = chain.lowerBound
        while first < chain.upperBound {
            let end = segmentEnd(first, chain)
            try readTop(first..<end)
            first = end
        }
        chainsRead += 1
        if chainsRead == lists.longCount || chainsRead == lists.count { deltas.context = ColumnContext() }
    }

    private mutating func describe(_ column: Int, _ isUsual: Bool) throws(DecodeError) {
        if !isUsual {
            deltas.context.pattern &+= deltas.signed(DescriptionDistribution.rare)
            let pattern = deltas.context.pattern
            guard chunk.patterns.indices.contains(pattern) else { throw damaged("pattern \(pattern)") }
            if chunk.patterns[pattern].valueCount > 0 {
                deltas.context.kind &+= deltas.signed(DescriptionDistribution.rare)
            }
        }
        let (pattern, kind) = (deltas.context.pattern, deltas.context.kind)
        guard chunk.patterns.indices.contains(pattern), kind >= 0, kind <= NumberKind.bits else {
            throw damaged("kind \(kind) of number")
        }
        states[column - columns.lowerBound].pattern = pattern
        if chunk.patterns[pattern].valueCount > 0 { states[column - columns.lowerBound].kind = kind }
    }

    /// The end of the columns from member `first` on that are coded together.
    private func segmentEnd(_ first: Int, _ chain: Range<Int>) -> Int {
        let one = states[lists.members[first] - columns.lowerBound]
        var end = first + 1
        guard one.kind == NumberKind.integer, chunk.patterns[one.pattern].valueCount > 0 else { return end }
        while end < chain.upperBound {
            let next = states[lists.members[end] - columns.lowerBound]
            guard next.pattern == one.pattern, next.kind == NumberKind.integer else { break }
            end += 1
        }
        return end
    }

    private mutating func readTop(_ members: Range<Int>) throws(DecodeError) {
        var segment = Segment()
        segment.members = members
        for member in members { states[lists.members[member] - columns.lowerBound].segment = segments.count }
        let column = lists.members[members.upperBound - 1]
        let state = states[column - columns.lowerBound]
        let count = chunk.patterns[state.pattern].valueCount
        let start = deltas.rows.count
        if count > 0 {
            if state.kind == NumberKind.bits {
                segment.first = Int64(bitPattern: deltas.bits(64))
                try deltas.readChanges(of: count - 1)
            } else {
                if deltas.small(DescriptionDistribution.small) != 0 {
                    let distance = deltas.number(DescriptionDistribution.some)
                    guard distance > 0, distance <= UInt64(column) else { throw damaged("a reference of \(distance)") }
                    segment.target = column - Int(distance)
                    segment.factor = Int64(truncatingIfNeeded: deltas.number(DescriptionDistribution.rare) &+ 1)
                }
                segment.first = try deltas.readFirst()
                try deltas.readDeltas(of: count - 1)
            }
        }
        segment.events = start..<deltas.rows.count
        segments.append(segment)
        if deltas.isShort { throw damaged("a block that ends early") }
    }

    /// Reads the parts of the next segment.
    private mutating func readParts() throws(DecodeError) {
        let members = segments[partsRead].members
        partsRead += 1
        if members.count > 1 { try readParts(members) }
        if deltas.isShort || partsRead == segments.count && !deltas.isFinished {
            throw damaged("a block of another length")
        }
    }

    private mutating func readParts(_ members: Range<Int>) throws(DecodeError) {
        let pivot = deltas.small(DescriptionDistribution.some)
        guard pivot < UInt64(members.count) else { throw damaged("part \(pivot) of \(members.count)") }
        segments[partsRead - 1].pivot = Int(pivot)
        for part in 0..<members.count where part != Int(pivot) {
            let index = lists.members[members.lowerBound + part] - columns.lowerBound
            let start = deltas.rows.count
            states[index].first = try deltas.readFirst()
            try deltas.readDeltas(of: chunk.patterns[states[index].pattern].valueCount - 1)
            if deltas.rows.count > Self.eventsMax { throw damaged("too many deltas") }
            states[index].events = start..<deltas.rows.count
        }
    }
}
