/// A position in encoded bytes. The bytes are handed to each method, so that the cursor is a plain pair of numbers; all
/// reads are checked against the end, and damaged input gives an error.
struct ByteCursor {
    /// Next byte to read.
    private(set) var at: Int
    /// One past the last byte that may be read.
    let end: Int

    /// Reads `bytes` from `start` to `end` (to its end when `nil`); bounds outside of `bytes` are cut.
    init(_ bytes: Span<UInt8>, from start: Int = 0, to end: Int? = nil) {
        let last = min(max(end ?? bytes.count, 0), bytes.count)
        self.end = last
        at = min(max(start, 0), last)
    }

    var isAtEnd: Bool { at >= end }
    var remaining: Int { end - at }

    @inline(__always)
    mutating func byte(_ bytes: Span<UInt8>) throws(DecodeError) -> UInt8 {
        guard at < end else { throw .truncated(at: at) }
        let value = bytes[at]
        at &+= 1
        return value
    }

    /// An unsigned LEB128 number of at most 64 bits.
    @inline(__always)
    mutating func varint(_ bytes: Span<UInt8>) throws(DecodeError) -> UInt64 {
        let first = try byte(bytes)
        if first < 0x80 { return UInt64(first) }
        return try longVarint(bytes, first)
    }

    private mutating func longVarint(_ bytes: Span<UInt8>, _ first: UInt8) throws(DecodeError) -> UInt64 {
        var value = UInt64(first & 0x7f)
        var shift: UInt64 = 7
        while true {
            let next = try byte(bytes)
            if shift == 63, next > 1 { throw .invalid("a number of more than 64 bits", at: at) }
            value |= UInt64(next & 0x7f) &<< shift
            if next < 0x80 { return value }
            shift &+= 7
        }
    }

    /// A signed number, small ones of either sign short.
    @inline(__always)
    mutating func zigzag(_ bytes: Span<UInt8>) throws(DecodeError) -> Int64 {
        ZigZag.decode(try varint(bytes))
    }

    /// Eight bytes, little endian.
    mutating func word(_ bytes: Span<UInt8>) throws(DecodeError) -> UInt64 {
        guard remaining >= 8 else { throw .truncated(at: at) }
        var value: UInt64 = 0
        for index in 0..<8 { value |= UInt64(bytes[at &+ index]) &<< UInt64(index &* 8) }
        at &+= 8
        return value
    }

    /// A count that later sizes an allocation: at most `limit`.
    mutating func count(_ bytes: Span<UInt8>, limit: Int) throws(DecodeError) -> Int {
        let start = at
        let value = try varint(bytes)
        guard value <= UInt64(limit) else { throw .invalid("count \(value) above \(limit)", at: start) }
        return Int(value)
    }

    /// A text with its length in front.
    mutating func text(_ bytes: Span<UInt8>) throws(DecodeError) -> String {
        let length = try count(bytes, limit: remaining)
        let start = at
        try skip(length)
        var utf8: [UInt8] = []
        utf8.reserveCapacity(length)
        for index in start..<at { utf8.append(bytes[index]) }
        return String(decoding: utf8, as: UTF8.self)
    }

    mutating func skip(_ length: Int) throws(DecodeError) {
        guard length >= 0, length <= remaining else { throw .truncated(at: at) }
        at &+= length
    }
}

/// Signed numbers as unsigned ones: 0, -1, 1, -2, ... become 0, 1, 2, 3, ...
enum ZigZag {
    @inline(__always) static func encode(_ value: Int64) -> UInt64 {
        UInt64(bitPattern: (value &<< 1) ^ (value &>> 63))
    }
    @inline(__always) static func decode(_ value: UInt64) -> Int64 {
        Int64(bitPattern: (value &>> 1) ^ (0 &- (value & 1)))
    }
}
