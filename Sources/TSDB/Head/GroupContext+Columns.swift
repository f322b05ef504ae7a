import Model
import Synchronization

extension GroupContext {
    /// The column of a label set in a group, made when it is new.
    func column(for labels: Labels, in group: ScrapeGroup) throws(AppendError) -> Int {
        let hash = labels.textHash
        let result: Result<Int, AppendError> = index.withLock { index in
            guard index.owns(group.id, slot: group.slot) else { return .failure(.closed) }
            if let column = index.find(labels, hash: hash, slot: group.slot) { return .success(column) }
            if let error = refusal(of: labels, columns: index.columnCount(slot: group.slot), series: index.seriesCount)
            {
                return .failure(error)
            }
            let column = index.append(labels, hash: hash, slot: group.slot)
            group.columnCount.store(column + 1, ordering: .releasing)
            return .success(column)
        }
        return try result.get()
    }

    /// The limit or rule that refuses a new column, counted; `nil` when there is none.
    func refusal(of labels: Labels, columns: Int, series: Int) -> AppendError? {
        let limits = options.limits
        if labels.isEmpty { return .invalidLabels("a series needs at least one label") }
        if labels.contains(where: { $0.name.isEmpty }) { return .invalidLabels("a label name is empty") }
        if labels.count > limits.labelsPerSeries {
            counters.add(\.labelsLimit)
            return .limitExceeded(what: "labels per series", limit: limits.labelsPerSeries)
        }
        let long = labels.contains { max($0.name.utf8.count, $0.value.utf8.count) > limits.labelLength }
        if long {
            counters.add(\.labelLengthLimit)
            return .limitExceeded(what: "bytes in a label", limit: limits.labelLength)
        }
        if columns >= limits.columnsPerGroup {
            counters.add(\.columnsLimit)
            return .limitExceeded(what: AppendError.seriesPerTarget, limit: limits.columnsPerGroup)
        }
        if series >= limits.series {
            counters.add(\.seriesLimit)
            return .limitExceeded(what: "series", limit: limits.series)
        }
        return nil
    }

    /// Throws when samples in memory take more than `DatabaseLimits.bytes`, and counts that.
    func checkBytes() throws(AppendError) {
        guard counters.residentBytes > options.limits.bytes else { return }
        counters.add(\.bytesLimit)
        throw .limitExceeded(what: "bytes of samples in memory", limit: options.limits.bytes)
    }
}
