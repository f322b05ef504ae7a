/// Writes symbols with range asymmetric numeral systems: a symbol of frequency f of 4,096 takes -log2(f / 4,096) bits.
///
/// The last symbol must be coded first, so symbols are collected and coded by `finish`.
struct RANSEncoder {
    /// The lowest state.
    static let floor: UInt32 = 1 << 16

    /// Where the symbol's share begins, and from bit 12 on its frequency.
    private var symbols: [UInt32] = []
    private let sums = FrequencyTable.sums

    /// Symbols so far.
    var count: Int { symbols.count }

    /// Adds a number of at most 12 bits as it is.
    private mutating func put(bits: UInt64, count: Int) {
        let room = UInt32(FrequencyTable.totalBits - count)
        symbols.append(UInt32(bits) &<< room | (1 &<< room) &<< UInt32(FrequencyTable.totalBits))
    }

    /// Adds the low `count` bits of a number as they are.
    mutating func putBits(_ number: UInt64, _ count: Int) {
        var left = count
        while left > 0 {
            let part = min(left, FrequencyTable.totalBits)
            left -= part
            put(bits: number &>> UInt64(left) & (1 &<< UInt64(part) &- 1), count: part)
        }
    }

    /// Adds a number that is mostly as small as `distribution` says.
    @inline(__always)
    mutating func put(_ number: UInt64, _ distribution: Int) {
        let symbol = Int(min(number, UInt64(FrequencyTable.escape)))
        let index = distribution &* (FrequencyTable.symbolCount &+ 1) &+ symbol
        let start = UInt32(sums[index])
        symbols.append(start | (UInt32(sums[index &+ 1]) &- start) &<< UInt32(FrequencyTable.totalBits))
        if symbol == FrequencyTable.escape { putLong(number &- UInt64(FrequencyTable.escape)) }
    }

    private mutating func putLong(_ number: UInt64) {
        let length = 64 - number.leadingZeroBitCount
        putBits(UInt64(length), 7)
        if length > 1 { putBits(number, length - 1) }
    }

    /// Adds a number whose length is about what `distribution` says.
    mutating func putNumber(_ number: UInt64, _ distribution: Int) {
        let length = 64 - number.leadingZeroBitCount
        put(UInt64(length), distribution)
        if length > 1 { putBits(number, length - 1) }
    }

    /// Adds all symbols of another writer behind the own ones.
    mutating func append(_ other: RANSEncoder) { symbols += other.symbols }

    /// Forgets the symbols.
    mutating func clear() { symbols.removeAll(keepingCapacity: true) }

    /// The bytes.
    func finish() -> [UInt8] {
        var state = Self.floor
        var out: [UInt8] = []
        for symbol in symbols.reversed() {
            let start = symbol & (FrequencyTable.total - 1)
            let frequency = symbol &>> UInt32(FrequencyTable.totalBits)
            while state >= frequency &<< 12 {
                out.append(UInt8(truncatingIfNeeded: state))
                state &>>= 8
            }
            let (whole, rest) = state.quotientAndRemainder(dividingBy: frequency)
            state = whole &<< UInt32(FrequencyTable.totalBits) &+ rest &+ start
        }
        for _ in 0..<3 {
            out.append(UInt8(truncatingIfNeeded: state))
            state &>>= 8
        }
        out.reverse()
        return out
    }
}
