/// The number of an interned text. Equal symbols of one table mean equal bytes.
@usableFromInline package struct Symbol: Hashable, Sendable, Comparable {
    /// Dense from 0 within a table. Ids from `overlayBase` on are free for a query's own texts.
    @usableFromInline package let id: UInt32

    /// A symbol from its number.
    @inlinable package init(id: UInt32) { self.id = id }

    /// Whether the numbers are equal.
    @inlinable package static func == (left: Symbol, right: Symbol) -> Bool { left.id == right.id }

    /// Hashes the number.
    @inlinable package func hash(into hasher: inout Hasher) { hasher.combine(id) }

    /// Order by number: canonical inside one table, and meaningless to people.
    @inlinable package static func < (left: Symbol, right: Symbol) -> Bool { left.id < right.id }

    /// Tables never hand out ids at or above this, so that a query can number the texts it makes itself.
    @inlinable package static var overlayBase: UInt32 { 0x8000_0000 }

    /// The empty text, in every table.
    @inlinable package static var empty: Symbol { Symbol(id: 0) }
    /// `__name__`, in every table.
    @inlinable package static var metricName: Symbol { Symbol(id: 1) }
    /// `le`, in every table.
    @inlinable package static var bucketBound: Symbol { Symbol(id: 2) }
    /// `__type__`, in every table.
    @inlinable package static var type: Symbol { Symbol(id: 3) }
    /// `__unit__`, in every table.
    @inlinable package static var unit: Symbol { Symbol(id: 4) }

    /// The texts of the symbols above, in id order.
    package static let wellKnown = ["", LabelName.metricName, LabelName.bucketBound, LabelName.type, LabelName.unit]
}

/// One label as two symbols.
@usableFromInline package struct SymbolPair: Hashable, Sendable {
    /// The label name.
    @usableFromInline package var name: Symbol
    /// The label value; never `.empty` in a label set.
    @usableFromInline package var value: Symbol

    /// Whether both symbols are equal.
    @inlinable package static func == (left: SymbolPair, right: SymbolPair) -> Bool {
        left.name == right.name && left.value == right.value
    }

    /// Hashes both numbers.
    @inlinable package func hash(into hasher: inout Hasher) {
        hasher.combine(UInt64(name.id) << 32 | UInt64(value.id))
    }

    /// A pair.
    @inlinable package init(_ name: Symbol, _ value: Symbol) {
        self.name = name
        self.value = value
    }
}
