package import Model
import Synchronization

/// Where series with times of their own live. A group is retired, taken out of here and out of the index in one step under
/// the directory's lock, so what is found here is not retired as long as the lock is held.
struct SeriesDirectory {
    /// A column of a series group.
    struct Entry {
        let group: SeriesGroup
        let column: Int
    }

    /// By hash of the label set; the labels are compared before an entry is used.
    var entries: [UInt64: Entry] = [:]
    /// The group that takes new series.
    var open: SeriesGroup?
}

/// Series of a batch that have their columns in one group.
struct SeriesBatch {
    let group: SeriesGroup
    /// Columns rising; of one column in the order they came.
    var batch: [(column: Int, series: SeriesSamples)]
}

extension Database {
    /// Stores samples with times of their own as `SampleAppender` says. To answer a sender only once they are safe, call
    /// `flush` behind it.
    package func append(_ batch: [SeriesSamples], at now: Timestamp) -> AppendReport {
        var report = AppendReport()
        var waiting = batch
        while !waiting.isEmpty {
            waiting = store(assign(waiting, &report), at: now, &report)
        }
        return report
    }

    /// Finds or makes the columns of a batch, by group. The directory's lock is not held when the samples are stored: that
    /// may read chunks from disk, and other batches need not wait for it.
    func assign(_ batch: [SeriesSamples], _ report: inout AppendReport) -> [SeriesBatch] {
        var local = report
        let work = seriesDirectory.withLock { directory in
            var work: [UInt64: SeriesBatch] = [:]
            for series in batch {
                do throws(AppendError) {
                    try context.checkBytes()
                    let entry = try entry(of: series.labels, &directory)
                    work[entry.group.id, default: SeriesBatch(group: entry.group, batch: [])]
                        .batch.append((entry.column, series))
                } catch {
                    local.limited += series.times.count
                    if local.firstError == nil { local.firstError = "\(series.labels): \(error)" }
                }
            }
            return work
        }
        report = local
        return work.sorted { $0.key < $1.key }.map { _, work in
            let sorted = work.batch.enumerated()
                .sorted { ($0.element.column, $0.offset) < ($1.element.column, $1.offset) }.map(\.element)
            return SeriesBatch(group: work.group, batch: sorted)
        }
    }

    /// Stores a batch whose columns are known. Returns the series of groups that retention has dropped since: they need
    /// new columns.
    func store(_ work: [SeriesBatch], at now: Timestamp, _ report: inout AppendReport) -> [SeriesSamples] {
        var left: [SeriesSamples] = []
        for part in work where !part.group.append(part.batch, at: now, context, report: &report) {
            left += part.batch.map(\.series)
        }
        return left
    }

    /// The group and column of a series, made when it is new.
    private func entry(
        of labels: Labels, _ directory: inout SeriesDirectory
    ) throws(AppendError) -> SeriesDirectory.Entry {
        let hash = labels.textHash
        if let known = directory.entries[hash],
            context.index.withLock({ $0.find(labels, hash: hash, slot: known.group.slot) }) == known.column
        {
            return known
        }
        let (columns, series) = context.index.withLock {
            (directory.open.map { $0.columnCount.load(ordering: .relaxed) } ?? 0, $0.seriesCount)
        }
        if let error = context.refusal(of: labels, columns: 0, series: series) { throw error }
        var group = directory.open
        if group == nil || columns >= options.seriesPerGroup {
            group = makeSeriesGroup(nextGroup.add(1, ordering: .relaxed).oldValue)
            directory.open = group
        }
        guard let group else { throw .closed }
        context.subscribers.noteSeriesOutsideRows(labels)
        let column = context.index.withLock { index in
            index.find(labels, hash: hash, slot: group.slot) ?? index.append(labels, hash: hash, slot: group.slot)
        }
        if column >= group.columnCount.load(ordering: .relaxed) {
            group.columnCount.store(column + 1, ordering: .releasing)
        }
        let entry = SeriesDirectory.Entry(group: group, column: column)
        directory.entries[hash] = entry
        return entry
    }
}
