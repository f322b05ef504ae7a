private import Synchronization

/// A budget of body bytes that all fetches together may hold: it bounds the memory that slow and large answers cost.
final class BodyBudget: Sendable {
    private let held = Atomic<Int>(0)
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Takes bytes from the budget; false, and nothing is taken, when fewer are left.
    func take(_ bytes: Int) -> Bool {
        if held.add(bytes, ordering: .relaxed).newValue <= limit { return true }
        give(bytes)
        return false
    }

    /// Gives bytes back.
    func give(_ bytes: Int) { _ = held.subtract(bytes, ordering: .relaxed) }
}

/// The bytes of a budget that one body has taken. They are given back when the last reference is released.
package final class BudgetHold: Sendable {
    /// Bytes of each body that the budget does not count, so that a few huge bodies do not keep other targets from theirs.
    static let freeBytes = 1 << 20

    private let budget: BodyBudget
    private let read = Atomic<Int>(0)
    private let taken = Atomic<Int>(0)

    init(_ budget: BodyBudget) { self.budget = budget }

    deinit { budget.give(taken.load(ordering: .relaxed)) }

    /// Takes more bytes; false when the budget has fewer left. One caller at a time.
    func take(_ bytes: Int) -> Bool {
        let total = read.add(bytes, ordering: .relaxed).newValue
        let wanted = max(0, total - Self.freeBytes) - taken.load(ordering: .relaxed)
        guard wanted > 0 else { return true }
        guard budget.take(wanted) else { return false }
        _ = taken.add(wanted, ordering: .relaxed)
        return true
    }
}
