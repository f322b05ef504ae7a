private import Glibc

/// A half-open range of byte offsets into a body.
package struct ByteRange: Sendable, Hashable {
    /// First byte.
    package var start: Int
    /// One past the last byte.
    package var end: Int

    /// A range.
    package init(_ start: Int, _ end: Int) {
        self.start = start
        self.end = end
    }

    /// Number of bytes.
    package var count: Int { end - start }
}

/// The bytes of a body for the length of one call.
///
/// Safe to use although it holds a pointer: every access is checked against the length, and the maker keeps the bytes alive
/// and unchanged while the value is in use (it is made inside `withUnsafeBytes` and never stored).
@safe package struct BodyBytes {
    private let base: UnsafeRawBufferPointer

    /// Wraps bytes that stay alive while this value is in use.
    @unsafe package init(_ base: UnsafeRawBufferPointer) { unsafe self.base = base }

    /// Number of bytes.
    package var count: Int { unsafe base.count }

    /// The byte at an offset, 0 outside the body. Callers that must tell a NUL from the end compare with `count`.
    @inline(__always)
    func byte(_ offset: Int) -> UInt8 {
        unsafe UInt(bitPattern: offset) < UInt(bitPattern: base.count) ? base[offset] : 0
    }

    /// Offset of the next line feed at or after `offset`, or `count`.
    func lineEnd(from offset: Int) -> Int {
        guard offset < count, let start = unsafe base.baseAddress, offset >= 0 else { return count }
        guard let found = unsafe memchr(start + offset, 0x0a, base.count - offset) else { return count }
        return unsafe UnsafeRawPointer(found) - start
    }

    /// Whether the body has more than `most` line ends. O(bytes).
    package func hasMoreLines(than most: Int) -> Bool {
        var lines = 0
        var at = lineEnd(from: 0)
        while at < count {
            lines += 1
            if lines > most { return true }
            at = lineEnd(from: at + 1)
        }
        return false
    }

    /// Whether the bytes at two offsets agree for `length` bytes; false when either range leaves the body.
    @inline(__always)
    func equals(_ left: Int, _ right: Int, length: Int) -> Bool {
        guard left >= 0, right >= 0, length >= 0, left <= count - length, right <= count - length else { return false }
        guard let start = unsafe base.baseAddress else { return length == 0 }
        return unsafe memcmp(start + left, start + right, length) == 0
    }

    /// Whether `length` bytes at `offset` equal those of `other` at `otherOffset`.
    @inline(__always)
    func equals(_ offset: Int, _ other: BodyBytes, _ otherOffset: Int, length: Int) -> Bool {
        guard offset >= 0, otherOffset >= 0, length >= 0, offset <= count - length,
            otherOffset <= other.count - length
        else { return false }
        guard let start = unsafe base.baseAddress, let otherStart = unsafe other.base.baseAddress else {
            return length == 0
        }
        return unsafe memcmp(start + offset, otherStart + otherOffset, length) == 0
    }

    /// Whether the body has exactly these bytes at `offset`.
    func has(_ text: StaticString, at offset: Int) -> Bool {
        let length = text.utf8CodeUnitCount
        guard offset >= 0, offset <= count - length, let start = unsafe base.baseAddress else { return false }
        return unsafe memcmp(start + offset, text.utf8Start, length) == 0
    }

    /// Length of the common prefix of two ranges.
    func commonPrefix(_ left: ByteRange, _ right: ByteRange) -> Int {
        let limit = min(left.count, right.count)
        guard limit > 0, isInside(left), isInside(right), let start = unsafe base.baseAddress else { return 0 }
        var length = 0
        while length <= limit - 8 {
            let one = unsafe start.loadUnaligned(fromByteOffset: left.start + length, as: UInt64.self)
            let other = unsafe start.loadUnaligned(fromByteOffset: right.start + length, as: UInt64.self)
            if one != other { return length + (one ^ other).littleEndian.trailingZeroBitCount >> 3 }
            length += 8
        }
        while length < limit, byte(left.start + length) == byte(right.start + length) { length += 1 }
        return length
    }

    /// Length of the common suffix of two ranges.
    func commonSuffix(_ left: ByteRange, _ right: ByteRange) -> Int {
        let limit = min(left.count, right.count)
        guard limit > 0, isInside(left), isInside(right), let start = unsafe base.baseAddress else { return 0 }
        var length = 0
        while length <= limit - 8 {
            let one = unsafe start.loadUnaligned(fromByteOffset: left.end - length - 8, as: UInt64.self)
            let other = unsafe start.loadUnaligned(fromByteOffset: right.end - length - 8, as: UInt64.self)
            if one != other { return length + (one ^ other).littleEndian.leadingZeroBitCount >> 3 }
            length += 8
        }
        while length < limit, byte(left.end - length - 1) == byte(right.end - length - 1) { length += 1 }
        return length
    }

    private func isInside(_ range: ByteRange) -> Bool {
        range.start >= 0 && range.start <= range.end && range.end <= count
    }

    /// Appends a range to an array.
    func append(_ range: ByteRange, to out: inout [UInt8]) {
        guard isInside(range) else { return }
        unsafe out.append(contentsOf: UnsafeRawBufferPointer(rebasing: base[range.start..<range.end]))
    }

    /// Whether the range is ASCII or valid UTF-8.
    func isValidUTF8(_ range: ByteRange) -> Bool {
        for offset in range.start..<range.end where byte(offset) >= 0x80 { return validatedText(range) != nil }
        return true
    }

    /// The text of a range, invalid UTF-8 repaired.
    package func text(_ range: ByteRange) -> String {
        guard isInside(range) else { return "" }
        return unsafe String(decoding: UnsafeRawBufferPointer(rebasing: base[range.start..<range.end]), as: UTF8.self)
    }

    /// The text of at most 64 bytes of a range, for messages.
    func excerpt(_ range: ByteRange) -> String { text(ByteRange(range.start, min(range.end, range.start + 64))) }

    /// The text of a range, `nil` when it is not UTF-8.
    private func validatedText(_ range: ByteRange) -> String? {
        unsafe String(validating: UnsafeRawBufferPointer(rebasing: base[range.start..<range.end]), as: UTF8.self)
    }

    /// Eight bytes at an offset as a number in the machine's order; 0 outside the body.
    func word(_ offset: Int) -> UInt64 {
        guard offset >= 0, offset <= count - 8, let start = unsafe base.baseAddress else { return 0 }
        return unsafe start.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }

    /// A 64-bit hash of a range. Eight bytes a step are mixed by a multiplication to 128 bits, as in wyhash. A random `seed`
    /// keeps targets from choosing lines that collide.
    @inline(__always)
    func hash(_ range: ByteRange, seed: UInt64) -> UInt64 {
        var state = seed ^ UInt64(truncatingIfNeeded: range.count)
        guard let start = unsafe base.baseAddress, range.start >= 0, range.end <= count else { return state }
        var offset = range.start
        while offset <= range.end - 8 {
            let word = unsafe start.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            state = Self.mix(state ^ word, 0x9e37_79b9_7f4a_7c15)
            offset += 8
        }
        var rest: UInt64 = 0
        while offset < range.end {
            rest = rest << 8 | UInt64(byte(offset))
            offset += 1
        }
        return Self.mix(state ^ rest, 0xbf58_476d_1ce4_e5b9)
    }

    @inline(__always)
    private static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}
