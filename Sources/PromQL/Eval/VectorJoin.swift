import Model

extension Evaluation {
    /// An operation between the elements of two vectors that match by their signatures.
    func join(_ plan: BinaryPlan, _ left: SeriesVector, _ right: SeriesVector) throws(QueryError) -> SeriesVector {
        let matching = plan.matching
        let hasFill = matching.fillLeft != nil || matching.fillRight != nil
        if !hasFill, left.sampleCount == 0 || right.sampleCount == 0 { return .empty(stepCount: left.stepCount) }
        let (left, right) = (left.compacted(), right.compacted())
        if !hasFill, let out = joinSingle(plan, left, right) { return out }
        var joining = VectorJoin(plan, left, right, self)
        if joining.isUnambiguous, !hasFill, joining.many.histograms.isEmpty, joining.one.histograms.isEmpty,
            let out = joining.pairwise()
        {
            return out
        }
        return try joining.stepwise()
    }
}

/// Two vectors on their way to be joined. The side of which several elements may share a signature is called `many`:
/// the right one for `group_right`, else the left one.
private struct VectorJoin {
    let plan: BinaryPlan
    let evaluation: Evaluation
    let many: SeriesVector
    let one: SeriesVector
    let operation: ElementOperation?
    private let manyIsLeft: Bool
    private var signatures = SignatureTable()
    private let manySignature: [Int]
    private let oneSignature: [Int]
    /// Per signature the only series of the one side, -1 for none, -2 for several.
    private var partner: [Int]
    private let labelsOf: JoinLabels
    /// The label sets of the result, numbered as they come up.
    private var results = SignatureTable()
    private var removal: [Bool] = []

    init(_ plan: BinaryPlan, _ left: SeriesVector, _ right: SeriesVector, _ evaluation: Evaluation) {
        self.plan = plan
        self.evaluation = evaluation
        manyIsLeft = plan.matching.cardinality != .oneToMany
        many = manyIsLeft ? left : right
        one = manyIsLeft ? right : left
        operation = ElementOperation(plan.op, returnsBool: plan.returnsBool)
        let projection = evaluation.signature(plan.matching)
        manySignature = signatures.add(many.labels, projection)
        oneSignature = signatures.add(one.labels, projection)
        partner = Array(repeating: -1, count: signatures.count)
        for (series, signature) in oneSignature.enumerated() {
            partner[signature] = partner[signature] == -1 ? series : -2
        }
        labelsOf = JoinLabels(plan, evaluation, changesMeaning: operation?.changesMeaning ?? true)
    }

    /// Whether no two series could ever compete for a match, so that nothing has to be checked step by step.
    var isUnambiguous: Bool {
        if partner.contains(-2) { return false }
        if plan.matching.cardinality != .oneToOne { return true }
        return Set(manySignature).count == manySignature.count
    }

    /// The result when every series has at most one partner: series by series. `nil` when two results would have the
    /// same labels.
    mutating func pairwise() -> SeriesVector? {
        guard let operation else { return nil }
        let builder = labelsOf.projection.map { LabelKeyBuilder(many.labels, $0) }
        var key: [PackedPair] = []
        var pairs: [(many: Int, one: Int)] = []
        for (series, signature) in manySignature.enumerated() where partner[signature] >= 0 {
            let result: Int
            if let builder {
                builder.makeKey(of: series, in: &key)
                result = noteRemoval(of: results.group(of: key), series)
            } else {
                result = resultSeries(series, partner[signature], signature)
            }
            if result < pairs.count { return nil }
            pairs.append((series, partner[signature]))
        }
        let steps = many.stepCount
        var out = emptyResult()
        for (series, pair) in pairs.enumerated() {
            for step in 0..<steps {
                let (manyCell, oneCell) = (pair.many * steps + step, pair.one * steps + step)
                guard many.present[manyCell], one.present[oneCell] else { continue }
                let (a, b) = (many.values[manyCell], one.values[oneCell])
                if let value = manyIsLeft ? operation.apply(a, b) : operation.apply(b, a) {
                    out.set(series * steps + step, value)
                }
            }
        }
        return out
    }

    /// The result step by step, with every check that Prometheus makes.
    mutating func stepwise() throws(QueryError) -> SeriesVector {
        let steps = many.stepCount
        var found: [(series: Int, step: Int, value: SampleValue)] = []
        var writer: [Int: Int] = [:]
        for step in 0..<steps {
            if step & 63 == 0 { try evaluation.checkInterruption() }
            // Prometheus swaps the operands of group_right but not the fill values, so fill_right always fills the
            // one side and fill_left the many side.
            let (manyFill, oneFill) = (plan.matching.fillLeft, plan.matching.fillRight)
            if isEmpty(many, step) || isEmpty(one, step), manyFill == nil, oneFill == nil { continue }
            let ones = try partners(at: step)
            var matched = Array(repeating: false, count: signatures.count)
            writer.removeAll(keepingCapacity: true)
            for (series, signature) in manySignature.enumerated() {
                guard let value = sample(many, series, step) else { continue }
                let other = ones[signature]
                guard let otherValue = other >= 0 ? sample(one, other, step) : oneFill.map(SampleValue.float) else {
                    continue
                }
                if plan.matching.cardinality == .oneToOne, matched[signature] {
                    throw .evaluation(
                        "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)")
                }
                matched[signature] = true
                guard let result = try combine(value, otherValue) else { continue }
                let target = resultSeries(series, other, signature)
                if let before = writer[target] { throw conflict(before, signature) }
                writer[target] = signature
                found.append((target, step, result))
            }
            guard let manyFill else { continue }
            for (signature, other) in ones.enumerated() where other >= 0 && !matched[signature] {
                guard let otherValue = sample(one, other, step) else { continue }
                guard let result = try combine(.float(manyFill), otherValue) else { continue }
                let target = resultSeries(-1, other, signature)
                if let before = writer[target] { throw conflict(before, signature) }
                writer[target] = signature
                found.append((target, step, result))
            }
        }
        var out = emptyResult()
        for (series, step, value) in found {
            switch value {
            case .float(let value): out.set(series * steps + step, value)
            case .histogram(let histogram): out.histograms[series * steps + step] = histogram
            }
        }
        return out
    }

    private func conflict(_ before: Int, _ signature: Int) -> QueryError {
        if before != signature { return Evaluation.sameLabelset }
        return .evaluation("multiple matches for labels: grouping labels must ensure unique matches")
    }

    private func isEmpty(_ vector: SeriesVector, _ step: Int) -> Bool {
        !(0..<vector.seriesCount).contains { vector.hasSample($0 * vector.stepCount + step) }
    }

    private func sample(_ vector: SeriesVector, _ series: Int, _ step: Int) -> SampleValue? {
        let cell = series * vector.stepCount + step
        if vector.present[cell] { return .float(vector.values[cell]) }
        return vector.histograms[cell].map(SampleValue.histogram)
    }

    /// Per signature the series of the one side that has a sample at a step, -1 for none.
    private func partners(at step: Int) throws(QueryError) -> [Int] {
        var out = Array(repeating: -1, count: signatures.count)
        for (series, signature) in oneSignature.enumerated() where one.hasSample(series * one.stepCount + step) {
            if out[signature] >= 0 {
                let names = [out[signature], series].map {
                    evaluation.overlay.labels(one.labels.pairs(of: $0)).description
                }
                let sorted = names.sorted { $0.precedesByBytes($1) }
                let group = evaluation.overlay.labels(signatures.pairs(of: signature))
                throw .evaluation(
                    "found duplicate series for the match group \(group) on the \(manyIsLeft ? "right" : "left") "
                        + "hand-side of the operation: [\(sorted[0]), \(sorted[1])]"
                        + ";many-to-many matching not allowed: matching labels must be unique on one side")
            }
            out[signature] = series
        }
        return out
    }

    private func combine(_ many: SampleValue, _ one: SampleValue) throws(QueryError) -> SampleValue? {
        let (left, right) = manyIsLeft ? (many, one) : (one, many)
        if case .float(let a) = left, case .float(let b) = right {
            guard let operation else {
                evaluation.noteIncompatible(plan, "float", "float")
                return nil
            }
            return operation.apply(a, b).map(SampleValue.float)
        }
        return try evaluation.combineHistograms(plan, left, right)
    }

    /// The number of the result series of two series; -1 stands for a filled one, which has the signature's labels.
    private mutating func resultSeries(_ manySeries: Int, _ oneSeries: Int, _ signature: Int) -> Int {
        let manyPairs = manySeries < 0 ? signatures.pairs(of: signature) : many.labels.pairs(of: manySeries)
        let onePairs = oneSeries < 0 ? signatures.pairs(of: signature) : one.labels.pairs(of: oneSeries)
        return noteRemoval(of: results.group(of: labelsOf.result(manyPairs, onePairs)), manySeries)
    }

    /// Remembers, when a result series is new, whether its name goes at the end of the query.
    private mutating func noteRemoval(of result: Int, _ manySeries: Int) -> Int {
        if result == removal.count {
            let flagged = manySeries >= 0 && many.labels.removal[manySeries]
            removal.append(evaluation.options.delayedNameRemoval && (plan.returnsBool || flagged))
        }
        return result
    }

    private func emptyResult() -> SeriesVector {
        var labels = results.labels
        if removal.contains(true) { labels.removal = .some(removal) }
        return SeriesVector(labels: labels, stepCount: many.stepCount)
    }
}
