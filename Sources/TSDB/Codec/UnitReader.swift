/// Decodes units of a chunk, one at a time and chain by chain (see `UnitWriter`). What was decoded of a unit stays until
/// another unit is needed; what it refers to in other units is only looked at when it is needed.
final class UnitReader {
    /// A column, or what it adds to the one before it in its segment.
    struct Column {
        var pattern = 0
        var kind = NumberKind.integer
        var first: Int64 = 0
        /// Where its movements are.
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
    private let chains: ColumnChains
    private let depth: Int
    private let tables = SymbolReader.Tables()

    /// The unit, or -1.
    private var unit = -1
    private var columns: Range<Int> = 0..<0
    private var lists = ChainLists(0..<0, ColumnChains())
    /// Chains that were read.
    private var chainsRead = 0
    /// The movements of the first columns of the next chain that move together were read for the last one.
    private var isHeadRead = false
    /// The end of those columns in the list of members.
    private var headEnd = 0
    private var reader = SymbolReader()
    private var context = ColumnContext()
    private var states: [Column] = []
    private(set) var segments: [Segment] = []
    /// Movements that are not 0: the place among the rows with numbers, and how much.
    private(set) var places: [UInt32] = []
    private(set) var values: [Int64] = []
    private var helper: UnitReader?

    /// Movements of a unit: more is damage.
    private static let eventsMax = 1 << 22

    init(_ chunk: Chunk, _ chains: ColumnChains, depth: Int = 0) {
        self.chunk = chunk
        self.chains = chains
        self.depth = depth
    }

    /// A column, decoded. Its movements stay valid until a column of another unit is asked for.
    func column(_ column: Int) throws(DecodeError) -> Column {
        let chain = try open(column)
        while chainsRead < chain { try readChain() }
        if chainsRead == chain {
            try readHead()
            if lists.members[headEnd - 1] != column { try readChain() }
        }
        return states[column - columns.lowerBound]
    }

    /// The columns of a segment of the present unit.
    func columns(of segment: Segment) -> ArraySlice<Int> { lists.members[segment.members] }

    /// What was decoded of a column of the present unit.
    func state(_ column: Int) -> Column { states[column - columns.lowerBound] }

    /// Adds the movements of the last column of a segment `factor` times to `sum`. Returns as many times its first number.
    func add(_ segment: Segment, times factor: Int64, to sum: inout ChainMovements) throws(DecodeError) -> Int64 {
        var first = factor &* segment.first
        for event in segment.events {
            let row = Int(places[event])
            sum[row] = sum[row] &+ factor &* values[event]
        }
        if segment.target < 0 { return first }
        guard depth < ColumnContext.referencesMax else { throw damaged("references without an end") }
        let helper = helper ?? UnitReader(chunk, chains, depth: depth + 1)
        self.helper = helper
        let other = try helper.column(segment.target)
        let own = states[lists.members[segment.members.upperBound - 1] - columns.lowerBound]
        let found = helper.segments[other.segment]
        guard other.pattern == own.pattern, other.kind == NumberKind.integer, own.kind == other.kind,
            helper.lists.members[found.members.upperBound - 1] == segment.target
        else { throw damaged("a reference to another kind of column") }
        first = first &+ (try helper.add(found, times: factor &* segment.factor, to: &sum))
        return first
    }

    /// Opens the unit of a column and returns which chain the column is in.
    private func open(_ column: Int) throws(DecodeError) -> Int {
        if !columns.contains(column) {
            unit = chunk.unit(of: column)
            let found = chunk.units[unit]
            columns = 0..<0
            guard found.columns.contains(column), found.columns.upperBound <= chains.count,
                !ChainLists.crosses(found.columns.lowerBound, chains),
                !ChainLists.crosses(found.columns.upperBound, chains)
            else { throw .invalid("a unit that cuts chains", at: found.bytes.lowerBound) }
            columns = found.columns
            lists = ChainLists(columns, chains)
            let bytes = chunk.bytes
            reader = SymbolReader(bytes.span, found.bytes)
            context = ColumnContext()
            (chainsRead, isHeadRead) = (0, false)
            segments.removeAll(keepingCapacity: true)
            states.removeAll(keepingCapacity: true)
            states += repeatElement(Column(), count: columns.count)
            places.removeAll(keepingCapacity: true)
            values.removeAll(keepingCapacity: true)
        }
        let first = chains.start(of: column)
        // First columns rise from chain to chain.
        var low = 0
        var high = lists.count
        while low < high {
            let middle = (low + high) >> 1
            if lists.members[lists.starts[middle]] < first { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func damaged(_ what: String) -> DecodeError { .invalid(what, at: chunk.units[unit].bytes.lowerBound) }

    private func small(_ spread: Int) -> UInt64 {
        let bytes = chunk.bytes
        return reader.small(spread, bytes.span, tables)
    }

    private func number(_ spread: Int) -> UInt64 {
        let bytes = chunk.bytes
        return reader.number(spread, bytes.span, tables)
    }

    /// A number of `length` bits, of which the first is 1 if it is a `number`.
    private func bits(_ length: Int) -> UInt64 {
        let bytes = chunk.bytes
        return reader.bits(length, bytes.span)
    }

    private func signed(_ spread: Int) -> Int { Int(ZigZag.decode(small(spread))) }

    /// Reads the description of the next chain and the column that its first movements are of.
    private func readHead() throws(DecodeError) {
        if isHeadRead { return }
        let chain = lists[chainsRead]
        for member in chain { try describe(lists.members[member]) }
        headEnd = segmentEnd(chain.lowerBound, chain)
        try readTop(chain.lowerBound..<headEnd)
        isHeadRead = true
    }

    private func readChain() throws(DecodeError) {
        try readHead()
        let chain = lists[chainsRead]
        try readParts()
        var first = headEnd
        while first < chain.upperBound {
            let end = segmentEnd(first, chain)
            try readTop(first..<end)
            try readParts()
            first = end
        }
        chainsRead += 1
        isHeadRead = false
        if reader.isShort || chainsRead == lists.count && !reader.isFinished { throw damaged("a unit of other length") }
        if places.count > Self.eventsMax { throw damaged("too many movements") }
    }

    private func describe(_ column: Int) throws(DecodeError) {
        let place = column - columns.lowerBound
        let pattern = context.pattern &+ signed(HeadSpread.rare)
        guard chunk.patterns.indices.contains(pattern) else { throw damaged("pattern \(pattern)") }
        context.pattern = pattern
        states[place].pattern = pattern
        if chunk.patterns[pattern].valueCount == 0 { return }
        let kind = context.kind &+ signed(HeadSpread.rare)
        guard kind >= 0, kind <= NumberKind.bits else { throw damaged("kind \(kind) of number") }
        context.kind = kind
        states[place].kind = kind
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

    private func readTop(_ members: Range<Int>) throws(DecodeError) {
        var segment = Segment()
        segment.members = members
        for member in members { states[lists.members[member] - columns.lowerBound].segment = segments.count }
        let column = lists.members[members.upperBound - 1]
        let state = states[column - columns.lowerBound]
        let count = chunk.patterns[state.pattern].valueCount
        let start = places.count
        if count > 0 {
            if state.kind == NumberKind.bits {
                segment.first = Int64(bitPattern: bits(64))
                try readChanges(of: count - 1)
            } else {
                if small(HeadSpread.small) != 0 {
                    let distance = number(HeadSpread.some)
                    guard distance > 0, distance <= UInt64(column) else { throw damaged("a reference of \(distance)") }
                    segment.target = column - Int(distance)
                    segment.factor = Int64(truncatingIfNeeded: number(HeadSpread.rare) &+ 1)
                }
                segment.first = try readFirst()
                try readMovements(of: count - 1)
            }
        }
        segment.events = start..<places.count
        segments.append(segment)
        if reader.isShort { throw damaged("a unit that ends early") }
    }

    private func readParts() throws(DecodeError) {
        let members = segments[segments.count - 1].members
        if members.count < 2 { return }
        let pivot = small(HeadSpread.some)
        guard pivot < UInt64(members.count) else { throw damaged("part \(pivot) of \(members.count)") }
        segments[segments.count - 1].pivot = Int(pivot)
        for part in 0..<members.count where part != Int(pivot) {
            let place = lists.members[members.lowerBound + part] - columns.lowerBound
            let start = places.count
            states[place].first = try readFirst()
            try readMovements(of: chunk.patterns[states[place].pattern].valueCount - 1)
            if places.count > Self.eventsMax { throw damaged("too many movements") }
            states[place].events = start..<places.count
        }
    }

    private func readFirst() throws(DecodeError) -> Int64 {
        let length = context.length &+ signed(HeadSpread.few)
        guard length >= 0, length <= 64 else { throw damaged("a number of \(length) bits") }
        context.length = length
        if length == 0 { return 0 }
        let isNegative = small(HeadSpread.rare) != 0
        let magnitude = Int64(bitPattern: 1 &<< UInt64(length - 1) | bits(length - 1))
        return isNegative ? 0 &- magnitude : magnitude
    }
}

/// Movements of one column.
extension UnitReader {
    /// Appends the movements at places 1...`count`.
    private func readMovements(of count: Int) throws(DecodeError) {
        let mode = Int(small(HeadSpread.small) % 3 &+ UInt64(context.mode)) % 3
        context.mode = mode
        if mode == ColumnContext.still { return }
        guard count > 0 else { throw damaged("movements of a single number") }
        let divisor = Int64(truncatingIfNeeded: number(HeadSpread.rare) &+ 1)
        let start = places.count
        if mode == ColumnContext.sparse { try readGaps(of: count) }
        guard let form = SpreadFit.Form(rawValue: Int(truncatingIfNeeded: small(HeadSpread.rare))) else {
            throw damaged("a form of movements")
        }
        let shift = context.shift &+ signed(HeadSpread.small)
        let mean = context.mean &+ signed(HeadSpread.few)
        let shape = small(HeadSpread.small)
        guard shift >= 0, shift < 64, mean >= 0, mean < SpreadTables.meanCount,
            shape < UInt64(SpreadTables.shapeCount)
        else { throw damaged("a distribution") }
        (context.shift, context.mean) = (shift, mean)
        let base = form == .shifted ? ZigZag.decode(number(HeadSpread.few)) &<< Int64(shift) : 0
        let spread = SpreadTables.spread(mean: mean, shape: Int(shape))
        let decoder = NumberDecoder(form: form, shift: shift, spread: spread, base: base, divisor: divisor)
        if mode == ColumnContext.sparse {
            readSparse(places.count - start, decoder)
        } else {
            readDense(count, decoder)
        }
    }

    private struct NumberDecoder {
        var form: SpreadFit.Form
        var shift: Int
        var spread: Int
        var base: Int64
        var divisor: Int64

        @inline(__always)
        func next(
            _ reader: inout SymbolReader, _ bytes: Span<UInt8>, _ sums: Span<UInt16>, _ firsts: Span<UInt8>,
            lowest: Int64
        ) -> Int64 {
            var coded = reader.small(spread, bytes, sums, firsts)
            if shift > 0 { coded = coded &<< UInt64(shift) | reader.bits(shift, bytes) }
            return SpreadFit.movement(coded, form, lowest: lowest, base: base) &* divisor
        }
    }

    private func readSparse(_ count: Int, _ decoder: NumberDecoder) {
        let (array, tables) = (chunk.bytes, tables)
        let bytes = array.span
        let sums = tables.sums.span
        let firsts = tables.firsts.span
        var reader = reader
        for _ in 0..<count { values.append(decoder.next(&reader, bytes, sums, firsts, lowest: 1)) }
        self.reader = reader
    }

    private func readDense(_ count: Int, _ decoder: NumberDecoder) {
        let (array, tables) = (chunk.bytes, tables)
        let bytes = array.span
        let sums = tables.sums.span
        let firsts = tables.firsts.span
        var reader = reader
        for place in 1...count {
            let movement = decoder.next(&reader, bytes, sums, firsts, lowest: 0)
            if movement == 0 { continue }
            places.append(UInt32(place))
            values.append(movement)
        }
        self.reader = reader
    }

    /// Appends places of 1...`count`.
    private func readGaps(of count: Int) throws(DecodeError) {
        let moving = number(HeadSpread.few)
        guard moving < UInt64(count) else { throw damaged("\(moving) movements of \(count)") }
        let (spread, shift) = ColumnContext.gaps(Int(moving) + 1, of: count)
        let (array, tables) = (chunk.bytes, tables)
        let bytes = array.span
        let sums = tables.sums.span
        let firsts = tables.firsts.span
        var reader = reader
        var next: UInt64 = 1
        for _ in 0...moving {
            let high = reader.small(spread, bytes, sums, firsts)
            let gap = shift > 0 ? high &<< UInt64(shift) | reader.bits(shift, bytes) : high
            guard gap <= UInt64(count), next &+ gap <= UInt64(count) else { throw damaged("more rows than there are") }
            places.append(UInt32(next &+ gap))
            next = next &+ gap &+ 1
        }
        self.reader = reader
    }

    /// Appends the changes of the bits of a column, at places 1...`count`.
    private func readChanges(of count: Int) throws(DecodeError) {
        if small(HeadSpread.small) == 0 { return }
        guard count > 0 else { throw damaged("changes of a single number") }
        let start = places.count
        try readGaps(of: count)
        for _ in start..<places.count {
            let low = bits(3)
            let width = bits(3) &+ 1
            guard low + width <= 8 else { throw damaged("\(low) + \(width) changed bytes") }
            values.append(Int64(bitPattern: bits(Int(width) * 8) &<< (low * 8)))
        }
    }
}
