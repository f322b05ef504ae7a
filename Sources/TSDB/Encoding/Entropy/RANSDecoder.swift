/// Decoder of range asymmetric numeral systems (rANS): the inverse of `RANSEncoder`, where the method is described.
///
/// The low 12 bits of the state are a slot of the frequency table, which gives the symbol; the state then becomes
/// f * (state >> 12) + slot - start, and is refilled byte by byte to 2^16 or more. The symbol of a slot is found from a
/// table with an entry for each 64th of the slots. After the last symbol the state must be 2^16: that is checked by
/// `isFinished`.
///
/// Damaged bytes can't trap: behind the end zeros are read and `isShort` is set, so that the caller can check once in a while.
/// Format: docs/format.md, "Chunk of rows". The bytes and tables are handed to each method.
struct RANSDecoder {
    private var state: UInt32 = 0
    private var at = 0
    private var end = 0
    /// More was read than there is.
    private(set) var isShort = false

    /// The tables that symbols are looked up in, taken once per decoder.
    struct Tables {
        let sums = FrequencyTable.sums
        let firsts = FrequencyTable.firsts
    }

    /// A decoder of no bytes.
    init() {}

    /// A reader of a range of bytes.
    init(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        at = range.lowerBound
        end = range.upperBound
        for _ in 0..<3 { state = state &<< 8 | UInt32(next(bytes)) }
    }

    /// Whether all bytes were read and the state is the one that encoding began with.
    var isFinished: Bool { !isShort && at == end && state == RANSEncoder.floor }

    @inline(__always)
    private mutating func next(_ bytes: Span<UInt8>) -> UInt8 {
        guard at < end else {
            isShort = true
            return 0
        }
        defer { at &+= 1 }
        return bytes[at]
    }

    @inline(__always)
    private mutating func refill(_ bytes: Span<UInt8>) {
        repeat {
            if at < end {
                state = state &<< 8 | UInt32(bytes[at])
                at &+= 1
            } else {
                // A damaged state of 0 would never rise.
                state = state &<< 8 | RANSEncoder.floor
                isShort = true
            }
        } while state < RANSEncoder.floor
    }

    /// The next symbol, 0..<32, coded with a distribution of `FrequencyTable`.
    @inline(__always)
    mutating func symbol(
        _ distribution: Int, _ bytes: Span<UInt8>, _ sums: Span<UInt16>, _ firsts: Span<UInt8>
    ) -> Int {
        let slot = state & (FrequencyTable.total - 1)
        let base = distribution &* (FrequencyTable.symbolCount &+ 1)
        var index = base &+ Int(firsts[distribution &* FrequencyTable.firstCount &+ Int(slot &>> 6)])
        var upper = UInt32(sums[index &+ 1])
        var start = UInt32(sums[index])
        while upper <= slot {
            index &+= 1
            start = upper
            upper = UInt32(sums[index &+ 1])
        }
        state = (upper &- start) &* (state &>> UInt32(FrequencyTable.totalBits)) &+ slot &- start
        if state < RANSEncoder.floor { refill(bytes) }
        return index &- base
    }

    /// A number of `count` bits.
    @inline(__always)
    mutating func bits(_ count: Int, _ bytes: Span<UInt8>) -> UInt64 {
        var left = count
        var number: UInt64 = 0
        while left > 0 {
            let part = min(left, FrequencyTable.totalBits)
            let room = UInt32(FrequencyTable.totalBits - part)
            let slot = state & (FrequencyTable.total - 1)
            let value = slot &>> room
            state = (1 &<< room) &* (state &>> UInt32(FrequencyTable.totalBits)) &+ (slot & (1 &<< room &- 1))
            if state < RANSEncoder.floor { refill(bytes) }
            number = number &<< UInt64(part) | UInt64(value)
            left &-= part
        }
        return number
    }

    /// A number that is mostly as small as `distribution` says.
    @inline(__always)
    mutating func small(
        _ distribution: Int, _ bytes: Span<UInt8>, _ sums: Span<UInt16>, _ firsts: Span<UInt8>
    ) -> UInt64 {
        let symbol = symbol(distribution, bytes, sums, firsts)
        return symbol < FrequencyTable.escape ? UInt64(symbol) : long(bytes) &+ UInt64(FrequencyTable.escape)
    }

    private mutating func long(_ bytes: Span<UInt8>) -> UInt64 { number(length: bits(7, bytes), bytes) }

    /// A number of `length` bits, of which the first is 1.
    mutating func number(length: UInt64, _ bytes: Span<UInt8>) -> UInt64 {
        if length <= 1 { return length }
        let rest = Int(min(length, 64)) - 1
        return 1 &<< UInt64(rest) | bits(rest, bytes)
    }

    /// A number whose length is about what `distribution` says.
    mutating func number(_ distribution: Int, _ bytes: Span<UInt8>, _ tables: Tables) -> UInt64 {
        number(length: small(distribution, bytes, tables.sums.span, tables.firsts.span), bytes)
    }

    /// A number that is mostly as small as `distribution` says.
    mutating func small(_ distribution: Int, _ bytes: Span<UInt8>, _ tables: Tables) -> UInt64 {
        small(distribution, bytes, tables.sums.span, tables.firsts.span)
    }
}
