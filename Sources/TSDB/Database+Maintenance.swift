package import Model
import Synchronization

extension Database {
    /// Seals the open samples of groups that are closed or got nothing for `options.idleSeal`; with `all`, of every
    /// group; with `pinnedBefore`, also of those whose oldest open frame is in a log segment below that.
    package func seal(now: Timestamp, all: Bool = false, pinnedBefore segment: UInt64 = 0) {
        let idle = now.minusClamped(options.idleSeal)
        for group in groups {
            switch group {
            case .rows(let rows):
                rows.state.withLock { state in
                    let due = all || state.isClosed || (state.newest ?? .max) < idle || (state.pin ?? .max) < segment
                    if due { rows.seal(&state) }
                }
            case .series(let series):
                series.state.withLock { state in
                    let due = all || state.touched < idle || (state.pin ?? .max) < segment
                    if due { series.seal(&state, context) }
                }
            }
        }
    }

    /// Frees the rows that cursors keep for the next query in groups that no query has read since the last call. To be called
    /// every few seconds.
    package func trimCaches() {
        for case .rows(let group) in groups { group.cursor.trim() }
    }

    /// Seals and archives everything, and has every group define itself anew in the log, so that frames which the log has
    /// lost are not missed after a restart. Seals nothing as long as the archive can't be written.
    package func rewriteAll(now: Timestamp) throws(StorageError) {
        try archive(now: now, force: true)
        for group in groups {
            switch group {
            case .rows(let rows):
                rows.state.withLock { state in
                    rows.seal(&state)
                    state.definedColumns = 0
                }
            case .series(let series):
                series.state.withLock { state in
                    series.seal(&state, context)
                    state.definedColumns = 0
                }
            }
        }
        try archive(now: now, force: true)
    }

    /// Moves sealed chunks to the archive once enough of them wait or the oldest has waited long enough (at once when
    /// `force`), then lets the log forget what they cover. On an error they stay in memory and are tried again.
    package func archive(now: Timestamp, force: Bool = false) throws(StorageError) {
        guard let chunkArchive else { return }
        let waiting = context.pending.withLock { pending -> [PendingChunk] in
            pending.chunks.removeAll { $0.chunk.isDropped }
            if pending.chunks.isEmpty {
                pending.since = nil
                return []
            }
            let since = pending.since ?? now
            pending.since = since
            let bytes = pending.chunks.reduce(0) { $0 + $1.chunk.countedBytes }
            let due = force || bytes >= options.archiveBatchBytes || now - since >= options.archiveDelay || now < since
            guard due else { return [] }
            defer { pending = PendingChunks() }
            return pending.chunks
        }
        if waiting.isEmpty { return }
        let view = context.index.withLock { $0.view }
        var kept: [PendingChunk] = []
        var blocks: [SealedBlock] = []
        for item in waiting {
            guard let entry = view.entries[item.slot], entry.group == item.chunk.meta.group,
                let bytes = item.chunk.resident
            else { continue }
            kept.append(item)
            blocks.append(
                SealedBlock(meta: item.chunk.meta, key: item.key, bytes: bytes) { columns in
                    GroupContext.labelBatch(entry, view.symbols, columns)
                })
        }
        do {
            let locations = try chunkArchive.store(blocks)
            for (item, location) in zip(kept, locations) {
                context.counters.grow(bytes: -item.chunk.moved(to: location), samples: 0)
            }
        } catch {
            context.pending.withLock { pending in
                pending.chunks = kept + pending.chunks
                pending.since = now
            }
            throw error
        }
        try releaseLog()
    }

    /// Lets the log forget the segments that no open row and no waiting chunk needs.
    package func releaseLog() throws(StorageError) {
        guard let headLog else { return }
        // Frames that are appended from here on go to this segment or a later one.
        var needed = headLog.currentSegment
        for group in groups {
            let pins: [UInt64?]
            switch group {
            case .rows(let rows): pins = rows.state.withLock { [$0.pin] + $0.chunks.map(\.pinnedSegment) }
            case .series(let series): pins = series.state.withLock { [$0.pin] + $0.chunks.map(\.pinnedSegment) }
            }
            for case let pin? in pins { needed = min(needed, pin) }
        }
        try headLog.release(before: needed)
    }

    /// Drops chunks that ended before the retention, or that must go for `options.retentionBytes`, then the groups,
    /// index entries and symbols that lost their last sample, and lets the archive give back the space.
    package func applyRetention(now: Timestamp) throws(StorageError) {
        var cutoff = options.retention.map { now.minusClamped($0) } ?? .min
        if let most = options.retentionBytes { cutoff = max(cutoff, cutoffForBytes(most)) }
        if cutoff == .min { return reclaimEmptyGroups() }
        var mustArchive = false
        for group in groups {
            switch group {
            case .rows(let rows): mustArchive = expire(rows, cutoff) || mustArchive
            case .series(let series): mustArchive = expire(series, cutoff) || mustArchive
            }
        }
        reclaimEmptyGroups()
        // Before files go, of the log or of the archive, the log says whose frames need no definition any more.
        try? headLog?.flush()
        damage.withLock { $0.remove(endingBefore: cutoff) }
        var failure: StorageError?
        if mustArchive {
            do { try archive(now: now, force: true) } catch { failure = error }
        }
        // Also when nothing can be written: giving back space may be what helps.
        try chunkArchive?.expire(before: cutoff, keeping: neededDefinitions())
        if let failure { throw failure }
    }

    /// The parts of the archive that have the only definition of columns with samples in the log or in chunks that are not
    /// archived. There are some while the archive can't be written.
    private func neededDefinitions() -> [any ChunkSource] {
        groups.compactMap { group in
            switch group {
            case .rows(let rows):
                rows.state.withLock { state in
                    state.definition.settle(state.chunks, open: state.head.count, &state.definedColumns)
                    return state.definition?.source
                }
            case .series(let series):
                series.state.withLock { state in
                    state.definition.settle(state.chunks, open: state.openSamples, &state.definedColumns)
                    return state.definition?.source
                }
            }
        }
    }

    /// The end of the newest chunk that must go so that the rest fits, rounded up to what the archive can give back.
    private func cutoffForBytes(_ most: Int) -> Timestamp {
        let all = groups.flatMap { $0.sealedChunks }.sorted { $0.meta.last < $1.meta.last }
        var total = all.reduce(0) { $0 + $1.storedBytes }
        var cutoff = Timestamp.min
        for chunk in all where total > most {
            total -= chunk.storedBytes
            cutoff = chunk.meta.last
        }
        guard cutoff != .min, let unit = chunkArchive?.granularity, unit > 0 else { return cutoff }
        let (hours, rest) = cutoff.quotientAndRemainder(dividingBy: unit)
        let (end, overflow) = (hours + (rest >= 0 ? 1 : 0)).multipliedReportingOverflow(by: unit)
        return overflow ? cutoff : max(cutoff, end.minusClamped(1))
    }

    /// Returns true when what the group has outside of the archive needs definitions that are about to go, so that it is to
    /// be archived with definitions of its own.
    private func expire(_ group: ScrapeGroup, _ cutoff: Timestamp) -> Bool {
        group.state.withLock { state in
            state.lost.removeAll { $0.window.end <= cutoff }
            if let newest = state.head.marks.last?.time, newest <= cutoff { group.seal(&state) }
            let dropped = drop(&state.chunks, cutoff)
            if dropped.isEmpty { return false }
            let open = state.head.count
            state.definition.note(dropped, left: state.chunks, open: open, &state.pin)
            state.definition.settle(state.chunks, open: open, &state.definedColumns)
            guard state.definition != nil else { return false }
            group.seal(&state)
            return true
        }
    }

    private func expire(_ group: SeriesGroup, _ cutoff: Timestamp) -> Bool {
        group.state.withLock { state in
            let newest = state.runs.lazy.compactMap { $0.times.last }.max()
            if let newest, newest <= cutoff { group.seal(&state, context) }
            let dropped = drop(&state.chunks, cutoff)
            if dropped.isEmpty { return false }
            let open = state.openSamples
            state.definition.note(dropped, left: state.chunks, open: open, &state.pin)
            state.definition.settle(state.chunks, open: open, &state.definedColumns)
            guard state.definition != nil else { return false }
            group.seal(&state, context)
            return true
        }
    }

    private func drop(_ chunks: inout [SealedChunk], _ cutoff: Timestamp) -> [SealedChunk] {
        let dropped = chunks.filter { $0.meta.last <= cutoff }
        if dropped.isEmpty { return [] }
        chunks.removeAll { $0.meta.last <= cutoff }
        context.counters.grow(bytes: -dropped.reduce(0) { $0 + $1.drop() }, samples: 0)
        context.counters.add(\.expiredChunks, dropped.count)
        return dropped
    }

    /// Retires groups without any sample. One that was opened and got nothing yet stays, unless it is closed.
    private func reclaimEmptyGroups() {
        for case .rows(let rows) in groups {
            let empty = rows.state.withLock { state in
                let unused = state.sequence == 0 && !state.isClosed
                guard state.chunks.isEmpty, state.head.count == 0, !unused else { return false }
                state.isRetired = true
                return true
            }
            if !empty { continue }
            logGone(rows.id)
            forgetKey(of: rows)
            remove([(rows.id, rows.slot)])
        }
        reclaimSeriesGroups()
        retireChurnedGroups()
    }

    /// Retires series groups that lost their last sample. A batch that has its columns in one of them finds that out when it
    /// stores its samples.
    private func reclaimSeriesGroups() {
        // Mostly there is none, and then nobody waits for the directory.
        let empty = groups.compactMap { group in
            if case .series(let series) = group, series.isEmpty { series } else { nil }
        }
        if empty.isEmpty { return }
        seriesDirectory.withLock { directory in
            let gone = empty.filter { $0.retireIfEmpty() }
            let numbers = Set(gone.map(\.id))
            directory.entries = directory.entries.filter { !numbers.contains($0.value.group.id) }
            if let open = directory.open, numbers.contains(open.id) { directory.open = nil }
            remove(gone.map { ($0.id, $0.slot) })
            for group in gone { logGone(group.id) }
        }
    }

    /// Logs that frames of the group mean nothing any more. Without that frame a start reports them as damaged, no
    /// more.
    private func logGone(_ group: UInt64) { _ = try? context.log { FrameContent.gone(group) } }

    /// Closes scrape groups most of whose columns have no sample left, so that their producer opens a new one and the
    /// columns can be reclaimed.
    private func retireChurnedGroups() {
        for case .rows(let rows) in groups {
            let columns = rows.columnCount.load(ordering: .relaxed)
            if columns < 1_024 { continue }
            let snapshot = GroupSnapshot(.rows(rows))
            let live = snapshot.populated(Array(0..<columns), in: .always).count
            if live * 2 < columns { rows.close() }
        }
    }
}
