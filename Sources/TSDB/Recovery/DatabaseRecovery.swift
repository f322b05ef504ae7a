package import Model
import Synchronization

/// Rebuilds a database after a restart: first what the archive has (`define`, `add`), then the frames of the head log
/// in order (`replay`), then `finish`. One thread.
package final class DatabaseRecovery {
    private let database: Database
    private var groups: [UInt64: StoredGroup] = [:]
    private var kinds: [UInt64: (kind: GroupKind, key: GroupKey)] = [:]
    /// Frames of a group below this number are in chunks.
    private var sealedEnd: [UInt64: UInt64] = [:]
    private var expected: [UInt64: UInt64] = [:]
    private var highest: UInt64 = 0
    /// Groups that lost rows, with the time after which they are missing.
    private var broken: [UInt64: Timestamp] = [:]
    private var lost = LostFrames()
    private var unknown = UnknownGroups()
    /// Between which rows of a group others are missing.
    private var gaps: [UInt64: [TimeWindow]] = [:]
    /// Series groups that miss frames.
    private var seriesGaps = UnknownGroups()
    /// Definitions and rows of known groups that could not be used. What rows are missing is in `broken` and `gaps`.
    private var unusable = UnknownGroups()
    /// Groups that the log defines, with a time that all their rows are newer than.
    private var definedAfter: [UInt64: Timestamp] = [:]
    /// What was found so far.
    package private(set) var report = RecoveryReport()

    /// Starts with an empty database that will log to `log` and archive to `archive`.
    package init(
        _ options: DatabaseOptions = DatabaseOptions(), log: (any HeadLog)? = nil, archive: (any ChunkArchive)? = nil
    ) {
        database = Database(options, log: log, archive: archive)
    }

    /// The label sets of `columns` of a group, as `SealedBlock.labels` gave them. Columns that are known already are
    /// passed over; a gap is an error.
    package func define(
        group: UInt64, kind: GroupKind, key: GroupKey, columns: Range<Int>, batch: [UInt8]
    ) throws(DecodeError) {
        // Every hour file defines what it needs: most batches say what others have said.
        if let known = groups[group],
            database.context.index.withLock({ $0.columnCount(slot: known.slot) }) >= columns.upperBound
        {
            return
        }
        let span = batch.span
        var cursor = ByteCursor(span)
        let labels = try LabelBatch.decode(span, &cursor)
        guard labels.count == columns.count else {
            throw .invalid("\(labels.count) label sets for \(columns.count) columns", at: 0)
        }
        try define(group, kind, key, columns.lowerBound, labels, segment: nil)
    }

    private func define(
        _ id: UInt64, _ kind: GroupKind, _ key: GroupKey, _ firstColumn: Int, _ labels: NumberedLabels,
        segment: UInt64?
    ) throws(DecodeError) {
        try note(id)
        if kind == .series { expectSeriesSamples() }
        if segment != nil, definedAfter[id] == nil { definedAfter[id] = lost.oldestNext(rows: nil) }
        let group: StoredGroup
        if let known = groups[id] {
            group = known
        } else {
            group = kind == .rows ? .rows(database.makeScrapeGroup(id, key)) : .series(database.makeSeriesGroup(id))
            groups[id] = group
            kinds[id] = (kind, key)
        }
        let slot = group.slot
        let known = database.context.index.withLock { $0.columnCount(slot: slot) }
        guard firstColumn <= known else {
            throw .invalid("columns from \(firstColumn) of a group that has \(known)", at: 0)
        }
        if known - firstColumn >= labels.count { return }
        let texts = InternedTexts(labels, in: database.context.index.withLock { $0.view.symbols })
        let new = ((known - firstColumn)..<labels.count).map { (labels[$0], labels.interned($0, texts)) }
        database.context.index.withLock { $0.prepare(for: new.map(\.1.pairs), slot: slot) }
        for (set, (pairs, hash)) in new {
            let column = database.context.index.withLock { $0.append(pairs, set, hash: hash, slot: slot) }
            group.setColumnCount(column + 1)
            if case .series(let series) = group {
                database.seriesDirectory.withLock {
                    $0.entries[hash] = SeriesDirectory.Entry(group: series, column: column)
                }
            }
        }
        database.context.index.withLock { $0.shrinkToFit(slot: slot) }
        group.setDefined(known: firstColumn + labels.count, pin: segment)
    }

    /// More than any number that counts groups or frames reaches, so that one can be added to what is read.
    private static let numberMax = UInt64.max / 2

    /// The log may have samples with times of their own.
    package func expectSeriesSamples() {
        lost.expectSeriesSamples(past: database.options.outOfOrderWindow, future: database.options.futureTolerance)
    }

    private func note(newest time: Timestamp) { report.newestSample = max(report.newestSample ?? .min, time) }

    /// Checks the number of a group and goes on numbering behind it.
    private func note(_ id: UInt64) throws(DecodeError) {
        guard id <= Self.numberMax else { throw .invalid("group \(id)", at: 0) }
        highest = max(highest, id)
    }

    /// The same, and the number of one of its frames.
    private func note(_ id: UInt64, _ sequence: UInt64) throws(DecodeError) {
        guard sequence <= Self.numberMax else { throw .invalid("frame \(sequence) of a group", at: 0) }
        try note(id)
    }

    /// A chunk of the archive, whose group must be defined as far as its columns go. Chunks of one group come in the
    /// order of their `endSequence`.
    package func add(_ meta: ChunkMeta, at location: ChunkLocation) throws(DecodeError) {
        guard let group = groups[meta.group] else {
            throw .invalid("a chunk of the unknown group \(meta.group)", at: 0)
        }
        let columns = database.context.index.withLock { $0.columnCount(slot: group.slot) }
        guard meta.columnCount <= columns, kinds[meta.group]?.kind == meta.kind else {
            throw .invalid("a chunk of \(meta.columnCount) columns of a group that has \(columns)", at: 0)
        }
        try note(meta.group, meta.endSequence)
        if meta.endSequence <= sealedEnd[meta.group] ?? 0 { throw .invalid("a chunk out of order", at: 0) }
        sealedEnd[meta.group] = meta.endSequence
        expected[meta.group] = meta.endSequence
        report.chunks += 1
        note(newest: meta.last)
        report.samples += meta.sampleCount
        database.context.counters.grow(bytes: 0, samples: meta.sampleCount)
        let chunk = SealedChunk(meta, at: location)
        switch group {
        case .rows(let rows):
            rows.state.withLock { state in
                state.chunks.append(chunk)
                state.sequence = meta.endSequence
                state.newest = max(state.newest ?? .min, meta.last)
            }
        case .series(let series):
            series.state.withLock { state in
                state.chunks.append(chunk)
                state.sequence = meta.endSequence
                state.touched = max(state.touched, meta.last)
            }
        }
    }

    /// A time range whose data is lost. Selections that overlap it will say so.
    package func addDamage(_ window: TimeWindow) { database.addDamage(window) }

    /// A frame of the head log, from segment `segment`. A frame that can't be used is counted, and the time that is
    /// missing with it is reported as damaged as far as it is known.
    package func replay(_ frame: [UInt8], segment: UInt64) {
        do throws(DecodeError) {
            switch try FrameContent(frame) {
            case .define(let group, let kind, _, let first, _) where groups[group] == nil && first > 0:
                try noteUnknown(group, kind, frame, "columns from \(first) of the unknown group \(group)")
            case .row(let group, _, _) where groups[group] == nil:
                try noteUnknown(group, .rows, frame, "a row of the unknown group \(group)")
            case .series(let group, _, _) where groups[group] == nil:
                try noteUnknown(group, .series, frame, "samples of the unknown group \(group)")
            case .define(let group, let kind, let key, let first, let labels):
                try define(group, kind, key, first, labels, segment: segment)
            case .row(let group, let sequence, let offset):
                try replayRow(group, sequence, frame, offset, segment)
            case .series(let group, let sequence, let offset):
                try replaySeries(group, sequence, frame, offset, segment)
            case .close(let group):
                if case .rows(let rows)? = groups[group] { rows.state.withLock { $0.isClosed = true } }
            case .time(let now):
                if let window = lost.noteTime(now) { addDamage(window) }
                if !unknown.isTimed || !seriesGaps.isTimed {
                    unknown.noteTime(through: lost.end, after: oldestNext)
                    seriesGaps.noteTime(through: lost.end, after: oldestNext)
                }
            case .gone(let group):
                try note(group)
                forgetLosses(of: group)
            }
            report.frames += 1
        } catch {
            noteUnusable(frame, error)
        }
    }

    /// Counts a frame that can't be used: at once when its group can't be read from it, and otherwise at the end of the log
    /// (`reportUnknown`), as a `gone` frame may follow. Retention gives back the hour file that has the only definition of
    /// a column, and the log may have lost its own.
    private func noteUnusable(_ frame: [UInt8], _ error: DecodeError) {
        report.frames += 1
        switch try? FrameContent(frame) {
        case .define(let group, let kind, _, _, _)?:
            unusable.note(group, kind, bytes: frame.count, error.description, after: .min)
        case .row(let group, _, _)?:
            unusable.note(group, .rows, bytes: frame.count, error.description, after: .min)
        case .series(let group, _, _)?:
            expectSeriesSamples()
            unknown.note(group, .series, bytes: frame.count, error.description, after: oldestNext)
        case .close?, .time?, .gone?, nil:
            count(unusable: 1, bytes: frame.count, error.description)
            // Rows say themselves between which others they are missing.
            if frame.first != 2 { noteLostFrames() }
        }
    }

    /// Counts frames as unusable that were counted as read.
    private func count(unusable frames: Int, bytes: Int, _ problem: String) {
        report.frames -= frames
        report.framesUnusable += frames
        report.bytesDropped += bytes
        report.firstProblem = report.firstProblem ?? problem
    }

    private func noteUnknown(_ id: UInt64, _ kind: GroupKind, _ frame: [UInt8], _ problem: String) throws(DecodeError) {
        try note(id)
        if kind == .series { expectSeriesSamples() }
        let error = DecodeError.invalid(problem, at: 0)
        unknown.note(id, kind, bytes: frame.count, error.description, after: oldestNext)
    }

    /// Retention has dropped the group: losses of it concern nobody any more.
    private func forgetLosses(of group: UInt64) {
        unknown.remove(group)
        unusable.remove(group)
        seriesGaps.remove(group)
        gaps[group] = nil
        broken[group] = nil
    }

    /// Reports what is missing within groups.
    private func reportGaps(now: Timestamp) {
        for windows in gaps.values { for window in windows { addDamage(window) } }
        for entry in seriesGaps.entries.values { addDamage(window(of: entry, now: now)) }
    }

    private func window(of entry: UnknownGroups.Entry, now: Timestamp) -> TimeWindow {
        let end = entry.end ?? now
        let future = entry.isRows ? 0 : lost.seriesReach?.future
        return TimeWindow(after: entry.start, through: future.map { end.plusClamped($0) } ?? .max)
    }

    /// Reports the frames that could not be used.
    private func reportUnknown(now: Timestamp) {
        for (_, entry) in unknown.entries.sorted(by: { $0.key < $1.key }) {
            count(unusable: entry.frames, bytes: entry.bytes, entry.problem)
            addDamage(window(of: entry, now: now))
        }
        for (_, entry) in unusable.entries.sorted(by: { $0.key < $1.key }) {
            count(unusable: entry.frames, bytes: entry.bytes, entry.problem)
        }
    }

    private func replayRow(
        _ id: UInt64, _ sequence: UInt64, _ frame: [UInt8], _ offset: Int, _ segment: UInt64
    ) throws(DecodeError) {
        try note(id, sequence)
        guard sequence >= sealedEnd[id] ?? 0 else { return }
        guard case .rows(let group)? = groups[id] else {
            noteBroken(id, after: oldestNext)
            throw .invalid("a row of the unknown group \(id)", at: 0)
        }
        let span = frame.span
        var cursor = ByteCursor(span, from: offset)
        let isAbsolute = try cursor.varint(span) & 1 != 0
        let next = expected[id] ?? 0
        guard sequence == next || (isAbsolute && sequence > next) else {
            noteBroken(id, after: newest(of: group))
            throw .invalid("row \(sequence) where \(next) was expected", at: 0)
        }
        let before = newest(of: group)
        let columns = group.columnCount.load(ordering: .relaxed)
        let chains = database.context.index.withLock { $0.chains(slot: group.slot) }
        let result: Result<Timestamp, DecodeError> = group.state.withLock { state in
            do throws(DecodeError) {
                state.head.chains = chains
                let samples = state.head.sampleCount
                let bytes = state.head.byteCount
                try state.head.append(encoded: span, from: offset, columnsMax: columns, after: state.newest)
                state.sequence = sequence + 1
                state.newest = state.head.state.time
                state.noteCut(sequence: sequence)
                state.noteSegment(segment, sequence: sequence)
                report.rows += 1
                report.samples += state.head.sampleCount - samples
                database.context.counters.grow(
                    bytes: state.head.byteCount - bytes, samples: state.head.sampleCount - samples)
                return .success(state.head.state.time)
            } catch {
                return .failure(error)
            }
        }
        let time: Timestamp
        do { time = try result.get() } catch {
            noteBroken(id, after: before)
            throw error
        }
        lost.note(row: time)
        note(newest: time)
        if sequence > next { gaps[id, default: []].append(TimeWindow(after: before, through: time.minusClamped(1))) }
        broken[id] = nil
        expected[id] = sequence + 1
    }

    /// Time of a group's newest row, or one before its first.
    private func newest(of group: ScrapeGroup) -> Timestamp {
        group.state.withLock { $0.newest } ?? definedAfter[group.id] ?? .min
    }

    private func noteBroken(_ id: UInt64, after time: Timestamp) {
        if broken[id] == nil { broken[id] = time }
    }

    /// Nothing that comes in the log from here on is older.
    private var oldestNext: Timestamp {
        var rows: Timestamp?
        for case .rows(let group) in groups.values {
            let newest = group.state.withLock { $0.isClosed ? nil : $0.newest }
            if let newest { rows = min(rows ?? newest, newest) }
        }
        return lost.oldestNext(rows: rows)
    }

    /// Log frames between here and what was read before are lost.
    package func noteLostFrames() { lost.lose(after: oldestNext) }

    /// Log frames behind what was read before are lost that had been appended until a time.
    package func noteLostFrames(before time: Timestamp) {
        noteLostFrames()
        if let window = lost.noteTime(time) { addDamage(window) }
    }

    /// The frames that follow are from a file of the log that was begun when it was `began`.
    package func noteLogFile(began: Timestamp) { if let window = lost.noteTime(began) { addDamage(window) } }

    private func replaySeries(
        _ id: UInt64, _ sequence: UInt64, _ frame: [UInt8], _ offset: Int, _ segment: UInt64
    ) throws(DecodeError) {
        try note(id, sequence)
        guard sequence >= sealedEnd[id] ?? 0 else { return }
        expectSeriesSamples()
        guard case .series(let group)? = groups[id] else { throw .invalid("samples of the unknown group \(id)", at: 0) }
        if sequence > expected[id] ?? 0 { seriesGaps.note(id, .series, bytes: 0, "", after: oldestNext) }
        let chunk = try SeriesChunk(frame, from: offset)
        var runs: [(column: Int, run: SeriesRun)] = []
        let columns = group.columnCount.load(ordering: .relaxed)
        for part in chunk.parts {
            guard part.column < columns else { throw .invalid("samples of the unknown column \(part.column)", at: 0) }
            runs.append((part.column, try chunk.run(part)))
        }
        if let newest = runs.compactMap(\.run.times.last).max() { note(newest: newest) }
        group.state.withLock { state in
            state.grow(columns: columns)
            for (column, run) in runs {
                var dropped = 0
                state.runs[column].merge(run, dropped: &dropped)
                let added = run.count - dropped
                state.openSamples += added
                report.samples += added
                database.context.counters.grow(bytes: added * SeriesRun.sampleBytes, samples: added)
                state.touched = max(state.touched, run.times.last ?? .min)
            }
            state.sequence = sequence + 1
            if state.pin == nil { state.pin = segment }
        }
        expected[id] = sequence + 1
    }

    /// The database, ready for use: groups that were open go on where they were. What is missing up to the end of the
    /// log is declared damaged until `now`.
    package func finish(now: Timestamp) -> Database {
        if let first = broken.values.min() { addDamage(TimeWindow(after: first, through: max(now, lost.newest))) }
        reportUnknown(now: max(now, lost.newest))
        reportGaps(now: max(now, lost.newest))
        if let window = lost.finish(now: now) { addDamage(window) }
        database.nextGroup.store(highest + 1, ordering: .relaxed)
        for id in groups.keys.sorted() {
            guard case .rows(let group)? = groups[id] else { continue }
            let closed = group.state.withLock { $0.isClosed }
            if closed { continue }
            let older = database.keys.withLock { keys -> ScrapeGroup? in
                let older = keys[group.key]
                keys[group.key] = group
                return older
            }
            // Of two groups of one target only the newer one can be open.
            older?.state.withLock { $0.isClosed = true }
        }
        report.series = database.context.index.withLock { $0.seriesCount }
        report.groups = groups.count
        report.newest = lost.newest == .min ? nil : lost.newest
        report.damaged = database.damagedRanges
        return database
    }
}

extension StoredGroup {
    fileprivate func setColumnCount(_ count: Int) {
        switch self {
        case .rows(let group): group.columnCount.store(count, ordering: .releasing)
        case .series(let group): group.columnCount.store(count, ordering: .releasing)
        }
    }

    /// Definitions up to `known` columns are stored, the oldest of the newest ones in log segment `pin`.
    fileprivate func setDefined(known: Int, pin: UInt64?) {
        switch self {
        case .rows(let group):
            group.state.withLock { state in
                state.definedColumns = max(state.definedColumns, known)
                if state.pin == nil { state.pin = pin }
            }
        case .series(let group):
            group.state.withLock { state in
                state.definedColumns = max(state.definedColumns, known)
                if state.pin == nil { state.pin = pin }
            }
        }
    }
}
