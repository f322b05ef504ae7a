extension Array where Element == UInt8 {
    /// Appends an unsigned LEB128 number.
    @inline(__always)
    mutating func putVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest &>>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends a count.
    @inline(__always)
    mutating func putVarint(_ value: Int) { putVarint(UInt64(value)) }

    /// Appends a signed number.
    @inline(__always)
    mutating func putZigzag(_ value: Int64) { putVarint(ZigZag.encode(value)) }

    /// Appends eight bytes, little endian.
    mutating func putWord(_ value: UInt64) {
        for index in 0..<8 { append(UInt8(truncatingIfNeeded: value &>> UInt64(index &* 8))) }
    }

    /// Appends a text behind its length.
    mutating func putText(_ text: String) {
        putVarint(text.utf8.count)
        append(contentsOf: text.utf8)
    }
}
