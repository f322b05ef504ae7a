import Model
import Synchronization

/// The subscribers to the rows of a store.
///
/// Any thread. Lock order: a group's lock (which guards its `GroupSubscription`), then the index lock or the lock of this list.
final class RowSubscribers: Sendable {
    private struct List {
        /// In the order they came, each with a rising number.
        var entries: [(number: Int, subscriber: any RowSubscriber)] = []
        var next = 1
    }

    private let list = Mutex(List())
    /// Changes with each change of the list; 0 while nobody ever subscribed.
    private let version = Atomic<Int>(0)

    /// Adds a subscriber. Series with times of their own are published in no row, so one that matches such a series is
    /// invalidated at once.
    func add(_ subscriber: any RowSubscriber, _ view: IndexView) {
        let plan = MatcherPlan(subscriber.matchers, view)
        for slot in plan.slots {
            guard let entry = view.entries[slot], entry.kind == .series else { continue }
            if !plan.columns(of: entry.labels.columns).isEmpty { subscriber.invalidate() }
        }
        list.withLock { list in
            list.entries.append((list.next, subscriber))
            list.next += 1
        }
        version.add(1, ordering: .releasing)
    }

    func remove(_ subscriber: any RowSubscriber) {
        list.withLock { list in list.entries.removeAll { $0.subscriber === subscriber } }
        version.add(1, ordering: .releasing)
    }

    /// Gives a row that has just been stored to the subscribers of its group. The caller holds the group's lock.
    func publish(
        _ row: borrowing SampleRow, group: UInt64, slot: Int, columns: Int, index: borrowing Mutex<SeriesIndex>,
        _ subscription: inout GroupSubscription
    ) {
        let version = version.load(ordering: .acquiring)
        if version == 0 { return }
        if version != subscription.version || columns != subscription.columns {
            let view = index.withLock { $0.view }
            match(group, slot: slot, columns: columns, version: version, view, &subscription)
        }
        subscription.newest = RowHead(row, processStart: subscription.processColumn)
        for (_, subscriber) in subscription.matched { subscriber.take(row, of: group) }
    }

    /// A new series comes in no row: invalidates the subscribers that match it.
    func noteSeriesOutsideRows(_ labels: Labels) {
        if version.load(ordering: .acquiring) == 0 { return }
        for (_, subscriber) in list.withLock({ $0.entries }) {
            if subscriber.matchers.allSatisfy({ $0.matches(labels[$0.name]) }) { subscriber.invalidate() }
        }
    }

    /// Finds the subscribers of a group: new ones look at all its columns, the others at the new columns.
    private func match(
        _ group: UInt64, slot: Int, columns: Int, version: Int, _ view: IndexView,
        _ subscription: inout GroupSubscription
    ) {
        guard let entry = view.entries[slot], entry.group == group else { return }
        let all = list.withLock { $0.entries }
        let known = Set(all.map(\.number))
        subscription.matched.removeAll { !known.contains($0.number) }
        let new = subscription.columns..<min(columns, entry.labels.count)
        let newLabels = new.map { view.symbols.labels(entry.labels.columns.pairs(of: $0)) }
        subscription.noteProcess(new, newLabels)
        for (number, subscriber) in all {
            var found: [Int]
            if number > subscription.lastNumber {
                let plan = MatcherPlan(subscriber.matchers, view)
                guard plan.slots.contains(slot) else { continue }
                found = plan.columns(of: entry.labels.columns).filter { $0 < columns }
            } else {
                found = zip(new, newLabels).filter { pair in
                    subscriber.matchers.allSatisfy { $0.matches(pair.1[$0.name]) }
                }.map(\.0)
            }
            if found.isEmpty { continue }
            // A label set of several groups is one series there, and merged in time order.
            if found.contains(where: { view.duplicated.contains(entry.labels.hashes[$0]) }) { subscriber.invalidate() }
            subscriber.match(
                MatchedGroup(
                    id: group, index: slot, columns: found,
                    labels: found.map { view.symbols.labels(entry.labels.columns.pairs(of: $0)) },
                    processStart: subscription.processColumn, previous: subscription.newest))
            if !subscription.matched.contains(where: { $0.number == number }) {
                subscription.matched.append((number, subscriber))
            }
        }
        subscription.lastNumber = max(subscription.lastNumber, all.last?.number ?? 0)
        subscription.version = version
        subscription.columns = columns
    }
}
