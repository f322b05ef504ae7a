import Model
import Synchronization

/// A group of series whose samples have times of their own: remote write, test scripts, exposition lines with timestamps.
///
/// Each series has a sorted run of open samples; all runs of the group are sealed together. A late sample goes to its
/// position in the open run, so chunks may overlap in time, and reading merges them.
final class SeriesGroup: Sendable {
    struct State {
        /// Open samples per column.
        var runs: [SeriesRun] = []
        /// Number of open samples.
        var openSamples = 0
        var chunks: [SealedChunk] = []
        /// Number of the next frame.
        var sequence: UInt64 = 0
        var definedColumns = 0
        var pin: UInt64?
        /// The present when samples came last.
        var touched: Timestamp = .min
        /// Per column the newest time in a chunk. Chunks found at start are not in it before they were read once.
        var sealedEnds: [Timestamp] = []
        /// The part of the archive with the only definition of columns of the open samples, if there is one.
        var definition: DroppedDefinition?

        /// Had samples, and has none now.
        var isEmpty: Bool { chunks.isEmpty && openSamples == 0 && sequence > 0 }

        /// Makes room for so many columns.
        mutating func grow(columns: Int) {
            guard runs.count < columns else { return }
            runs += repeatElement(SeriesRun(), count: columns - runs.count)
            sealedEnds += repeatElement(.min, count: columns - sealedEnds.count)
        }
    }

    let id: UInt64
    let slot: Int
    let columnCount = Atomic<Int>(0)
    let state = Mutex(State())
    /// Whether the database has dropped the group. Set once, with the locks of the series directory and of the group held.
    private let retired = Atomic<Bool>(false)

    init(id: UInt64, slot: Int) {
        self.id = id
        self.slot = slot
    }

    /// How often an append releases the lock to read chunks. After that it reads with the lock held what was sealed in the
    /// meantime, so that it ends.
    private static let roundsOutside = 3

    private enum Step {
        case retired, stored
        case read([SealedLookup.Question])
    }

    /// Stores the samples of some columns (rising; a column may come twice), and logs those that are new. The report counts
    /// all. Returns false, with nothing stored or counted, when the database has dropped the group.
    func append(
        _ batch: [(column: Int, series: SeriesSamples)], at now: Timestamp, _ context: GroupContext,
        report: inout AppendReport
    ) -> Bool {
        var lookup = SealedLookup()
        var rounds = 0
        while true {
            var local = report
            let step: Step = state.withLock { state in
                if isRetired { return .retired }
                let columns = columnCount.load(ordering: .acquiring)
                state.grow(columns: columns)
                lookup.noteEnds(&state)
                let questions = lookup.questions(batch, at: now, context, state)
                if !questions.isEmpty, rounds < Self.roundsOutside { return .read(questions) }
                for question in questions { lookup.read(question, context) }
                store(batch, columns: columns, at: now, context, lookup, &state, &local)
                return .stored
            }
            switch step {
            case .retired: return false
            case .stored:
                report = local
                return true
            case .read(let questions):
                for question in questions { lookup.read(question, context) }
                rounds += 1
            }
        }
    }

    private func store(
        _ batch: [(column: Int, series: SeriesSamples)], columns: Int, at now: Timestamp, _ context: GroupContext,
        _ lookup: SealedLookup, _ state: inout State, _ report: inout AppendReport
    ) {
        var accepted: [(column: Int, run: SeriesRun)] = []
        for (column, series) in batch {
            let run = take(series, column, now, context, lookup, &state, &report)
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
        context.counters.grow(bytes: samples * SeriesRun.sampleBytes, samples: samples)
        do throws(AppendError) {
            try write(accepted, columns: columns, &state, context)
        } catch {
            if report.firstError == nil { report.firstError = error.description }
        }
        if state.openSamples >= context.options.seriesChunkSamples { seal(&state, context) }
    }

    /// Stores samples of one series into its run and returns the new ones.
    private func take(
        _ series: SeriesSamples, _ column: Int, _ now: Timestamp, _ context: GroupContext, _ lookup: SealedLookup,
        _ state: inout State, _ report: inout AppendReport
    ) -> SeriesRun {
        var taken = SeriesRun()
        for index in 0..<min(series.times.count, series.values.count) {
            let time = series.times[index]
            if let refusal = context.refusal(of: time, at: now) {
                context.count(refusal, series.labels, time, &report)
                continue
            }
            let start = index < series.startTimes.count ? series.startTimes[index] : 0
            let entry = SeriesRun.Entry(time, series.values[index], start: start)
            if let existing = state.runs[column].find(time) ?? lookup.find(column, time) {
                if existing.hasValue(of: entry) {
                    report.appended += 1
                } else {
                    context.count(.duplicate, series.labels, time, &report)
                }
                continue
            }
            state.runs[column].insert(entry)
            taken.insert(entry)
            report.appended += 1
        }
        return taken
    }

    private func write(
        _ accepted: [(column: Int, run: SeriesRun)], columns: Int, _ state: inout State, _ context: GroupContext
    ) throws(AppendError) {
        if columns > state.definedColumns {
            let first = state.definedColumns
            let segment = try context.log {
                let batch = context.labelBatch(slot: slot, columns: first..<columns)
                return FrameContent.define(id, .series, Self.key, firstColumn: first, batch: batch)
            }
            state.definedColumns = columns
            context.index.withLock { $0.shrinkToFit(slot: slot) }
            if state.pin == nil { state.pin = segment }
        }
        let sequence = state.sequence
        state.sequence += 1
        let segment = try context.log { FrameContent.series(id, sequence: sequence, SeriesChunk.encode(accepted)) }
        if state.pin == nil { state.pin = segment }
    }

    /// The database has dropped the group, which takes no samples any more.
    var isRetired: Bool { retired.load(ordering: .acquiring) }

    /// Had samples, and has none now.
    var isEmpty: Bool { state.withLock { $0.isEmpty } }

    /// Retires the group if it is empty. The caller holds the lock of the series directory, and takes the group out of it
    /// before letting go.
    func retireIfEmpty() -> Bool {
        state.withLock { state in
            if state.isEmpty { retired.store(true, ordering: .releasing) }
            return state.isEmpty
        }
    }

    /// Series groups belong to no target.
    static let key = GroupKey(job: "", target: "")

    /// Turns all open samples into a chunk.
    func seal(_ state: inout State, _ context: GroupContext) {
        let open = state.runs.indices.filter { state.runs[$0].count > 0 }.map { (column: $0, run: state.runs[$0]) }
        guard let first = open.lazy.compactMap({ $0.run.times.first }).min(),
            let last = open.lazy.compactMap({ $0.run.times.last }).max()
        else { return }
        let bytes = SeriesChunk.encode(open)
        let meta = ChunkMeta(
            group: id, kind: .series, first: first, last: last, rowCount: open.count, columnCount: state.runs.count,
            sampleCount: state.openSamples, endSequence: state.sequence)
        var populated = [UInt64](repeating: 0, count: (state.runs.count + 63) >> 6)
        for (column, _) in open {
            populated[column >> 6] |= 1 << UInt64(column & 63)
            state.sealedEnds[column] = max(state.sealedEnds[column], state.runs[column].times.last ?? .min)
            state.runs[column] = SeriesRun()
        }
        let chunk = SealedChunk(meta, populated: populated, bytes: bytes, pin: state.pin)
        context.counters.grow(bytes: bytes.count - state.openSamples * SeriesRun.sampleBytes, samples: 0)
        state.openSamples = 0
        state.pin = nil
        state.chunks.append(chunk)
        context.enqueue(PendingChunk(chunk: chunk, key: Self.key, slot: slot))
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
