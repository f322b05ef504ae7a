/// Encoder of range asymmetric numeral systems (rANS; Duda 2013), an entropy coder: a symbol of frequency f of 4,096 takes
/// -log2(f / 4,096) bits, so that numbers which are mostly small take a fraction of a bit each.
///
/// The state is an integer of 24 bits, kept at or above `floor` (2^16) by moving its low byte out. Encoding x with a symbol
/// that has the shares start..<start + f gives (x / f) * 4,096 + x % f + start. The decoder undoes the steps in reverse
/// order, so symbols are collected here and encoded from the last to the first by `finish`; the bytes are then in the
/// decoder's order.
///
/// Format: docs/format.md, "Chunk of rows". The frequencies are those of `FrequencyTable`.
struct RANSEncoder {
    /// The lowest state, with which encoding begins and decoding ends.
    static let floor: UInt32 = 1 << 16

    /// Per symbol the start of its share of 4,096 in bits 0..<12, and its frequency from bit 12 on.
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

    /// Adds a number that `distribution` (an index of `FrequencyTable`) gives the frequency of: a symbol for 0...30, else an
    /// escape symbol, the length and the bits.
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

    /// Adds a number as its length in bits, a symbol of `distribution`, and the bits below the highest one.
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
