import Model
import Synchronization

/// Series with times of their own: remote write, test scripts, exposition lines with timestamps.
///
/// Each series has a sorted run of open samples; all runs of the group are sealed together. A late sample goes to its
/// place in the open run, so chunks may overlap in time, and reading merges them.
final class LooseGroup: Sendable {
    struct State {
        /// Open samples per column.
        var runs: [SeriesRun] = []
        /// Their number.
        var openSamples = 0
        var chunks: [SealedChunk] = []
        /// Number of the next frame.
        var sequence: UInt64 = 0
        var definedColumns = 0
        var pin: UInt64?
        /// Takes no new samples.
        var isRetired = false
        /// When samples came last.
        var touched: Timestamp = .min
    }

    let id: UInt64
    let slot: Int
    let columnCount = Atomic<Int>(0)
    let state = Mutex(State())

    init(id: UInt64, slot: Int) {
        self.id = id
        self.slot = slot
    }

    /// Stores the samples of some columns (rising; a column may come twice), and logs those that are new. The report counts all.
    func append(
        _ batch: [(column: Int, series: SeriesSamples)], at now: Timestamp, _ database: Database,
        report: inout AppendReport
    ) {
        var local = report
        state.withLock { state in
            let columns = columnCount.load(ordering: .acquiring)
            if state.runs.count < columns {
                state.runs += repeatElement(SeriesRun(), count: columns - state.runs.count)
            }
            var accepted: [(column: Int, run: SeriesRun)] = []
            for (column, series) in batch {
                let run = take(series, column, now, database, &state, &local)
                if run.count == 0 { continue }
                if let last = accepted.last, last.column == column {
                    var dropped = 0
                    accepted[accepted.count - 1].run.merge(run, dropped: &dropped)
                } else {
                    accepted.append((column, run))
                }
            }
            guard !accepted.isEmpty else { return }
            state.touched = max(state.touched, now)
            let samples = accepted.reduce(0) { $0 + $1.run.count }
            state.openSamples += samples
            database.counters.grow(bytes: samples * 16, samples: samples)
            do throws(AppendError) {
                try write(accepted, columns: columns, &state, database)
            } catch {
                if local.firstError == nil { local.firstError = error.description }
            }
            if state.openSamples >= database.options.looseChunkSamples { seal(&state, database) }
        }
        report = local
    }

    /// Stores samples of one series into its run and returns the new ones.
    private func take(
        _ series: SeriesSamples, _ column: Int, _ now: Timestamp, _ database: Database, _ state: inout State,
        _ report: inout AppendReport
    ) -> SeriesRun {
        var taken = SeriesRun()
        var sealed: SeriesRun?
        let sealedEnd = state.chunks.reduce(Timestamp.min) { max($0, $1.meta.last) }
        for place in 0..<min(series.times.count, series.values.count) {
            let time = series.times[place]
            if let refusal = database.refusal(of: time, at: now) {
                database.count(refusal, series.labels, time, &report)
                continue
            }
            let start = place < series.startTimes.count ? series.startTimes[place] : 0
            let entry = SeriesRun.Entry(time, series.values[place], start: start)
            var existing = state.runs[column].find(time)
            if existing == nil, time <= sealedEnd {
                if sealed == nil { sealed = sealedRun(column, state) }
                existing = sealed?.find(time)
            }
            if let existing {
                if existing.hasValue(of: entry) {
                    report.appended += 1
                } else {
                    database.count(.duplicate, series.labels, time, &report)
                }
                continue
            }
            state.runs[column].insert(entry)
            taken.insert(entry)
            report.appended += 1
        }
        return taken
    }

    /// All sealed samples of a column. Damaged chunks count as empty.
    private func sealedRun(_ column: Int, _ state: State) -> SeriesRun {
        var all = SeriesRun()
        var dropped = 0
        for chunk in state.chunks {
            guard let run = try? chunk.run(of: column) else { continue }
            all.merge(run, dropped: &dropped)
        }
        return all
    }

    private func write(
        _ accepted: [(column: Int, run: SeriesRun)], columns: Int, _ state: inout State, _ database: Database
    ) throws(AppendError) {
        if columns > state.definedColumns {
            let first = state.definedColumns
            let segment = try database.log {
                let batch = database.labelBatch(slot: slot, columns: first..<columns)
                return Frame.define(id, .loose, Self.key, firstColumn: first, batch: batch)
            }
            state.definedColumns = columns
            database.index.withLock { $0.fit(slot: slot) }
            if state.pin == nil { state.pin = segment }
        }
        let sequence = state.sequence
        state.sequence += 1
        let segment = try database.log { Frame.loose(id, sequence: sequence, LooseChunk.encode(accepted)) }
        if state.pin == nil { state.pin = segment }
    }

    /// The database has let go of the group.
    var isRetired: Bool { state.withLock { $0.isRetired } }

    /// Loose groups belong to no target.
    static let key = GroupKey(job: "", target: "")

    /// Turns all open samples into a chunk.
    func seal(_ state: inout State, _ database: Database) {
        let open = state.runs.indices.filter { state.runs[$0].count > 0 }.map { (column: $0, run: state.runs[$0]) }
        guard let first = open.lazy.compactMap({ $0.run.times.first }).min(),
            let last = open.lazy.compactMap({ $0.run.times.last }).max()
        else { return }
        let bytes = LooseChunk.encode(open)
        let meta = ChunkMeta(
            group: id, kind: .loose, first: first, last: last, rowCount: open.count, columnCount: state.runs.count,
            sampleCount: state.openSamples, endSequence: state.sequence)
        var populated = [UInt64](repeating: 0, count: (state.runs.count + 63) >> 6)
        for (column, _) in open {
            populated[column >> 6] |= 1 << UInt64(column & 63)
            state.runs[column] = SeriesRun()
        }
        let chunk = SealedChunk(meta, populated: populated, bytes: bytes, pin: state.pin)
        database.counters.grow(bytes: bytes.count - state.openSamples * 16, samples: 0)
        state.openSamples = 0
        state.pin = nil
        state.chunks.append(chunk)
        database.enqueue(PendingChunk(chunk: chunk, key: Self.key, slot: slot))
    }

    /// Times of the oldest and newest sample.
    var span: ClosedRange<Timestamp>? {
        state.withLock { state in
            var first = Timestamp.max
            var last = Timestamp.min
            for chunk in state.chunks {
                first = min(first, chunk.meta.first)
                last = max(last, chunk.meta.last)
            }
            for run in state.runs {
                first = min(first, run.times.first ?? .max)
                last = max(last, run.times.last ?? .min)
            }
            return first <= last ? first...last : nil
        }
    }
}
