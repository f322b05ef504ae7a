/// The number of an interned text. Equal symbols of one table mean equal bytes.
package struct Symbol: Hashable, Sendable, Comparable {
    /// Dense from 0 within a table. Ids from `overlayBase` on are free for a query's own texts.
    package let id: UInt32

    /// A symbol from its number.
    package init(id: UInt32) { self.id = id }

    /// Order by number: canonical inside one table, and meaningless to people.
    package static func < (left: Symbol, right: Symbol) -> Bool { left.id < right.id }

    /// Tables never hand out ids at or above this, so that a query can number the texts it makes itself.
    package static let overlayBase: UInt32 = 0x8000_0000

    /// The empty text, in every table.
    package static let empty = Symbol(id: 0)
    /// `__name__`, in every table.
    package static let metricName = Symbol(id: 1)
    /// `le`, in every table.
    package static let bucketBound = Symbol(id: 2)
    /// `__type__`, in every table.
    package static let type = Symbol(id: 3)
    /// `__unit__`, in every table.
    package static let unit = Symbol(id: 4)

    /// The texts of the symbols above, in id order.
    package static let wellKnown = ["", LabelName.metricName, LabelName.bucketBound, LabelName.type, LabelName.unit]
}

/// One label as two symbols.
package struct SymbolPair: Hashable, Sendable {
    /// The label name.
    package var name: Symbol
    /// The label value; never `.empty` in a label set.
    package var value: Symbol

    /// A pair.
    package init(_ name: Symbol, _ value: Symbol) {
        self.name = name
        self.value = value
    }
}
