import Model

/// What a cell of a row holds.
enum CellKind: UInt8 {
    /// No sample.
    case absent = 0
    /// A number, NaNs included.
    case value = 1
    /// The stale marker.
    case stale = 2
}

/// A cell and what coding its successor needs: the newest number, which stays while the cell is absent or stale, so
/// that a series that comes back costs a small difference again.
struct Cell: Equatable {
    /// What is there.
    var kind: CellKind = .absent
    /// Bits of the newest number of this column.
    var number: UInt64 = 0

    /// The bits of the sample; meaningless for an absent cell.
    @inline(__always) var bits: UInt64 { kind == .stale ? SpecialValue.staleBits : number }
}

/// Codes the step from one cell of a column to the next as a token; rows and sealed columns share it.
///
///     0 absent  1 raw: 8 bytes follow  2 stale marker  3 xor: widths and bytes follow
///     4 the number before, again  5 run (sealed columns only: a count of unchanged rows follows)
///     6... the number before plus zigzag(token - 5)
///
/// Integers are compared as doubles of at most 2^53, so the difference is exact and the sum gives the same bits.
enum CellCodec {
    static let absent: UInt64 = 0
    static let raw: UInt64 = 1
    static let stale: UInt64 = 2
    static let xor: UInt64 = 3
    static let same: UInt64 = 4
    static let run: UInt64 = 5
    static let difference: UInt64 = 5

    /// The integer that a double of these bits is, if it is one of at most 53 bits and not -0.
    @inline(__always)
    static func integer(_ bits: UInt64) -> Int64? {
        let value = Double(bitPattern: bits)
        guard value.magnitude <= 9_007_199_254_740_992 else { return nil }
        let whole = Int64(value)
        return Double(whole).bitPattern == bits ? whole : nil
    }

    /// Appends the token for a sample of these bits behind `cell`, and moves `cell` on.
    @inline(__always)
    static func encode(_ bits: UInt64, after cell: inout Cell, into out: inout [UInt8]) {
        if bits == SpecialValue.staleBits {
            cell.kind = .stale
            out.append(UInt8(stale))
            return
        }
        let before = cell.number
        cell = Cell(kind: .value, number: bits)
        if bits == before {
            out.append(UInt8(same))
        } else if let new = integer(bits), let old = integer(before) {
            out.putVarint(ZigZag.encode(new &- old) &+ difference)
        } else {
            encodeBits(bits, before, into: &out)
        }
    }

    /// Appends the token for "no sample".
    @inline(__always)
    static func encodeAbsent(after cell: inout Cell, into out: inout [UInt8]) {
        cell.kind = .absent
        out.append(UInt8(absent))
    }

    private static func encodeBits(_ bits: UInt64, _ before: UInt64, into out: inout [UInt8]) {
        let change = bits ^ before
        let low = change.trailingZeroBitCount >> 3
        let middle = 8 - (change.leadingZeroBitCount >> 3) - low
        guard middle < 7 else {
            out.append(UInt8(raw))
            out.putWord(bits)
            return
        }
        out.append(UInt8(xor))
        out.append(UInt8(low << 4 | middle))
        for index in 0..<middle { out.append(UInt8(truncatingIfNeeded: change &>> UInt64((low &+ index) &* 8))) }
    }

    /// Moves `cell` on by a token that was read already.
    @inline(__always)
    static func decode(
        _ token: UInt64, _ cell: inout Cell, _ bytes: Span<UInt8>, _ cursor: inout ByteCursor
    ) throws(DecodeError) {
        if token > difference {
            guard let old = integer(cell.number) else { throw .invalid("a difference to no integer", at: cursor.at) }
            cell.number = Double(old &+ ZigZag.decode(token &- difference)).bitPattern
            cell.kind = .value
            return
        }
        try decodeRare(token, &cell, bytes, &cursor)
    }

    private static func decodeRare(
        _ token: UInt64, _ cell: inout Cell, _ bytes: Span<UInt8>, _ cursor: inout ByteCursor
    ) throws(DecodeError) {
        switch token {
        case absent: cell.kind = .absent
        case raw: cell = Cell(kind: .value, number: try cursor.word(bytes))
        case stale: cell.kind = .stale
        case xor:
            let widths = Int(try cursor.byte(bytes))
            let low = widths >> 4
            let middle = widths & 15
            guard low + middle <= 8 else { throw .invalid("xor widths \(low) + \(middle)", at: cursor.at) }
            var change: UInt64 = 0
            for index in 0..<middle { change |= UInt64(try cursor.byte(bytes)) &<< UInt64((low &+ index) &* 8) }
            cell = Cell(kind: .value, number: cell.number ^ change)
        case same: cell.kind = .value
        default: throw .invalid("cell token \(token)", at: cursor.at)
        }
    }
}
