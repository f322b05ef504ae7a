import Model

/// Lookup of samples at the times of one batch in the sealed chunks of a series group.
///
/// A sample whose time is stored already is accepted or refused by its value, so the chunks that may have the time are
/// read: only those that overlap it, each once per batch, and outside of the group's lock, as they may be on disk.
struct SealedLookup {
    /// A chunk to read, and the times that are looked for in it.
    struct Question {
        let chunk: SealedChunk
        /// Columns rising, with rising times that the chunk may have.
        let wanted: [(column: Int, times: ArraySlice<Timestamp>)]
    }

    private struct Key: Hashable {
        let column: Int
        let time: Timestamp
    }

    /// Chunks that were read, by identity; kept, so that no other chunk gets the address of one.
    private var chunks: [ObjectIdentifier: SealedChunk] = [:]
    private var entries: [Key: SeriesRun.Entry] = [:]
    /// Chunks of an archive that were read for the first time, with the newest time of each of their columns.
    private var ends: [(chunk: SealedChunk, columns: [(column: Int, last: Timestamp)])] = []

    /// The sample at exactly `time` in a chunk that was read.
    func find(_ column: Int, _ time: Timestamp) -> SeriesRun.Entry? {
        entries.isEmpty ? nil : entries[Key(column: column, time: time)]
    }

    /// The chunks that may have times of the batch which are not among the open samples, without those that were read.
    func questions(
        _ batch: [(column: Int, series: SeriesSamples)], at now: Timestamp, _ context: GroupContext,
        _ state: SeriesGroup.State
    ) -> [Question] {
        let late = Self.late(batch, at: now, context, state)
        if late.isEmpty { return [] }
        return state.chunks.compactMap { chunk in
            if chunk.isDamaged || chunks[ObjectIdentifier(chunk)] != nil { return nil }
            let wanted = late.compactMap { column, times -> (column: Int, times: ArraySlice<Timestamp>)? in
                guard chunk.mayHave(column) else { return nil }
                let end = chunk.hasKnownEnds ? min(chunk.meta.last, state.sealedEnds[column]) : chunk.meta.last
                let low = Self.index(of: chunk.meta.first, in: times)
                let high = TimeSearch.firstAfter(end, count: times.count) { times[$0] }
                return low < high ? (column, times[low..<high]) : nil
            }
            return wanted.isEmpty ? nil : Question(chunk: chunk, wanted: wanted)
        }
    }

    /// Per column the late times, rising: not later than the column's newest sealed sample, and not among the open samples.
    private static func late(
        _ batch: [(column: Int, series: SeriesSamples)], at now: Timestamp, _ context: GroupContext,
        _ state: SeriesGroup.State
    ) -> [(column: Int, times: [Timestamp])] {
        var unknownEnd = Timestamp.min
        for chunk in state.chunks where !chunk.hasKnownEnds { unknownEnd = max(unknownEnd, chunk.meta.last) }
        var late: [(column: Int, times: [Timestamp])] = []
        for (column, series) in batch {
            let end = max(unknownEnd, state.sealedEnds[column])
            var times = series.times.prefix(series.values.count).filter { time in
                time <= end && context.refusal(of: time, at: now) == nil && state.runs[column].find(time) == nil
            }
            if times.isEmpty { continue }
            if let last = late.last, last.column == column { times += late.removeLast().times }
            times.sort()
            late.append((column, times))
        }
        return late
    }

    /// The first index at or after `time`.
    private static func index(of time: Timestamp, in times: [Timestamp]) -> Int {
        time == .min ? 0 : TimeSearch.firstAfter(time - 1, count: times.count) { times[$0] }
    }

    /// Reads a chunk. A damaged one counts as empty.
    mutating func read(_ question: Question, _ context: GroupContext) {
        let chunk = question.chunk
        chunks[ObjectIdentifier(chunk)] = chunk
        context.counters.add(\.lateChunkReads)
        guard let seriesChunk = try? chunk.seriesChunk() else { return }
        do throws(DecodeError) {
            for (column, times) in question.wanted {
                let run = try seriesChunk.run(of: column)
                for time in times {
                    guard let entry = run.find(time) else { continue }
                    entries[Key(column: column, time: time)] = entry
                }
            }
            if chunk.hasKnownEnds { return }
            var columns: [(column: Int, last: Timestamp)] = []
            for part in seriesChunk.parts {
                if let last = try seriesChunk.run(part).times.last { columns.append((part.column, last)) }
            }
            ends.append((chunk, columns))
        } catch {
            _ = chunk.damage(error.description)
        }
    }

    /// Notes in the group where columns end in chunks that were read for the first time.
    mutating func noteEnds(_ state: inout SeriesGroup.State) {
        for (chunk, columns) in ends {
            for (column, last) in columns where column < state.sealedEnds.count {
                state.sealedEnds[column] = max(state.sealedEnds[column], last)
            }
            chunk.noteEndsKnown()
        }
        ends = []
    }
}
