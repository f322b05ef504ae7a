import Model

/// The label sets of the series of a vector, without a String in sight.
struct SeriesLabels: Sendable {
    /// Whose names are removed at the end of the query (delayed name removal).
    enum Removal: Sendable {
        case none
        case all
        case some([Bool])

        /// Whether the name of one series goes.
        subscript(series: Int) -> Bool {
            switch self {
            case .none: false
            case .all: true
            case .some(let flags): flags[series]
            }
        }
    }

    /// The label sets as they came.
    var columns: ColumnLabels
    /// Whether `__name__`, `__type__` and `__unit__` of all series are to be taken as absent, which costs nothing.
    var hidesMetadata = false
    /// Which series lose those labels at the end of the query.
    var removal = Removal.none

    /// The labels that describe a metric and go when its meaning changes, ordered.
    static let metadata: [Symbol] = [.metricName, .type, .unit]

    /// Label sets of a selection.
    init(_ columns: ColumnLabels = ColumnLabels()) { self.columns = columns }

    /// Label sets that a node made, pairs ordered by name symbol.
    init(ordered rows: some Sequence<[SymbolPair]>) {
        columns = ColumnLabels()
        for row in rows { columns.append(ordered: row) }
    }

    /// Number of series.
    var count: Int { columns.count }

    /// The value of a label, `.empty` when absent.
    func value(of name: Symbol, in series: Int) -> Symbol {
        if hidesMetadata, name == .metricName || name == .type || name == .unit { return .empty }
        return columns.value(of: name, in: series)
    }

    /// A whole label set, ordered by name symbol. Allocates.
    func pairs(of series: Int) -> [SymbolPair] {
        let all = columns.pairs(of: series)
        return hidesMetadata ? all.filter { !Self.metadata.contains($0.name) } : all
    }

    /// Some of the series, in the given order.
    func selecting(_ series: [Int]) -> SeriesLabels {
        var out = SeriesLabels(columns.selecting(series))
        out.hidesMetadata = hidesMetadata
        if case .some(let flags) = removal {
            out.removal = .some(series.map { flags[$0] })
        } else {
            out.removal = removal
        }
        return out
    }

    /// The value of one label in every series, `.empty` where absent. One pass over the tails.
    func values(of name: Symbol) -> [Symbol] {
        if hidesMetadata, Self.metadata.contains(name) { return Array(repeating: .empty, count: count) }
        let inLists = columns.shared.map { list in list.first { $0.name == name }?.value ?? .empty }
        let (sharedIndex, tailStart, tails) = (columns.sharedIndex, columns.tailStart, columns.tails)
        var out: [Symbol] = []
        out.reserveCapacity(count)
        for series in 0..<sharedIndex.count {
            var value = inLists[Int(sharedIndex[series])]
            for place in Int(tailStart[series])..<Int(tailStart[series + 1]) where tails[place].name.id == name.id {
                value = tails[place].value
            }
            out.append(value)
        }
        return out
    }

    /// Whether `__name__`, `__type__` and `__unit__` are the same in all series, so that leaving them out makes no two
    /// series equal.
    var hasUniformMetadata: Bool {
        if hidesMetadata || count < 2 { return true }
        return Self.metadata.allSatisfy { name in
            let ids = values(of: name)
            let first = ids[0].id
            for value in ids where value.id != first { return false }
            return true
        }
    }

    /// One flag per series whatever the form of `removal`.
    var removalFlags: [Bool] { (0..<count).map { removal[$0] } }
}
