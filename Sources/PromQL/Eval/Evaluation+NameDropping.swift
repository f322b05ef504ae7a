import Model

extension Evaluation {
    /// The treatment of series whose label sets have become equal.
    enum Duplicates {
        /// They are one series as long as no two have a sample at the same step.
        case merge
        /// Any two that have samples at all are an error.
        case refuse
    }

    /// Prometheus's error for two samples with one label set.
    static let sameLabelset = QueryError.evaluation("vector cannot contain metrics with the same labelset")

    /// The vector of a node that changes what its operand meant: the metric's labels go, at once or, with delayed name
    /// removal, at the end of the query.
    func droppingName(_ vector: SeriesVector, _ duplicates: Duplicates = .merge) throws(QueryError) -> SeriesVector {
        var out = vector
        if options.delayedNameRemoval {
            out.labels.removal = .all
            return out
        }
        if vector.labels.hidesMetadata { return out }
        let uniform = vector.labels.hasUniformMetadata
        out.labels.hidesMetadata = true
        return uniform ? out : try merged(out, duplicates)
    }

    /// The vector with series of equal label sets made one.
    func merged(_ vector: SeriesVector, _ duplicates: Duplicates = .merge) throws(QueryError) -> SeriesVector {
        var table = SignatureTable(capacity: vector.seriesCount)
        let groups = table.add(vector.labels, .except([]))
        if table.count == vector.seriesCount { return vector }
        if duplicates == .refuse {
            var seen = Array(repeating: false, count: table.count)
            for (series, group) in groups.enumerated() where vector.hasSamples(series: series) {
                if seen[group] { throw Self.sameLabelset }
                seen[group] = true
            }
        }
        var first = Array(repeating: -1, count: table.count)
        for (series, group) in groups.enumerated() where first[group] < 0 { first[group] = series }
        var out = SeriesVector(labels: vector.labels.selecting(first), stepCount: vector.stepCount)
        for (series, group) in groups.enumerated() {
            for step in 0..<vector.stepCount {
                let source = series * vector.stepCount + step
                guard vector.hasSample(source) else { continue }
                let target = group * vector.stepCount + step
                if out.hasSample(target) { throw Self.sameLabelset }
                out.copy(target, from: vector, source)
            }
        }
        return out
    }

    /// Removes at the end of a query the names whose removal was put off.
    func removingFlaggedNames(_ vector: SeriesVector) throws(QueryError) -> SeriesVector {
        let vector = vector.compacted()
        var out = vector
        switch vector.labels.removal {
        case .none: return vector
        case .all: out.labels.hidesMetadata = true
        case .some(let flags):
            out.labels = SeriesLabels(
                ordered: flags.enumerated().map { series, drops in
                    let pairs = vector.labels.pairs(of: series)
                    return drops ? pairs.filter { !SeriesLabels.metadata.contains($0.name) } : pairs
                })
        }
        out.labels.removal = .none
        return try merged(out)
    }
}
