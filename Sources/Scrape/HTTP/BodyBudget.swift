private import Synchronization

/// The body bytes that all fetches together hold: the bound on what slow and large answers cost.
final class BodyBudget: Sendable {
    private let held = Atomic<Int>(0)
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Takes bytes; false, and nothing taken, when there are not as many left.
    func take(_ bytes: Int) -> Bool {
        if held.add(bytes, ordering: .relaxed).newValue <= limit { return true }
        give(bytes)
        return false
    }

    /// Gives bytes back.
    func give(_ bytes: Int) { _ = held.subtract(bytes, ordering: .relaxed) }
}

/// The part of a budget that one body has taken, given back when the last reference goes.
package final class BudgetHold: Sendable {
    /// Bytes of each body that count for nothing, so that a few huge ones leave no other target without an answer.
    static let freeBytes = 1 << 20

    private let budget: BodyBudget
    private let read = Atomic<Int>(0)
    private let taken = Atomic<Int>(0)

    init(_ budget: BodyBudget) { self.budget = budget }

    deinit { budget.give(taken.load(ordering: .relaxed)) }

    /// Takes more, one caller at a time; false when the budget has not as much left.
    func take(_ bytes: Int) -> Bool {
        let total = read.add(bytes, ordering: .relaxed).newValue
        let wanted = max(0, total - Self.freeBytes) - taken.load(ordering: .relaxed)
        guard wanted > 0 else { return true }
        guard budget.take(wanted) else { return false }
        _ = taken.add(wanted, ordering: .relaxed)
        return true
    }
}
