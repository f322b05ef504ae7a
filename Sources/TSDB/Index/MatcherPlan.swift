import Model

/// The matchers of one request, resolved against one copy of the index: which groups can match at all, and which of
/// a group's columns do.
struct MatcherPlan {
    /// One matcher as symbols.
    private struct Test {
        /// The label's name; `nil` when no series has the label.
        var name: Symbol?
        /// Values that pass.
        var passing: Passing
        /// Whether a series without the label passes.
        var passesEmpty: Bool

        @inline(__always) func passes(_ value: Symbol) -> Bool {
            value == .empty ? passesEmpty : passing.contains(value)
        }
    }

    private enum Passing {
        case only(Symbol)
        case allBut(Symbol)
        case listed(Set<Symbol>)

        @inline(__always) func contains(_ value: Symbol) -> Bool {
            switch self {
            case .only(let one): value == one
            case .allBut(let one): value != one
            case .listed(let all): all.contains(value)
            }
        }
    }

    private let tests: [Test]
    /// Slots of the groups that may match, rising.
    let slots: [Int]

    /// Resolves the matchers. Patterns are tried once per distinct value of their label.
    init(_ matchers: [Matcher], _ view: IndexView) {
        var tests: [Test] = []
        var candidates: [UInt32]?
        for matcher in matchers {
            let name = view.symbols.find(matcher.name)
            let values = name.flatMap { view.postings[$0] } ?? [:]
            let passing = Self.passing(matcher, values, view.symbols)
            let test = Test(name: values.isEmpty ? nil : name, passing: passing, passesEmpty: matcher.matchesEmpty)
            tests.append(test)
            if test.passesEmpty { continue }
            var slots: Set<UInt32> = []
            switch passing {
            case .only(let value): slots.formUnion(values[value] ?? [])
            default: for (value, list) in values where passing.contains(value) { slots.formUnion(list) }
            }
            candidates = candidates.map { $0.filter { slots.contains($0) } } ?? slots.sorted()
        }
        self.tests = tests
        slots = candidates.map { $0.map { Int($0) } } ?? Array(view.entries.indices)
    }

    private static func passing(
        _ matcher: Matcher, _ values: [Symbol: [UInt32]], _ symbols: SymbolTable
    ) -> Passing {
        switch matcher.kind {
        case .equal: return symbols.find(matcher.value).map { .only($0) } ?? .listed([])
        case .notEqual: return symbols.find(matcher.value).map { .allBut($0) } ?? .allBut(.empty)
        case .regex, .notRegex:
            if let accepted = matcher.acceptedValues {
                return .listed(Set(accepted.compactMap { symbols.find($0) }))
            }
            let all = Array(values.keys)
            let texts = symbols.texts(all)
            return .listed(Set(zip(all, texts).filter { matcher.matches($0.1) }.map(\.0)))
        }
    }

    /// The matching columns of a group, rising. Labels of the shared level are tested once per list.
    func columns(of labels: ColumnLabels) -> [Int] {
        // Per shared list the tests that the tail must decide; `nil` when the list fails one already.
        let open: [[Test]?] = labels.shared.map { list in
            var open: [Test] = []
            for test in tests {
                guard let name = test.name else {
                    if test.passesEmpty { continue }
                    return nil
                }
                if let pair = list.first(where: { $0.name == name }) {
                    if !test.passes(pair.value) { return nil }
                } else {
                    open.append(test)
                }
            }
            return open
        }
        var out: [Int] = []
        for column in 0..<labels.count {
            guard let open = open[Int(labels.sharedIndex[column])] else { continue }
            let tail = Int(labels.tailStart[column])..<Int(labels.tailStart[column + 1])
            if Self.passes(open, labels.tails, tail) { out.append(column) }
        }
        return out
    }

    @inline(__always)
    private static func passes(_ tests: [Test], _ tails: [SymbolPair], _ tail: Range<Int>) -> Bool {
        for test in tests {
            var value = Symbol.empty
            for place in tail where tails[place].name == test.name {
                value = tails[place].value
                break
            }
            if !test.passes(value) { return false }
        }
        return true
    }
}
