import Model

extension Evaluation {
    /// The join of two vectors of one series each, which a ratio of two sums is: two label sets to compare instead of tables
    /// of signatures and of results. `nil` for other vectors, for native histograms and for operations that floats don't
    /// have. Vectors are compacted, and nothing is filled.
    func joinSingle(_ plan: BinaryPlan, _ left: SeriesVector, _ right: SeriesVector) -> SeriesVector? {
        guard left.seriesCount == 1, right.seriesCount == 1, left.histograms.isEmpty, right.histograms.isEmpty,
            let operation = ElementOperation(plan.op, returnsBool: plan.returnsBool)
        else { return nil }
        let (leftPairs, rightPairs) = (left.labels.pairs(of: 0), right.labels.pairs(of: 0))
        let signature = signature(plan.matching)
        guard signature.of(leftPairs).elementsEqual(signature.of(rightPairs), by: ==) else {
            return .empty(stepCount: left.stepCount)
        }
        let manyIsLeft = plan.matching.cardinality != .oneToMany
        let labelsOf = JoinLabels(plan, self, changesMeaning: operation.changesMeaning)
        let pairs = labelsOf.result(manyIsLeft ? leftPairs : rightPairs, manyIsLeft ? rightPairs : leftPairs)
        var labels = SeriesLabels(ordered: CollectionOfOne(pairs))
        let many = manyIsLeft ? left : right
        if options.delayedNameRemoval, plan.returnsBool || many.labels.removal[0] { labels.removal = .some([true]) }
        var out = SeriesVector(labels: labels, stepCount: left.stepCount)
        for step in 0..<left.stepCount where left.present[step] && right.present[step] {
            if let value = operation.apply(left.values[step], right.values[step]) { out.set(step, value) }
        }
        return out
    }
}

extension LabelProjection {
    /// The projection of a label set.
    fileprivate func of(_ pairs: [SymbolPair]) -> [SymbolPair] {
        switch self {
        case .only(let names): pairs.filter { names.contains($0.name) }
        case .except(let names): pairs.filter { !names.contains($0.name) }
        }
    }
}
