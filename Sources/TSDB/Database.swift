package import Model
import Synchronization

/// The store: takes rows and samples with times of their own, keeps them in series groups, and answers selections.
///
/// Pure but for the two seams it is given: it reads no clock (time comes as an argument), starts no task and touches
/// no file. Everything may be called from any thread; `seal`, `archive` and `applyRetention` are meant for one
/// maintenance thread. Lock order: series directory, then a group, then the index, then the
/// list of groups.
package final class Database: SampleAppender {
    /// What it was made with.
    package let options: DatabaseOptions
    let chunkArchive: (any ChunkArchive)?
    /// The state that all groups share.
    let context: GroupContext
    /// The groups by slot of the index. Changed with the index locked, so that a `StoreView` has both of one moment.
    private let stored = Mutex<[StoredGroup?]>([])
    let selectors = SelectorCache()
    let keys = Mutex<[GroupKey: ScrapeGroup]>([:])
    let seriesDirectory = Mutex(SeriesDirectory())
    let damage = Mutex(DamagedRanges())
    let nextGroup = Atomic<UInt64>(1)

    /// An empty store. Without a log and an archive everything stays in memory.
    package init(
        _ options: DatabaseOptions = DatabaseOptions(), log: (any HeadLog)? = nil, archive: (any ChunkArchive)? = nil
    ) {
        var options = options
        options.chunkRows = min(max(1, options.chunkRows), Chunk.rowsMax)
        self.options = options
        chunkArchive = archive
        context = GroupContext(options, log: log, hasArchive: archive != nil)
    }

    deinit { context.end() }

    var headLog: (any HeadLog)? { context.headLog }
    var counters: StoreCounters { context.counters }

    package func openGroup(_ key: GroupKey) throws(AppendError) -> any GroupAppender {
        while true {
            let group = keys.withLock { keys in
                if let group = keys[key] { return group }
                let group = makeScrapeGroup(nextGroup.add(1, ordering: .relaxed).oldValue, key)
                keys[key] = group
                return group
            }
            // One that was closed or retired a moment ago may still have its key.
            if !group.isOver { return group }
            forgetKey(of: group)
        }
    }

    func makeScrapeGroup(_ id: UInt64, _ key: GroupKey) -> ScrapeGroup {
        context.index.withLock { index in
            let group = ScrapeGroup(id: id, key: key, slot: index.nextSlot, context)
            add(.rows(group), .rows, &index)
            return group
        }
    }

    func makeSeriesGroup(_ id: UInt64) -> SeriesGroup {
        context.index.withLock { index in
            let group = SeriesGroup(id: id, slot: index.nextSlot)
            add(.series(group), .series, &index)
            return group
        }
    }

    private func add(_ group: StoredGroup, _ kind: GroupKind, _ index: inout SeriesIndex) {
        let slot = index.nextSlot
        index.add(group.id, kind)
        stored.withLock { stored in
            if slot < stored.count { stored[slot] = group } else { stored.append(group) }
        }
    }

    /// Takes groups out of the store, with their index entries.
    func remove(_ groups: [(id: UInt64, slot: Int)]) {
        context.index.withLock { index in
            for (id, slot) in groups where index.owns(id, slot: slot) {
                index.remove(slot: slot)
                stored.withLock { $0[slot] = nil }
            }
        }
    }

    /// The next `openGroup` of this key makes a new group.
    func forgetKey(of group: ScrapeGroup) {
        keys.withLock { if $0[group.key] === group { $0[group.key] = nil } }
    }

    /// Returns when everything that was accepted so far has reached the kernel. Without a log it returns at once.
    package func flush() throws(StorageError) {
        try headLog?.flush()
    }

    /// Appends a time frame to the head log, if other frames were appended since the last one. A start takes the present of
    /// the log from it when frames are missing.
    package func appendHeartbeat(now: Timestamp) throws(StorageError) {
        guard let headLog, context.hasUntimedFrames.exchange(false, ordering: .relaxed) else { return }
        _ = try headLog.append(FrameContent.time(now))
    }

    /// The index and the groups at this moment.
    var view: StoreView {
        context.index.withLock { index in StoreView(index: index.view, groups: stored.withLock { $0 }) }
    }

    /// All groups at this moment.
    var groups: [StoredGroup] {
        stored.withLock { $0.compactMap { $0 } }
    }

    /// Whether there are series with times of their own.
    package var hasSeriesGroups: Bool { groups.contains { if case .series = $0 { true } else { false } } }

    /// Declares a time range as damaged: every selection that overlaps it will say so.
    package func addDamage(_ window: TimeWindow) {
        damage.withLock { $0.add(window) }
    }

    /// The time ranges that are known to be damaged, rising. Damaged chunks add theirs to a selection by themselves.
    package var damagedRanges: [TimeWindow] { damage.withLock { $0.windows } }
}
