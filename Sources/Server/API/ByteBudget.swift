import Synchronization

/// Bytes that many holders have together, up to a limit.
package final class ByteBudget: Sendable {
    private let used = Atomic(0)
    /// Most bytes.
    package let limit: Int
    /// Whether one holder may have more than the limit while nobody else has any.
    private let takesOneLarger: Bool

    /// A budget.
    package init(limit: Int, takesOneLarger: Bool = false) {
        self.limit = limit
        self.takesOneLarger = takesOneLarger
    }

    /// Bytes held now.
    package var held: Int { used.load(ordering: .relaxed) }

    /// Bytes for a new holder; `nil` when there are not enough.
    package func reserve(_ bytes: Int) -> ByteReservation? {
        let reservation = ByteReservation(self)
        return reservation.grow(by: bytes) ? reservation : nil
    }

    fileprivate func take(_ bytes: Int) -> Bool {
        let (before, after) = used.add(bytes, ordering: .relaxed)
        if after <= limit || (takesOneLarger && before == 0) { return true }
        used.subtract(bytes, ordering: .relaxed)
        return false
    }

    fileprivate func give(_ bytes: Int) { used.subtract(bytes, ordering: .relaxed) }
}

/// One holder's part of a budget. It is given back when the last reference goes.
package final class ByteReservation: Sendable {
    private let budget: ByteBudget
    private let bytes = Atomic(0)

    /// Nothing yet.
    package init(_ budget: ByteBudget) { self.budget = budget }

    deinit { budget.give(bytes.load(ordering: .relaxed)) }

    /// Takes more; `false`, and nothing taken, when the budget does not have it.
    package func grow(by more: Int) -> Bool {
        guard budget.take(more) else { return false }
        bytes.add(more, ordering: .relaxed)
        return true
    }
}
