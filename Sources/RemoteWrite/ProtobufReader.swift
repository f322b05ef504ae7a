/// Reads the fields of one protobuf message in turn. Lengths are checked against what is there, so that no message can
/// make it read or reserve more than it has.
struct ProtobufReader {
    /// What follows a field's number.
    enum Value {
        case varint(UInt64)
        case fixed64(UInt64)
        case bytes(Range<Int>)
        case fixed32(UInt32)
    }

    private let bytes: [UInt8]
    private var at: Int
    private let end: Int

    /// A reader of the bytes in `range`.
    init(_ bytes: [UInt8], in range: Range<Int>) {
        self.bytes = bytes
        at = range.lowerBound
        end = range.upperBound
    }

    /// The next field, `nil` at the end.
    mutating func next() throws(RemoteWriteError) -> (number: UInt64, value: Value)? {
        if at == end { return nil }
        let start = at
        let tag = try varint()
        let number = tag >> 3
        guard number > 0 else { throw .protobuf("field number 0", offset: start) }
        switch tag & 7 {
        case 0: return (number, .varint(try varint()))
        case 1: return (number, .fixed64(try fixed(8)))
        case 2:
            let length = try varint()
            guard length <= UInt64(end - at) else { throw .protobuf("a field is longer than its message", offset: at) }
            let range = at..<(at + Int(length))
            at = range.upperBound
            return (number, .bytes(range))
        case 5: return (number, .fixed32(UInt32(truncatingIfNeeded: try fixed(4))))
        default: throw .protobuf("unknown wire type \(tag & 7)", offset: start)
        }
    }

    private mutating func varint() throws(RemoteWriteError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while at < end, shift < 64 {
            let byte = bytes[at]
            at += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw .protobuf(at < end ? "a number has more than 64 bits" : "unexpected end", offset: at)
    }

    private mutating func fixed(_ count: Int) throws(RemoteWriteError) -> UInt64 {
        guard end - at >= count else { throw .protobuf("unexpected end", offset: at) }
        var value: UInt64 = 0
        for place in 0..<count { value |= UInt64(bytes[at + place]) << UInt64(8 * place) }
        at += count
        return value
    }
}
