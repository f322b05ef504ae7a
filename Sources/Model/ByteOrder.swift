extension String {
    /// Whether `self` sorts before `other` by UTF-8 bytes, the order Prometheus uses.
    ///
    /// Swift's own `<` orders by Unicode canonical form, which differs.
    package func precedesByBytes(_ other: String) -> Bool {
        utf8.lexicographicallyPrecedes(other.utf8)
    }

    /// Whether both have the same UTF-8 bytes. Swift's own `==` also holds for canonically equivalent texts.
    package func equalsByBytes(_ other: String) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }
}
