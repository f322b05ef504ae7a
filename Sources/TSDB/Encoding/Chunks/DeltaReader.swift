/// Reader of one column block's rANS symbols as descriptions, first numbers and deltas (docs/format.md, "Chunk of rows").
///
/// Most values of a description are coded as differences to those of the column before (`ColumnContext`), so a block is read
/// from its beginning, in order. Deltas of 0 are not kept: `rows` and `values` list the others of all columns that were
/// read.
struct DeltaReader {
    /// The description that the next one is predicted from.
    var context = ColumnContext()
    /// Deltas that are not 0: the index among the rows with numbers, and the amount.
    private(set) var rows: [UInt32] = []
    private(set) var values: [Int64] = []

    private let bytes: [UInt8]
    private let tables = RANSDecoder.Tables()
    private var reader = RANSDecoder()
    private var start = 0

    /// A reader of blocks among `bytes`.
    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// More was read than the block has: what was read last is not valid.
    var isShort: Bool { reader.isShort }

    /// The block was read to its end, and ends as its encoder left it.
    var isFinished: Bool { reader.isFinished }

    /// Goes to a block and forgets the one before.
    mutating func open(_ range: Range<Int>) {
        reader = RANSDecoder(bytes.span, range)
        start = range.lowerBound
        context = ColumnContext()
        rows.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
    }

    /// The error for a block that can't be decoded.
    func damaged(_ what: String) -> DecodeError { .invalid(what, at: start) }

    /// An unsigned number, coded with a distribution of `FrequencyTable`.
    mutating func small(_ distribution: Int) -> UInt64 {
        let (bytes, tables) = (bytes, tables)
        return reader.small(distribution, bytes.span, tables)
    }

    /// A signed number, coded as zigzag with a distribution.
    mutating func signed(_ distribution: Int) -> Int { Int(ZigZag.decode(small(distribution))) }

    /// An unsigned number whose length in bits is coded with a distribution.
    mutating func number(_ distribution: Int) -> UInt64 {
        let (bytes, tables) = (bytes, tables)
        return reader.number(distribution, bytes.span, tables)
    }

    /// A number of `length` bits.
    mutating func bits(_ length: Int) -> UInt64 {
        let bytes = bytes
        return reader.bits(length, bytes.span)
    }

    /// The first number of a column: the change of its length in bits, its sign, and the bits below the highest one.
    mutating func readFirst() throws(DecodeError) -> Int64 {
        let length = context.length &+ signed(DescriptionDistribution.few)
        guard length >= 0, length <= 64 else { throw damaged("a number of \(length) bits") }
        context.length = length
        if length == 0 { return 0 }
        let isNegative = small(DescriptionDistribution.rare) != 0
        let magnitude = Int64(bitPattern: 1 &<< UInt64(length - 1) | bits(length - 1))
        return isNegative ? 0 &- magnitude : magnitude
    }

    /// Appends the deltas at rows 1...`count`.
    mutating func readDeltas(of count: Int) throws(DecodeError) {
        let mode = Int(small(DescriptionDistribution.small) % 3 &+ UInt64(context.mode)) % 3
        context.mode = mode
        if mode == ColumnContext.still { return }
        guard count > 0 else { throw damaged("deltas of a single number") }
        let divisor = Int64(truncatingIfNeeded: number(DescriptionDistribution.rare) &+ 1)
        let start = rows.count
        if mode == ColumnContext.sparse { try readGaps(of: count) }
        guard let form = DistributionFit.Form(rawValue: Int(truncatingIfNeeded: small(DescriptionDistribution.rare)))
        else {
            throw damaged("a form of deltas")
        }
        let shift = context.shift &+ signed(DescriptionDistribution.small)
        let mean = context.mean &+ signed(DescriptionDistribution.few)
        let shape = small(DescriptionDistribution.small)
        guard shift >= 0, shift < 64, mean >= 0, mean < FrequencyTable.meanCount,
            shape < UInt64(FrequencyTable.shapeCount)
        else { throw damaged("a distribution") }
        (context.shift, context.mean) = (shift, mean)
        let base = form == .shifted ? ZigZag.decode(number(DescriptionDistribution.few)) &<< Int64(shift) : 0
        let distribution = FrequencyTable.distribution(mean: mean, shape: Int(shape))
        let decoder = NumberDecoder(form: form, shift: shift, distribution: distribution, base: base, divisor: divisor)
        if mode == ColumnContext.sparse {
            readSparse(rows.count - start, decoder)
        } else {
            readDense(count, decoder)
        }
    }

    private struct NumberDecoder {
        var form: DistributionFit.Form
        var shift: Int
        var distribution: Int
        var base: Int64
        var divisor: Int64

        @inline(__always)
        func next(
            _ reader: inout RANSDecoder, _ bytes: Span<UInt8>, _ sums: Span<UInt16>, _ firsts: Span<UInt8>,
            lowest: Int64
        ) -> Int64 {
            var coded = reader.small(distribution, bytes, sums, firsts)
            if shift > 0 { coded = coded &<< UInt64(shift) | reader.bits(shift, bytes) }
            return DistributionFit.delta(coded, form, lowest: lowest, base: base) &* divisor
        }
    }

    private mutating func readSparse(_ count: Int, _ decoder: NumberDecoder) {
        let (array, tables) = (bytes, tables)
        let bytes = array.span
        let sums = tables.sums.span
        let firsts = tables.firsts.span
        var reader = reader
        for _ in 0..<count { values.append(decoder.next(&reader, bytes, sums, firsts, lowest: 1)) }
        self.reader = reader
    }

    private mutating func readDense(_ count: Int, _ decoder: NumberDecoder) {
        let (array, tables) = (bytes, tables)
        let bytes = array.span
        let sums = tables.sums.span
        let firsts = tables.firsts.span
        var reader = reader
        var next = rows.count
        rows += repeatElement(0, count: count)
        values += repeatElement(0, count: count)
        var (kept, moved): ([UInt32], [Int64]) = ([], [])
        swap(&kept, &rows)
        swap(&moved, &values)
        var allRows = kept.mutableSpan
        var allValues = moved.mutableSpan
        for row in 1...count {
            let delta = decoder.next(&reader, bytes, sums, firsts, lowest: 0)
            // Written over by the next one when it is 0.
            allRows[next] = UInt32(row)
            allValues[next] = delta
            if delta != 0 { next &+= 1 }
        }
        kept.removeLast(kept.count - next)
        moved.removeLast(moved.count - next)
        swap(&kept, &rows)
        swap(&moved, &values)
        self.reader = reader
    }

    /// Appends rows of 1...`count`.
    private mutating func readGaps(of count: Int) throws(DecodeError) {
        let moving = number(DescriptionDistribution.few)
        guard moving < UInt64(count) else { throw damaged("\(moving) deltas of \(count)") }
        let (distribution, shift) = ColumnContext.gaps(Int(moving) + 1, of: count)
        let (array, tables) = (bytes, tables)
        let bytes = array.span
        let sums = tables.sums.span
        let firsts = tables.firsts.span
        var reader = reader
        var next: UInt64 = 1
        for _ in 0...moving {
            let high = reader.small(distribution, bytes, sums, firsts)
            let gap = shift > 0 ? high &<< UInt64(shift) | reader.bits(shift, bytes) : high
            guard gap <= UInt64(count), next &+ gap <= UInt64(count) else { throw damaged("more rows than there are") }
            rows.append(UInt32(next &+ gap))
            next = next &+ gap &+ 1
        }
        self.reader = reader
    }

    /// Appends the changes of the bits of a column, at rows 1...`count`.
    mutating func readChanges(of count: Int) throws(DecodeError) {
        if small(DescriptionDistribution.small) == 0 { return }
        guard count > 0 else { throw damaged("changes of a single number") }
        let start = rows.count
        try readGaps(of: count)
        for _ in start..<rows.count {
            let low = bits(3)
            let width = bits(3) &+ 1
            guard low + width <= 8 else { throw damaged("\(low) + \(width) changed bytes") }
            values.append(Int64(bitPattern: bits(Int(width) * 8) &<< (low * 8)))
        }
    }
}
