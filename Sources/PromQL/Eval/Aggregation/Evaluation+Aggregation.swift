import Model

/// Folds the values of a group at one step.
protocol Accumulator {
    /// Starts with the group's first value.
    init(first value: Double)
    /// Takes the next value in.
    mutating func add(_ value: Double)
    /// The result so far.
    var result: Double { get }
}

/// The groups of an aggregation.
struct AggregationGroups: Sendable {
    /// The group of each series.
    var groupOf: [Int]
    /// Labels of the groups, in order of their first series.
    var labels: SeriesLabels

    /// Number of groups.
    var count: Int { labels.count }
}

extension Evaluation {
    /// An aggregation.
    func evaluate(aggregate plan: AggregatePlan, over grid: StepGrid) throws(QueryError) -> SeriesVector {
        if plan.op == .countValues { return try countValues(plan, over: grid) }
        let parameter = try plan.parameter.map { (node) throws(QueryError) in try scalar(node, over: grid) } ?? []
        let operand = try vector(plan.operand, over: grid).compacted()
        switch plan.op {
        case .sum: return try foldSeparately(SumAccumulator.self, plan, operand)
        case .avg: return try foldSeparately(AverageAccumulator.self, plan, operand)
        case .count: return try foldAll(CountAccumulator.self, plan, operand)
        case .group: return try foldAll(GroupAccumulator.self, plan, operand)
        case .min: return try foldFloats(MinimumAccumulator.self, plan, operand)
        case .max: return try foldFloats(MaximumAccumulator.self, plan, operand)
        case .stdvar: return try foldFloats(VarianceAccumulator.self, plan, operand)
        case .stddev: return try foldFloats(DeviationAccumulator.self, plan, operand)
        case .quantile: return try quantile(plan, parameter, operand)
        case .topk, .bottomk: return try topK(plan, parameter, operand)
        case .limitk: return try limitK(plan, parameter, operand)
        case .limitRatio: return try limitRatio(plan, parameter, operand)
        case .countValues: return .empty(stepCount: grid.count)
        }
    }

    /// Which labels make a group.
    func projection(_ grouping: Grouping) -> LabelProjection {
        if !grouping.without { return .only(overlay.intern(names: grouping.labels)) }
        return .except(overlay.intern(names: grouping.labels + [LabelName.metricName]))
    }

    /// The groups of the operand's series. A group's name is removed later if that of any member is.
    func groups(_ grouping: Grouping, _ operand: SeriesVector) -> AggregationGroups {
        var groups = groups(projection(grouping), operand.labels)
        switch operand.labels.removal {
        case .none: break
        case .all: groups.labels.removal = .all
        case .some(let flags):
            var removal = Array(repeating: false, count: groups.count)
            for (series, group) in groups.groupOf.enumerated() where flags[series] { removal[group] = true }
            groups.labels.removal = .some(removal)
        }
        return groups
    }

    /// The groups of series by their labels alone, cached in the selection's memo where it has one.
    private func groups(_ projection: LabelProjection, _ labels: SeriesLabels) -> AggregationGroups {
        let key = labels.memo.flatMap { _ in SelectionMemo.key(projection, hidesMetadata: labels.hidesMetadata) }
        if let key, let known = labels.memo?.find(key, as: AggregationGroups.self) { return known }
        var table = SignatureTable()
        let groupOf = table.add(labels, projection)
        let groups = AggregationGroups(groupOf: groupOf, labels: table.labels)
        if let key { labels.memo?.keep(groups, under: key) }
        return groups
    }

    /// Notes that native histograms were left out.
    func noteIgnoredHistograms(_ plan: AggregatePlan, _ operand: SeriesVector, at position: SourceRange) {
        if operand.histograms.isEmpty { return }
        annotations.add(.info, "ignored histogram in \(plan.op.rawValue) aggregation", at: position)
    }

    /// Folds floats and leaves native histograms out.
    private func foldFloats<A: Accumulator>(
        _ type: A.Type, _ plan: AggregatePlan, _ operand: SeriesVector
    ) throws(QueryError) -> SeriesVector {
        noteIgnoredHistograms(plan, operand, at: plan.operandPosition)
        return try fold(type, groups(plan.grouping, operand), operand)
    }

    /// Folds samples of both kinds alike.
    private func foldAll<A: Accumulator>(
        _ type: A.Type, _ plan: AggregatePlan, _ operand: SeriesVector
    ) throws(QueryError) -> SeriesVector {
        var operand = operand
        for cell in operand.histograms.keys { operand.set(cell, 0) }
        return try fold(type, groups(plan.grouping, operand), operand)
    }

    /// Folds each group that holds samples of one kind; a mix of both gives nothing but a warning.
    private func foldSeparately<A: Accumulator>(
        _ type: A.Type, _ plan: AggregatePlan, _ operand: SeriesVector
    ) throws(QueryError) -> SeriesVector {
        let groups = groups(plan.grouping, operand)
        var out = try fold(type, groups, operand)
        if operand.histograms.isEmpty { return out }
        var folds: [Int: HistogramFold] = [:]
        for (cell, histogram) in operand.histograms.sorted(by: { $0.key < $1.key }) {
            let series = cell / operand.stepCount
            let target = groups.groupOf[series] * operand.stepCount + cell % operand.stepCount
            if folds[target]?.add(histogram) == nil {
                folds[target] = HistogramFold(histogram, mean: plan.op == .avg)
            } else if folds[target]?.isIncompatible == true {
                warnOfSchemas(metricName(operand.labels, series), at: plan.operandPosition)
            }
        }
        for (target, fold) in folds {
            if out.present[target] {
                out.present[target] = false
                annotations.add(
                    .warning, "encountered a mix of histograms and floats for aggregation", at: plan.operandPosition)
                continue
            }
            note(fold.hintsConflict, fold.boundsDiffered, "aggregation", at: plan.operandPosition)
            if let result = fold.result { out.histograms[target] = result }
        }
        return out
    }

    /// Folds the floats of every group, series by series in input order.
    private func fold<A: Accumulator>(
        _: A.Type, _ groups: AggregationGroups, _ operand: SeriesVector
    ) throws(QueryError) -> SeriesVector {
        let steps = operand.stepCount
        let stateBytes = groups.count * steps * MemoryLayout<A>.stride
        try budget.reserveTable(series: groups.count, steps: steps, besides: stateBytes)
        var out = SeriesVector(labels: groups.labels, stepCount: steps)
        var states = Array(repeating: A(first: 0), count: groups.count * steps)
        let groupOf = groups.groupOf
        operand.present.forEach { cell in
            let series = steps == 1 ? cell : cell / steps
            let target = cell + (groupOf[series] - series) * steps
            if out.present[target] {
                states[target].add(operand.values[cell])
            } else {
                out.present[target] = true
                states[target] = A(first: operand.values[cell])
            }
        }
        out.present.forEach { out.values[$0] = states[$0].result }
        return out
    }

    /// The `q`-quantile of every group.
    private func quantile(
        _ plan: AggregatePlan, _ parameter: [Double], _ operand: SeriesVector
    ) throws(QueryError) -> SeriesVector {
        noteIgnoredHistograms(plan, operand, at: plan.operandPosition)
        for value in parameter { warnOfQuantile(value, at: plan.parameterPosition) }
        let groups = groups(plan.grouping, operand)
        let steps = operand.stepCount
        try budget.reserveTable(series: groups.count, steps: steps)
        var out = SeriesVector(labels: groups.labels, stepCount: steps)
        var members = Array(repeating: [Double](), count: groups.count)
        var work = 0
        for step in 0..<steps {
            try checkInterruption(after: &work, plus: operand.seriesCount)
            for group in members.indices { members[group].removeAll(keepingCapacity: true) }
            for (series, group) in groups.groupOf.enumerated() where operand.present[series * steps + step] {
                members[group].append(operand.values[series * steps + step])
            }
            for group in members.indices where !members[group].isEmpty {
                out.set(group * steps + step, Quantile.of(&members[group], parameter[step]))
            }
        }
        return out
    }
}
