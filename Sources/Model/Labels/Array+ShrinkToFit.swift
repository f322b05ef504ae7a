extension Array {
    /// Gives back memory that growing reserved in excess of a quarter. O(n) when there is such.
    package mutating func shrinkToFit() {
        guard capacity > count + count / 4 else { return }
        // A copy of a slice of everything would share the memory, so it is filled anew.
        var fitting: [Element] = []
        fitting.reserveCapacity(count)
        fitting.append(contentsOf: self)
        self = fitting
    }
}
