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
    /// Whether there is a sample, and which kind.
    var kind: CellKind = .absent
    /// Bits of the newest number of this column.
    var number: UInt64 = 0

    /// The bits of the sample; meaningless for an absent cell.
    @inline(__always) var bits: UInt64 { kind == .stale ? SpecialValue.staleBits : number }
}

/// Codec of the step from one cell of a column to the next as a varint token: a zigzag delta for integers, as counters mostly
/// are, and XOR of the bits for other doubles (as in Facebook's Gorilla). Open rows and series chunks share it. Format:
/// docs/format.md, "Cell tokens".
///
///     0 absent  1 raw: 8 bytes follow  2 stale marker  3 xor: widths and bytes follow  4 the number before, again
///     5... the number before plus what the predecessor moved by plus zigzag(token - 5)
///
/// A step without a token leaves the cell as it is, but an integer moves by what its predecessor moved by. Integers are
/// compared as doubles of at most 2^53, so a difference is exact and the sum gives the same bits.
enum CellCodec {
    static let absent: UInt64 = 0
    static let raw: UInt64 = 1
    static let stale: UInt64 = 2
    static let xor: UInt64 = 3
    static let same: UInt64 = 4
    static let difference: UInt64 = 5
    /// Stands for "needs no token".
    static let implied = UInt64.max

    /// The integer that a double of these bits is, if it is one of at most 53 bits and not -0.
    @inline(__always)
    static func integer(_ bits: UInt64) -> Int64? {
        let value = Double(bitPattern: bits)
        guard value.magnitude <= 9_007_199_254_740_992 else { return nil }
        let whole = Int64(value)
        return Double(whole).bitPattern == bits ? whole : nil
    }

    /// The token for the step from `cell` to a sample of these bits (`nil` for none); moves `cell` on. `moved` is what
    /// the predecessor moved by, and becomes what this cell moves by. Behind `raw` and `xor`, `putPayload` must follow.
    @inline(__always)
    static func token(for bits: UInt64?, after cell: inout Cell, moved: inout Int64) -> UInt64 {
        let before = cell
        let predicted = moved
        moved = 0
        guard let bits else {
            cell.kind = .absent
            return before.kind == .absent ? implied : absent
        }
        if bits == SpecialValue.staleBits {
            cell.kind = .stale
            return before.kind == .stale ? implied : stale
        }
        cell = Cell(kind: .value, number: bits)
        guard let new = integer(bits), let old = integer(before.number) else {
            if bits == before.number { return before.kind == .value ? implied : same }
            return width(bits ^ before.number) < 7 ? xor : raw
        }
        moved = new &- old
        if before.kind == .value, moved == predicted { return implied }
        if moved == 0 { return same }
        return ZigZag.encode(moved &- predicted) &+ difference
    }

    /// Appends a step that is to have a token in any case.
    static func encode(_ bits: UInt64?, after cell: inout Cell, into out: inout [UInt8]) {
        let before = cell.number
        var moved: Int64 = 0
        var token = token(for: bits, after: &cell, moved: &moved)
        if token == implied { token = bits == nil ? absent : cell.kind == .stale ? stale : same }
        out.putVarint(token)
        if let bits { putPayload(token, bits, before, into: &out) }
    }

    /// Bytes of a change between its zero bytes.
    @inline(__always)
    private static func width(_ change: UInt64) -> Int {
        8 - (change.leadingZeroBitCount >> 3) - (change.trailingZeroBitCount >> 3)
    }

    /// Appends what follows a token: the sample had `bits`, and the number before it was `before`.
    @inline(__always)
    static func putPayload(_ token: UInt64, _ bits: UInt64, _ before: UInt64, into out: inout [UInt8]) {
        if token == raw { return out.putWord(bits) }
        if token == xor { putChange(bits ^ before, into: &out) }
    }

    private static func putChange(_ change: UInt64, into out: inout [UInt8]) {
        let low = change.trailingZeroBitCount >> 3
        let middle = width(change)
        out.append(UInt8(low << 4 | middle))
        for index in 0..<middle { out.append(UInt8(truncatingIfNeeded: change &>> UInt64((low &+ index) &* 8))) }
    }

    /// Moves `cell` on by a token that was read already. `moved` as for encoding.
    @inline(__always)
    static func decode(
        _ token: UInt64, _ cell: inout Cell, moved: inout Int64, _ bytes: Span<UInt8>, _ cursor: inout ByteCursor
    ) throws(DecodeError) {
        if token >= difference {
            guard let old = integer(cell.number) else { throw .invalid("a difference to no integer", at: cursor.at) }
            moved = moved &+ ZigZag.decode(token &- difference)
            cell = Cell(kind: .value, number: Double(old &+ moved).bitPattern)
            return
        }
        moved = 0
        try decodeRare(token, &cell, bytes, &cursor)
    }

    /// Moves `cell` on where no token was written and the predecessor moved. Returns whether it changes.
    @inline(__always)
    static func follow(_ cell: inout Cell, moved: inout Int64) -> Bool {
        guard cell.kind == .value, let old = integer(cell.number) else {
            moved = 0
            return false
        }
        cell.number = Double(old &+ moved).bitPattern
        return true
    }

    /// Passes over a token and what follows it.
    @inline(__always)
    static func skip(_ bytes: Span<UInt8>, _ cursor: inout ByteCursor) throws(DecodeError) {
        let token = try cursor.varint(bytes)
        if token == raw { try cursor.skip(8) }
        if token == xor { try cursor.skip(Int(try cursor.byte(bytes) & 15)) }
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
        default: cell.kind = .value
        }
    }
}
