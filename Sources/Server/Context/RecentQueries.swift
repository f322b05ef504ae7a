internal import Model
package import PromQL
private import Synchronization

/// Queries that were asked lately, with how long they took: they need no parsing again, and quick ones need no thread of
/// their own. Bounded in number and length; what was not asked for longest goes first.
package final class RecentQueries: Sendable {
    /// What is known of a query.
    package struct Entry: Sendable {
        /// The query, ready to run.
        package let query: PreparedQuery
        /// How long it took last time.
        package var took: Duration
        fileprivate var used: UInt64
    }

    private struct State {
        var entries: [ExactText: Entry] = [:]
        var clock: UInt64 = 0
    }

    /// Most queries that are kept.
    package static let countMax = 256
    /// Longest text that is kept, in bytes.
    package static let textMax = 2_048
    /// Most opening brackets in a text that is kept: nested queries need a deep stack.
    private static let nestingMax = 24

    private let state = Mutex(State())

    /// None yet.
    package init() {}

    /// What is known of a text.
    package func find(_ text: String) -> Entry? {
        state.withLock { state in
            guard let index = state.entries.index(forKey: ExactText(text)) else { return nil }
            state.clock += 1
            state.entries.values[index].used = state.clock
            return state.entries.values[index]
        }
    }

    /// Remembers how long a query took.
    package func note(_ text: String, _ query: PreparedQuery, took: Duration) {
        guard text.utf8.count <= Self.textMax, text.utf8.count(where: { $0 == 0x28 }) <= Self.nestingMax else { return }
        state.withLock { state in
            state.clock += 1
            state.entries[ExactText(text)] = Entry(query: query, took: took, used: state.clock)
            guard state.entries.count > Self.countMax else { return }
            // Makes room for a while at once, so that the search for the oldest is rare.
            let oldest = state.entries.sorted { $0.value.used < $1.value.used }.prefix(Self.countMax / 4)
            for (text, _) in oldest { state.entries[text] = nil }
        }
    }
}
