import Model

/// The label sets of the series of a vector, as symbols without any String.
struct SeriesLabels: Sendable {
    /// Whose names are removed at the end of the query (delayed name removal).
    enum Removal: Sendable {
        case none
        case all
        case some([Bool])

        /// Whether the name of one series is to be removed.
        subscript(series: Int) -> Bool {
            switch self {
            case .none: false
            case .all: true
            case .some(let flags): flags[series]
            }
        }
    }

    /// Holds the label sets by one reference, since vectors are copied often.
    private final class Table: Sendable {
        let columns: ColumnLabels

        init(_ columns: ColumnLabels) { self.columns = columns }
    }

    private let table: Table
    /// The label sets as they came.
    var columns: ColumnLabels { table.columns }
    /// Whether `__name__`, `__type__` and `__unit__` of all series are to be taken as absent, which costs nothing.
    var hidesMetadata = false
    /// Which series lose those labels at the end of the query.
    var removal = Removal.none

    private var isKnownUniform = false

    /// The store's cache for results that depend on these label sets alone; `nil` where it has none.
    var memo: SelectionMemo?

    /// The labels that describe a metric and go when its meaning changes, ordered.
    static let metadata: [Symbol] = [.metricName, .type, .unit]

    /// Label sets of a selection.
    init(_ columns: ColumnLabels = ColumnLabels()) { table = Table(columns) }

    /// Label sets that a node made, pairs ordered by name symbol.
    init(ordered rows: some Sequence<[SymbolPair]>) {
        var columns = ColumnLabels()
        for row in rows { columns.append(ordered: row) }
        self.init(columns)
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
        out.isKnownUniform = isKnownUniform
        if case .some(let flags) = removal {
            out.removal = .some(series.map { flags[$0] })
        } else {
            out.removal = removal
        }
        return out
    }

    /// The value of one label in every series, `.empty` where absent. Looks once at each list.
    func values(of name: Symbol) -> [Symbol] {
        if hidesMetadata, Self.metadata.contains(name) { return Array(repeating: .empty, count: count) }
        let (inShared, inTails) = (columns.shared.values(of: name), columns.tails.values(of: name))
        let (sharedIndex, tailIndex) = (columns.sharedIndex, columns.tailIndex)
        return (0..<count).map { series in
            let value = inTails[Int(tailIndex[series])]
            return value == .empty ? inShared[Int(sharedIndex[series])] : value
        }
    }

    /// Whether `__name__`, `__type__` and `__unit__` are the same in all series, so that leaving them out makes no two
    /// series equal. One pass over the tails unless it has been noted.
    var hasUniformMetadata: Bool {
        if isKnownUniform || hidesMetadata || count < 2 { return true }
        if hasOneNameInTails { return true }
        let lists = columns.shared.map { list in Metadata(list) }
        let (sharedIndex, tailIndex, tails) = (columns.sharedIndex, columns.tailIndex, columns.tails)
        var first: Metadata?
        for series in 0..<sharedIndex.count {
            var found = lists[Int(sharedIndex[series])]
            for index in tails.range(Int(tailIndex[series])) { found.take(tails.pairs[index]) }
            if let first, first != found { return false }
            first = found
        }
        return true
    }

    /// Whether all series have the same name in their tails, and nothing else that counts. Quick, and true for most
    /// selections; `false` says nothing.
    private var hasOneNameInTails: Bool {
        let isNamed = columns.shared.pairs.contains { $0.name.id <= Symbol.unit.id && $0.name != .bucketBound }
        if isNamed { return false }
        let tails = columns.tails.pairs.span
        var names = 0
        var name: UInt32 = 0
        for index in tails.indices {
            switch tails[index].name.id {
            case Symbol.metricName.id:
                if names > 0, tails[index].value.id != name { return false }
                name = tails[index].value.id
                names &+= 1
            case Symbol.type.id, Symbol.unit.id: return false
            default: continue
            }
        }
        return names == columns.tails.count
    }

    /// Finds out about uniform metadata once, for all vectors that come of these labels.
    mutating func noteUniformMetadata() { isKnownUniform = hasUniformMetadata }

    /// One flag per series whatever the form of `removal`.
    var removalFlags: [Bool] { (0..<count).map { removal[$0] } }
}

/// The metric's own labels of one series, as symbol numbers.
private struct Metadata: Equatable {
    private var name: UInt32 = 0
    private var type: UInt32 = 0
    private var unit: UInt32 = 0
    private static var nameID: UInt32 { Symbol.metricName.id }
    private static var typeID: UInt32 { Symbol.type.id }
    private static var unitID: UInt32 { Symbol.unit.id }

    init(_ pairs: ArraySlice<SymbolPair>) {
        for pair in pairs { take(pair) }
    }

    @inline(__always)
    mutating func take(_ pair: SymbolPair) {
        switch pair.name.id {
        case Self.nameID: name = pair.value.id
        case Self.typeID: type = pair.value.id
        case Self.unitID: unit = pair.value.id
        default: break
        }
    }
}
