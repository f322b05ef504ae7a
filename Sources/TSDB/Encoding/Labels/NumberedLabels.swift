import Model

/// Label sets whose texts are numbered, so that many sets of few texts are worked with by numbers.
struct NumberedLabels {
    /// The numbers of a label's texts.
    struct Pair {
        var name: UInt32
        var value: UInt32
    }

    /// The distinct texts.
    var texts: [String] = []
    /// The labels of all sets, one set after the other.
    private var pairs: [Pair] = []
    /// Where each set begins in `pairs`; one entry more than there are sets.
    private var starts: [Int] = [0]

    /// Number of sets.
    var count: Int { starts.count - 1 }

    /// Whether a label may stand behind another one, or begin a set.
    func mayFollow(_ pair: Pair, _ last: Pair?) -> Bool {
        if texts[Int(pair.value)].isEmpty { return false }
        return last.map { texts[Int($0.name)].precedesByBytes(texts[Int(pair.name)]) } ?? true
    }

    /// Adds a set, each of whose labels may follow the one before.
    mutating func append(_ set: [Pair]) {
        pairs += set
        starts.append(pairs.count)
    }

    /// One set in its readable form. Allocates.
    subscript(set: Int) -> Labels {
        let own = pairs[starts[set]..<starts[set + 1]]
        return Labels(alreadySorted: own.map { Label(texts[Int($0.name)], texts[Int($0.value)]) })
    }

    /// One set by the symbols of its texts, ordered by name symbol, and its `Labels.textHash`.
    func interned(_ set: Int, _ texts: InternedTexts) -> (pairs: [SymbolPair], hash: UInt64) {
        var hash = WordHash()
        var out: [SymbolPair] = []
        out.reserveCapacity(starts[set + 1] - starts[set])
        for pair in pairs[starts[set]..<starts[set + 1]] {
            let (name, value) = (Int(pair.name), Int(pair.value))
            hash.combine(texts.hashes[name])
            hash.combine(texts.hashes[value])
            out.append(SymbolPair(texts.symbols[name], texts.symbols[value]))
        }
        out.sort { $0.name < $1.name }
        return (out, hash.value)
    }
}

/// Texts as symbols, with the hash of each.
struct InternedTexts {
    /// The symbols.
    let symbols: [Symbol]
    /// `textHash` of each.
    let hashes: [UInt64]

    /// Interns the texts of label sets.
    init(_ labels: NumberedLabels, in table: SymbolTable) {
        symbols = labels.texts.map { table.intern($0) }
        hashes = labels.texts.map(\.textHash)
    }
}
