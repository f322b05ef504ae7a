import Model

/// One evaluation of one planned query: what its nodes share. Lives on one thread.
///
/// The nodes themselves are in extensions, one file per family, and `NodeEvaluation` chooses among them.
final class Evaluation {
    /// The engine's settings.
    let options: EngineOptions
    /// The answers to the plan's requests.
    let selections: [Selection]
    /// Texts that the query makes.
    let overlay: SymbolOverlay
    /// Infos and warnings so far.
    var annotations = AnnotationLog()
    /// Samples held.
    var budget: SampleBudget
    /// Samples read from the store.
    private(set) var samplesRead = 0
    /// Series with at least one sample read. Selected series without samples don't count, since their number depends on how the
    /// store lays its samples out.
    private(set) var seriesRead = 0

    private let evaluateNode: NodeEvaluator
    private let interruption: (@Sendable () -> QueryInterruption?)?
    private var selectionLabels: [SeriesLabels?]

    /// Computes one node. Given by the engine, so that what evaluates nodes may depend on everything that nodes need.
    typealias NodeEvaluator = @Sendable (Evaluation, PlanNode, StepGrid) throws(QueryError) -> NodeValue

    /// An evaluation over the given selections.
    init(
        _ options: EngineOptions, _ selections: [Selection], _ control: QueryControl,
        evaluateNode: @escaping NodeEvaluator
    ) {
        self.evaluateNode = evaluateNode
        self.options = options
        self.selections = selections
        overlay = SymbolOverlay(base: selections.first?.symbols ?? SymbolTable())
        budget = SampleBudget(limit: options.samplesMax, bytesLimit: options.tableBytesLimit)
        interruption = control.interruption
        selectionLabels = Array(repeating: nil, count: selections.count)
    }

    /// Counts the samples read of one series.
    @inline(__always)
    func noteRead(samples: Int) { noteRead(samples: samples, series: samples > 0 ? 1 : 0) }

    /// Counts the samples read of several series; `series` is the number of those with at least one.
    @inline(__always)
    func noteRead(samples: Int, series: Int) {
        samplesRead += samples
        seriesRead += series
    }

    /// Ends the evaluation if somebody wants it to end. Cheap enough for every few hundred series.
    func checkInterruption() throws(QueryError) {
        switch interruption?() {
        case .none: return
        case .timeout: throw .timeout
        case .canceled: throw .canceled
        }
    }

    /// Least bytes of a native histogram.
    private static let histogramBytes = FloatHistogram().bytes
    /// Cells or samples that a loop processes between two checks for interruption.
    static let workBetweenChecks = 1 << 16

    /// Counts work done since the query was asked whether it shall go on, and asks when it is time.
    @inline(__always)
    func checkInterruption(after work: inout Int, plus more: Int) throws(QueryError) {
        work &+= more
        if work < Self.workBetweenChecks { return }
        work = 0
        try checkInterruption()
    }

    /// To be called at each step of a loop that puts samples into `out`. Every thousand steps it asks whether the query
    /// shall go on, and whether the histograms, which take far more memory than floats, are too many already.
    @inline(__always)
    func checkProgress(_ step: Int, of out: borrowing SeriesVector) throws(QueryError) {
        guard step & 1023 == 1023 else { return }
        try checkInterruption()
        let histograms = out.histograms.count
        if budget.live + histograms > budget.limit { throw .tooManySamples }
        try budget.reserve(bytes: SeriesVector.bytes(ofCells: out.values.count) + histograms * Self.histogramBytes)
    }

    /// The value of a node over a grid. The budget that its operands held is released when it returns.
    func evaluate(_ node: PlanNode, over grid: StepGrid) throws(QueryError) -> NodeValue {
        try checkInterruption()
        let mark = budget.held
        let value = try evaluateNode(self, node, grid)
        // Asked on the way up, too: the work of nested aggregations is all done there.
        try checkInterruption()
        let (samples, bytes) = (value.sampleCount, value.bytes)
        try budget.add(samples: samples, bytes: bytes)
        budget.settle(to: mark, samples: samples, bytes: bytes)
        return value
    }

    /// The value of a node that the type check knows to be a vector.
    func vector(_ node: PlanNode, over grid: StepGrid) throws(QueryError) -> SeriesVector {
        switch try evaluate(node, over: grid) {
        case .vector(let vector): return vector
        case .scalar, .string: throw .evaluation("expected an instant vector, found another type")
        }
    }

    /// The value of a node that the type check knows to be a scalar.
    func scalar(_ node: PlanNode, over grid: StepGrid) throws(QueryError) -> [Double] {
        switch try evaluate(node, over: grid) {
        case .scalar(let values): return values
        case .vector, .string: throw .evaluation("expected a scalar, found another type")
        }
    }

    /// The literal of a node that the type check knows to be one.
    func literal(_ node: PlanNode) throws(QueryError) -> StringLiteral {
        guard case .string(let literal) = node else { throw .evaluation("expected a string literal") }
        return literal
    }

    /// The label sets of all columns of a selection, group after group.
    func labels(of request: Int) -> SeriesLabels {
        if let known = selectionLabels[request] { return known }
        let memo = selections[request].memo
        var labels = memo?.find(SelectionMemo.labels, as: SeriesLabels.self) ?? joinedLabels(of: request)
        labels.memo = memo
        selectionLabels[request] = labels
        return labels
    }

    private func joinedLabels(of request: Int) -> SeriesLabels {
        let groups = selections[request].groups
        var labels = SeriesLabels(ColumnLabels(joining: groups.map(\.labels)))
        labels.noteUniformMetadata()
        selections[request].memo?.keep(labels, under: SelectionMemo.labels)
        return labels
    }

    /// The metric name of a series as messages show it.
    func metricName(_ labels: SeriesLabels, _ series: Int) -> String {
        overlay.text(labels.value(of: .metricName, in: series))
    }
}

extension SelectionMemo {
    /// The key of the label sets themselves.
    fileprivate static let labels: [UInt32] = []

    /// The key of a grouping; `nil` when it has a name that only this query knows.
    static func key(_ projection: LabelProjection, hidesMetadata: Bool) -> [UInt32]? {
        let (names, kind): ([Symbol], UInt32) =
            switch projection {
            case .only(let names): (names, 0)
            case .except(let names): (names, 1)
            }
        if names.contains(where: { $0.id >= Symbol.overlayBase }) { return nil }
        return [kind << 1 | (hidesMetadata ? 1 : 0)] + names.map(\.id)
    }
}
