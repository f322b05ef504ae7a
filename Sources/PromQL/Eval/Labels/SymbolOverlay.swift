import Model

/// The texts that a query makes itself, numbered above those of the store's table. One per evaluation, one thread.
///
/// Its own table is asked first and the store's second, so a text keeps its number during the query even when the
/// store interns it meanwhile.
final class SymbolOverlay {
    private let base: SymbolTable
    private var ids: [Label: UInt32] = [:]
    private var texts: [String] = []
    /// Bytes of all texts made so far.
    private(set) var textBytes = 0

    /// Bytes that the texts take with their numbers: two entries of tables and a header each.
    var bytes: Int { textBytes + texts.count * 96 }

    /// An overlay over the table of the query's selections.
    init(base: SymbolTable) { self.base = base }

    /// The symbol of `text`, made when it is new.
    func intern(_ text: String) -> Symbol {
        let key = Label(text, "")
        if let id = ids[key] { return Symbol(id: id) }
        if let symbol = base.find(text) { return symbol }
        let id = Symbol.overlayBase + UInt32(texts.count)
        ids[key] = id
        texts.append(text)
        textBytes += text.utf8.count
        return Symbol(id: id)
    }

    /// The symbols of `names`, ordered and without duplicates.
    func intern(names: [String]) -> [Symbol] { Set(names.map { intern($0) }).sorted() }

    /// The text of a symbol of either table.
    func text(_ symbol: Symbol) -> String {
        if symbol.id >= Symbol.overlayBase { return texts[Int(symbol.id - Symbol.overlayBase)] }
        return base.text(symbol)
    }

    /// The texts of many symbols, with one lock of the store's table.
    func texts(_ symbols: [Symbol]) -> [String] {
        var found = base.texts(symbols.map { $0.id >= Symbol.overlayBase ? .empty : $0 })
        for (index, symbol) in symbols.enumerated() where symbol.id >= Symbol.overlayBase {
            found[index] = texts[Int(symbol.id - Symbol.overlayBase)]
        }
        return found
    }

    /// The readable form of a label set.
    func labels(_ pairs: some Collection<SymbolPair>) -> Labels {
        let names = texts(pairs.map(\.name))
        let values = texts(pairs.map(\.value))
        return Labels(zip(names, values).map { Label($0, $1) })
    }

    /// The readable forms of many label sets. Names are put in order once for all of them.
    func labels(of series: some Sequence<Int>, in labels: SeriesLabels) -> [Labels] {
        let rows = series.map { labels.pairs(of: $0) }
        let names = Set(rows.joined().map(\.name))
        let ordered = names.map { ($0, text($0)) }.sorted { $0.1.precedesByBytes($1.1) }
        var ranks: [Symbol: Int] = [:]
        for (rank, (symbol, _)) in ordered.enumerated() { ranks[symbol] = rank }
        var known: [Symbol: String] = [:]
        return rows.map { row in
            let ranked = row.map { (rank: ranks[$0.name] ?? 0, value: $0.value) }.sorted { $0.rank < $1.rank }
            return Labels(
                alreadySorted: ranked.map { rank, value in
                    if let text = known[value] { return Label(ordered[rank].1, text) }
                    let text = text(value)
                    known[value] = text
                    return Label(ordered[rank].1, text)
                })
        }
    }

    /// Interns a label set; the pairs come ordered by name symbol.
    func pairs(_ labels: Labels) -> [SymbolPair] {
        labels.map { SymbolPair(intern($0.name), intern($0.value)) }.sorted { $0.name < $1.name }
    }
}
