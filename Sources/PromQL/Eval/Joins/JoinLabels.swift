import Model

/// Makes the labels of a join's results.
struct JoinLabels {
    private let dropsMetadata: Bool
    private let isOneToOne: Bool
    private let on: Bool
    private let matching: [Symbol]
    private let include: [Symbol]

    init(_ plan: BinaryPlan, _ evaluation: Evaluation, changesMeaning: Bool) {
        dropsMetadata = changesMeaning || (plan.returnsBool && !evaluation.options.delayedNameRemoval)
        isOneToOne = plan.matching.cardinality == .oneToOne
        on = plan.matching.on
        matching = evaluation.overlay.intern(names: plan.matching.labels)
        include = evaluation.overlay.intern(names: plan.matching.include)
    }

    /// The projection of the many side's labels, when the one side adds none.
    var projection: LabelProjection? {
        if !include.isEmpty { return nil }
        let dropped = dropsMetadata ? SeriesLabels.metadata : []
        if !isOneToOne { return .except(dropped) }
        return on ? .only(matching.filter { !dropped.contains($0) }) : .except(Set(dropped + matching).sorted())
    }

    /// The labels of the result of an element of each side.
    func result(_ many: [SymbolPair], _ one: [SymbolPair]) -> [SymbolPair] {
        var out = dropsMetadata ? many.filter { !SeriesLabels.metadata.contains($0.name) } : many
        if isOneToOne { out.removeAll { matching.contains($0.name) != on } }
        if include.isEmpty { return out }
        out.removeAll { include.contains($0.name) }
        out += one.filter { include.contains($0.name) }
        return out.sorted { $0.name < $1.name }
    }
}
