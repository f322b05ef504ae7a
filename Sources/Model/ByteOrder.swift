private import Glibc

extension String {
    /// Whether `self` sorts before `other` by UTF-8 bytes, the order Prometheus uses.
    ///
    /// Swift's own `<` orders by Unicode canonical form, which differs.
    package func precedesByBytes(_ other: String) -> Bool {
        let fast = unsafe withBytes(of: other) { left, right in
            let order = unsafe Self.compare(left, right)
            return order != 0 ? order < 0 : left.count < right.count
        }
        return fast ?? utf8.lexicographicallyPrecedes(other.utf8)
    }

    /// Whether both have the same UTF-8 bytes. Swift's own `==` also holds for canonically equivalent texts.
    package func equalsByBytes(_ other: String) -> Bool {
        let fast = unsafe withBytes(of: other) { left, right in
            unsafe left.count == right.count && Self.compare(left, right) == 0
        }
        return fast ?? utf8.elementsEqual(other.utf8)
    }

    /// Compares as many bytes as both have.
    @inline(__always)
    private static func compare(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> CInt {
        guard let one = left.baseAddress, let other = right.baseAddress else { return 0 }
        return unsafe memcmp(one, other, left.count < right.count ? left.count : right.count)
    }

    /// Calls `body` with the bytes of both texts, which are in one piece nearly always; `nil` when they are not.
    @inline(__always)
    private func withBytes(
        of other: String, _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Bool
    ) -> Bool? {
        let result = unsafe utf8.withContiguousStorageIfAvailable { left in
            unsafe other.utf8.withContiguousStorageIfAvailable { right in unsafe body(left, right) }
        }
        return result ?? nil
    }
}
