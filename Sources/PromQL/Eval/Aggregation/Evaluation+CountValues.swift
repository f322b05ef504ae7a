import Model

extension Evaluation {
    /// `count_values("label", v)`: how often each value occurs in each group; the value becomes a label.
    func countValues(_ plan: AggregatePlan, over grid: StepGrid) throws(QueryError) -> SeriesVector {
        guard let parameter = plan.parameter else { throw .evaluation("count_values needs a label name") }
        let literal = try literal(parameter)
        if literal.bytes.isEmpty || !literal.isText { throw .evaluation("invalid label name \(literal.quoted)") }
        let label = literal.value
        let operand = try vector(plan.operand, over: grid).compacted()
        var grouping = plan.grouping
        if !grouping.without { grouping.labels.append(label) }
        let name = overlay.intern(label)
        let names: [Symbol]
        let keeps: Bool
        switch projection(grouping) {
        case .only(let wanted): (names, keeps) = (wanted, true)
        case .except(let unwanted): (names, keeps) = (unwanted, false)
        }
        var table = SignatureTable()
        var counts: [(group: UInt32, step: UInt32)] = []
        var removal: [Bool] = []
        var work = 0
        for step in 0..<grid.count {
            try checkInterruption(after: &work, plus: operand.seriesCount)
            for series in 0..<operand.seriesCount {
                let cell = series * grid.count + step
                let value: String
                if operand.present[cell] {
                    value = FloatText.plain(operand.values[cell])
                } else if let histogram = operand.histograms[cell] {
                    value = histogram.bucketText
                } else {
                    continue
                }
                var pairs = operand.labels.pairs(of: series).filter { $0.name != name }
                pairs.insert(
                    SymbolPair(name, overlay.intern(value)), at: pairs.firstIndex { $0.name > name } ?? pairs.count)
                pairs.removeAll { names.contains($0.name) != keeps }
                let group = table.group(of: pairs)
                if group == removal.count {
                    removal.append(false)
                    // Asked here, since a result series per value and step outgrows the samples quickly.
                    try budget.reserveTable(
                        series: table.count, steps: grid.count, besides: overlay.bytes + table.bytes + counts.count * 8)
                }
                removal[group] = removal[group] || operand.labels.removal[series]
                counts.append((UInt32(group), UInt32(step)))
            }
        }
        var out = SeriesVector(
            labels: table.labels, stepCount: grid.count)
        if removal.contains(true) { out.labels.removal = .some(removal) }
        for (group, step) in counts {
            let cell = Int(group) * grid.count + Int(step)
            out.set(cell, out.present[cell] ? out.values[cell] + 1 : 1)
        }
        return out
    }
}
