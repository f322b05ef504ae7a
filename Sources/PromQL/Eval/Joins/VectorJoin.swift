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
            let out = try joining.pairwise()
        {
            return out
        }
        return try joining.stepwise()
    }
}

/// The join of two vectors: a hash join on label signatures. The side of which several elements may share a signature is called `many`:
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
    /// Per series of the many side the series of the one side that it last met, and the result of the two.
    private var lastMet: [(one: Int, result: Int)]

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
        lastMet = Array(repeating: (-2, 0), count: manySignature.count)
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
    mutating func pairwise() throws(QueryError) -> SeriesVector? {
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
        var out = try emptyResult()
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
        var found = JoinedSamples()
        var taken = StepResults(signatureCount: signatures.count)
        var ones = Array(repeating: -1, count: signatures.count)
        var work = 0
        for step in 0..<steps {
            try evaluation.checkInterruption(after: &work, plus: manySignature.count + oneSignature.count)
            // Prometheus swaps the operands of group_right but not the fill values, so fill_right always fills the
            // one side and fill_left the many side.
            let (manyFill, oneFill) = (plan.matching.fillLeft, plan.matching.fillRight)
            if isEmpty(many, step) || isEmpty(one, step), manyFill == nil, oneFill == nil { continue }
            try findPartners(at: step, &ones)
            taken.begin(step)
            for (series, signature) in manySignature.enumerated() {
                guard let value = sample(many, series, step) else { continue }
                let other = ones[signature]
                guard let otherValue = other >= 0 ? sample(one, other, step) : oneFill.map(SampleValue.float) else {
                    continue
                }
                try match((series, value), (other, otherValue), signature, &taken, &found)
            }
            if let manyFill {
                for (signature, other) in ones.enumerated() where other >= 0 && !taken.has(signature: signature) {
                    guard let otherValue = sample(one, other, step) else { continue }
                    try match((-1, .float(manyFill)), (other, otherValue), signature, &taken, &found)
                }
            }
            if taken.hasTwins { throw Evaluation.sameLabelset }
            if evaluation.budget.live + found.count > evaluation.budget.limit { throw .tooManySamples }
            try evaluation.budget.reserveTable(
                series: results.count, steps: steps, besides: found.bytes + results.bytes)
        }
        var out = try emptyResult(besides: found.bytes)
        found.put(into: &out)
        return out
    }

    /// A pair of elements with one signature. Series -1 stands for a filled element. What the operator does not take
    /// counts as no match; what a comparison filters out does.
    private mutating func match(
        _ manyElement: (series: Int, value: SampleValue), _ oneElement: (series: Int, value: SampleValue),
        _ signature: Int, _ taken: inout StepResults, _ found: inout JoinedSamples
    ) throws(QueryError) {
        let outcome = try combine(manyElement.value, oneElement.value)
        if case .incompatible = outcome { return }
        let result = resultSeries(manyElement.series, oneElement.series, signature)
        if plan.matching.cardinality == .oneToOne {
            if taken.has(signature: signature) {
                throw .evaluation(
                    "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)")
            }
            taken.note(signature: signature)
        } else if !taken.note(result, signature: signature) {
            throw .evaluation("multiple matches for labels: grouping labels must ensure unique matches")
        }
        guard case .value(let value) = outcome else { return }
        taken.putOut(result)
        found.add(value, series: result, step: taken.step)
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
    private func findPartners(at step: Int, _ ones: inout [Int]) throws(QueryError) {
        for signature in ones.indices { ones[signature] = -1 }
        for (series, signature) in oneSignature.enumerated() where one.hasSample(series * one.stepCount + step) {
            if ones[signature] >= 0 { throw duplicate(ones[signature], series, signature) }
            ones[signature] = series
        }
    }

    /// Two series of the one side have the same signature.
    private func duplicate(_ series: Int, _ other: Int, _ signature: Int) -> QueryError {
        let names = [series, other].map { evaluation.overlay.labels(one.labels.pairs(of: $0)).bracedText }
        let sorted = names.sorted { $0.precedesByBytes($1) }
        let group = evaluation.overlay.labels(signatures.pairs(of: signature)).bracedText
        return .evaluation(
            "found duplicate series for the match group \(group) on the \(manyIsLeft ? "right" : "left") "
                + "hand-side of the operation: [\(sorted[0]), \(sorted[1])]"
                + ";many-to-many matching not allowed: matching labels must be unique on one side")
    }

    /// The result of the operation for two elements that match.
    private enum Outcome {
        case value(SampleValue)
        /// A comparison does not hold.
        case filtered
        /// The operator does not take elements of these kinds.
        case incompatible
    }

    private func combine(_ many: SampleValue, _ one: SampleValue) throws(QueryError) -> Outcome {
        let (left, right) = manyIsLeft ? (many, one) : (one, many)
        if case .float(let a) = left, case .float(let b) = right {
            guard let operation else {
                evaluation.noteIncompatible(plan, "float", "float")
                return .incompatible
            }
            return operation.apply(a, b).map { .value(.float($0)) } ?? .filtered
        }
        if let result = try evaluation.combineHistograms(plan, left, right) { return .value(result) }
        if case (.histogram, .histogram) = (left, right), plan.op == .equal || plan.op == .notEqual {
            return .filtered
        }
        return .incompatible
    }

    /// The number of the result series of two series; -1 stands for a filled one, which has the signature's labels.
    private mutating func resultSeries(_ manySeries: Int, _ oneSeries: Int, _ signature: Int) -> Int {
        if manySeries >= 0, lastMet[manySeries].one == oneSeries { return lastMet[manySeries].result }
        let manyPairs = manySeries < 0 ? signatures.pairs(of: signature) : many.labels.pairs(of: manySeries)
        let onePairs = oneSeries < 0 ? signatures.pairs(of: signature) : one.labels.pairs(of: oneSeries)
        let result = noteRemoval(of: results.group(of: labelsOf.result(manyPairs, onePairs)), manySeries)
        if manySeries >= 0 { lastMet[manySeries] = (oneSeries, result) }
        return result
    }

    /// Records for a new result series whether its name is to be removed at the end of the query.
    private mutating func noteRemoval(of result: Int, _ manySeries: Int) -> Int {
        if result == removal.count {
            let flagged = manySeries >= 0 && many.labels.removal[manySeries]
            removal.append(evaluation.options.delayedNameRemoval && (plan.returnsBool || flagged))
        }
        return result
    }

    private func emptyResult(besides bytes: Int = 0) throws(QueryError) -> SeriesVector {
        try evaluation.budget.reserveTable(
            series: results.count, steps: many.stepCount, besides: bytes + results.bytes)
        var labels = results.labels
        if removal.contains(true) { labels.removal = .some(removal) }
        return SeriesVector(labels: labels, stepCount: many.stepCount)
    }
}
