private import Glibc

extension String {
    /// Whether `self` sorts before `other` by UTF-8 bytes, the order Prometheus uses.
    ///
    /// Swift's own `<` orders by Unicode canonical form, which differs.
    package func precedesByBytes(_ other: String) -> Bool {
        let order = unsafe withBytes(of: other) { left, right in
            let (count, otherCount) = (left.count, right.count)
            let first = unsafe Self.compare(left, right, min(count, otherCount))
            return first == 0 ? count < otherCount : first < 0
        }
        return order ?? utf8.lexicographicallyPrecedes(other.utf8)
    }

    /// Whether both have the same UTF-8 bytes. Swift's own `==` also holds for canonically equivalent texts.
    package func equalsByBytes(_ other: String) -> Bool {
        if utf8.count != other.utf8.count { return false }
        let isEqual = unsafe withBytes(of: other) { left, right in unsafe Self.compare(left, right, left.count) == 0 }
        return isEqual ?? utf8.elementsEqual(other.utf8)
    }

    private static func compare(
        _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>, _ count: Int
    ) -> Int32 {
        guard let one = left.baseAddress, let other = right.baseAddress else { return 0 }
        return unsafe memcmp(one, other, count)
    }

    /// Calls `body` with the bytes of both, where they lie in one piece, as they do but for bridged strings.
    @inline(__always)
    private func withBytes<Result>(
        of other: String, _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result? {
        let result = unsafe utf8.withContiguousStorageIfAvailable { left in
            unsafe other.utf8.withContiguousStorageIfAvailable { right in unsafe body(left, right) }
        }
        return result ?? nil
    }
}
