/// Choice of the distribution of `FrequencyTable` that codes a column's deltas in the fewest bits.
///
/// Deltas are made unsigned in one of three forms, their low `shift` bits are coded as they are, and the bits above with one
/// of the 128 distributions. The shift follows from the lengths of the deltas (seven eighths must have at most four bits
/// above it), the mean from their average; the neighbouring means and all shapes are costed by `FrequencyTable.costs`, and
/// the cheapest is kept. What was chosen is written before the deltas (docs/format.md, "Chunk of rows", Deltas).
struct DistributionFit {
    /// How a delta is made an unsigned number.
    enum Form: Int {
        /// The delta's bits: for deltas that are not negative. A negative one would take 64 bits.
        case plain = 0
        /// The zigzag code.
        case zigzag = 1
        /// The difference to the smallest delta.
        case shifted = 2
    }

    private(set) var form = Form.plain
    /// Low bits that are coded as they are.
    private(set) var shift = 0
    /// Index of the mean, 0..<32.
    private(set) var mean = 0
    /// The shape, 0..<4.
    private(set) var shape = 0
    /// In the form `shifted` the smallest delta without its low `shift` bits.
    private(set) var base: Int64 = 0
    /// The cost of all deltas in 64ths of a bit.
    private(set) var cost = Int.max

    var distribution: Int { FrequencyTable.distribution(mean: mean, shape: shape) }

    /// The unsigned number that is coded for a delta.
    @inline(__always)
    static func coded(_ delta: Int64, _ form: Form, lowest: Int64, base: Int64) -> UInt64 {
        switch form {
        case .plain: UInt64(bitPattern: delta &- lowest)
        // 0 is not among the deltas of a sparse column.
        case .zigzag: ZigZag.encode(delta) &- UInt64(bitPattern: lowest)
        case .shifted: UInt64(bitPattern: delta &- base)
        }
    }

    /// The delta that an unsigned number was coded for.
    @inline(__always)
    static func delta(_ coded: UInt64, _ form: Form, lowest: Int64, base: Int64) -> Int64 {
        switch form {
        case .plain: Int64(bitPattern: coded) &+ lowest
        case .zigzag: ZigZag.decode(coded &+ UInt64(bitPattern: lowest))
        case .shifted: Int64(bitPattern: coded) &+ base
        }
    }

    /// The cheapest choice for `deltas`, of which there must be some; `lowest` is 1 when 0 is not among them, else 0.
    init(_ deltas: Span<Int64>, lowest: Int64) {
        var least = Int64.max
        for index in deltas.indices { least = min(least, deltas[index]) }
        attempt(deltas, .plain, lowest)
        if least < 0 { attempt(deltas, .zigzag, lowest) }
        if least < 0 || least > 3 { attempt(deltas, .shifted, lowest, least) }
    }

    private mutating func attempt(_ deltas: Span<Int64>, _ form: Form, _ lowest: Int64, _ least: Int64 = 0) {
        var lengths = InlineArray<65, Int>(repeating: 0)
        for index in deltas.indices {
            let coded = Self.coded(deltas[index], form, lowest: lowest, base: least)
            lengths[64 - coded.leadingZeroBitCount] += 1
        }
        // An eighth of the deltas may be longer, so that outliers don't decide.
        var length = 0
        var seen = lengths[0]
        while seen * 8 < deltas.count * 7 {
            length += 1
            seen += lengths[length]
        }
        let most = max(0, length - 4)
        for shift in max(0, most - 1)...most { attempt(deltas, form, lowest, least, shift) }
    }

    private mutating func attempt(
        _ deltas: Span<Int64>, _ form: Form, _ lowest: Int64, _ least: Int64, _ shift: Int
    ) {
        let base = form == .shifted ? least >> Int64(shift) : 0
        var counts = InlineArray<32, Int>(repeating: 0)
        var fixed = deltas.count * shift * 64 + (form == .shifted ? 64 * 5 : 0)
        var sum = 0
        var highest = 0
        for index in deltas.indices {
            let coded = Self.coded(deltas[index], form, lowest: lowest, base: base &<< Int64(shift))
            let high = coded >> UInt64(shift)
            let symbol = Int(min(high, UInt64(FrequencyTable.escape)))
            counts[symbol] += 1
            sum += symbol
            highest = max(highest, symbol)
            if symbol == FrequencyTable.escape { fixed += (7 + 64 - (high - 31).leadingZeroBitCount) * 64 }
        }
        let table = FrequencyTable.costs
        let costs = table.span
        let nearest = FrequencyTable.nearest(Double(sum) / Double(deltas.count))
        for mean in max(0, nearest - 1)...min(FrequencyTable.meanCount - 1, nearest + 1) {
            for shape in 0..<FrequencyTable.shapeCount {
                let first = FrequencyTable.distribution(mean: mean, shape: shape) * FrequencyTable.symbolCount
                // A larger shape takes more bits to write.
                var total = fixed + shape * 64
                for symbol in 0...highest { total += counts[symbol] * Int(costs[first + symbol]) }
                if total < cost {
                    (self.form, self.shift, self.mean, self.shape) = (form, shift, mean, shape)
                    (self.base, cost) = (base, total)
                }
            }
        }
    }
}
