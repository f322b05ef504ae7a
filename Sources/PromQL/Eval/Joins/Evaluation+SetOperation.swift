import Model

extension Evaluation {
    /// `and`, `or` and `unless`: which elements stay depends on signatures alone.
    func setOperation(_ plan: BinaryPlan, _ left: SeriesVector, _ right: SeriesVector) throws(QueryError)
        -> SeriesVector
    {
        var table = SignatureTable(capacity: left.seriesCount)
        let projection = signature(plan.matching)
        let leftGroups = table.add(left.labels, projection)
        let rightGroups = table.add(right.labels, projection)
        switch plan.op {
        case .and:
            return left.filtered(
                leftGroups, by: right.occupancy(rightGroups, groupCount: table.count), keepsMembers: true)
        case .unless:
            return left.filtered(
                leftGroups, by: right.occupancy(rightGroups, groupCount: table.count), keepsMembers: false)
        default:
            let rest = right.filtered(
                rightGroups, by: left.occupancy(leftGroups, groupCount: table.count), keepsMembers: false)
            return try merged(try joined(left.compacted(), rest.compacted()))
        }
    }

    /// The series of both vectors, those of the first one first.
    func joined(_ one: SeriesVector, _ other: SeriesVector) throws(QueryError) -> SeriesVector {
        if other.seriesCount == 0 { return one }
        if one.seriesCount == 0 { return other }
        try budget.reserveTable(series: one.seriesCount + other.seriesCount, steps: one.stepCount)
        return one.followed(by: other)
    }

    /// Which labels must be equal for two elements to match.
    func signature(_ matching: VectorMatching) -> LabelProjection {
        if matching.on { return .only(overlay.intern(names: matching.labels)) }
        return .except(overlay.intern(names: matching.labels + [LabelName.metricName]))
    }
}

extension SeriesVector {
    /// At which steps each signature occurs.
    fileprivate func occupancy(_ groups: [Int], groupCount: Int) -> PresenceBits {
        var out = PresenceBits(cellCount: groupCount * stepCount)
        for series in 0..<seriesCount {
            for step in 0..<stepCount where hasSample(series * stepCount + step) {
                out[groups[series] * stepCount + step] = true
            }
        }
        return out
    }

    /// Only the samples whose signature occurs (or does not occur) at their step.
    fileprivate func filtered(_ groups: [Int], by occupancy: PresenceBits, keepsMembers: Bool) -> SeriesVector {
        var out = self
        for series in 0..<seriesCount {
            for step in 0..<stepCount where occupancy[groups[series] * stepCount + step] != keepsMembers {
                out.present[series * stepCount + step] = false
                if !histograms.isEmpty { out.histograms[series * stepCount + step] = nil }
            }
        }
        return out
    }

    /// The series of both vectors, these first.
    fileprivate func followed(by other: SeriesVector) -> SeriesVector {
        var out = SeriesVector(labels: labels.followed(by: other.labels), stepCount: stepCount)
        for cell in values.indices { out.copy(cell, from: self, cell) }
        for cell in other.values.indices { out.copy(values.count + cell, from: other, cell) }
        return out
    }
}

extension SeriesLabels {
    /// The label sets of both, these first.
    func followed(by other: SeriesLabels) -> SeriesLabels {
        var out: SeriesLabels
        if hidesMetadata == other.hidesMetadata {
            var both = columns
            both.append(contentsOf: other.columns)
            out = SeriesLabels(both)
            out.hidesMetadata = hidesMetadata
        } else {
            let rows = (0..<count).map { pairs(of: $0) } + (0..<other.count).map { other.pairs(of: $0) }
            out = SeriesLabels(ordered: rows)
        }
        switch (removal, other.removal) {
        case (.none, .none): out.removal = .none
        case (.all, .all): out.removal = .all
        default: out.removal = .some(removalFlags + other.removalFlags)
        }
        return out
    }
}
