import Model

/// The matchers of one request, resolved against one copy of the index: which groups can match at all, and which of
/// a group's columns do.
struct MatcherPlan {
    /// One matcher as symbols.
    private struct Test {
        /// The label's name; `.empty` when no series has the label.
        var name: Symbol
        var passing: Passing
        /// Whether a series without the label passes.
        var passesEmpty: Bool
    }

    /// Values that pass. Plain numbers, so that testing a column counts no references.
    private enum Passing {
        case only(Symbol)
        case allBut(Symbol)
        /// Rising numbers of symbols, by their places in `listed`.
        case listed(Range<Int>)
    }

    private let tests: [Test]
    private let listed: [UInt32]
    /// Slots of the groups that may match, rising.
    let slots: [Int]

    /// Resolves the matchers. Patterns are tried once per distinct value of their label.
    init(_ matchers: [Matcher], _ view: IndexView) {
        var tests: [Test] = []
        var listed: [UInt32] = []
        var candidates: [UInt32]?
        for matcher in matchers {
            let name = view.symbols.find(matcher.name)
            let values = name.flatMap { view.postings[$0] } ?? [:]
            let passing = Self.passing(matcher, values, view.symbols, &listed)
            let test = Test(
                name: values.isEmpty ? .empty : name ?? .empty, passing: passing, passesEmpty: matcher.matchesEmpty)
            tests.append(test)
            if test.passesEmpty { continue }
            let slots: [UInt32]
            if case .only(let value) = passing {
                slots = values[value] ?? []
            } else {
                var union: Set<UInt32> = []
                for (value, list) in values where Self.passes(value, passing, listed.span) { union.formUnion(list) }
                slots = union.sorted()
            }
            candidates = candidates.map { Self.intersection($0, slots) } ?? slots
        }
        self.tests = tests
        self.listed = listed
        slots = candidates.map { $0.map { Int($0) } } ?? Array(view.entries.indices)
    }

    private static func passing(
        _ matcher: Matcher, _ values: [Symbol: [UInt32]], _ symbols: SymbolTable, _ listed: inout [UInt32]
    ) -> Passing {
        let first = listed.count
        switch matcher.kind {
        case .equal:
            if let value = symbols.find(matcher.value) { return .only(value) }
        case .notEqual: return .allBut(symbols.find(matcher.value) ?? .empty)
        case .regex, .notRegex:
            if let accepted = matcher.acceptedValues {
                listed += Set(accepted.compactMap { symbols.find($0)?.id }).sorted()
            } else {
                let all = values.keys.sorted()
                listed += zip(all, symbols.texts(all)).filter { matcher.matches($0.1) }.map(\.0.id)
            }
        }
        return .listed(first..<listed.count)
    }

    /// What two rising lists have in common.
    private static func intersection(_ one: [UInt32], _ other: [UInt32]) -> [UInt32] {
        var out: [UInt32] = []
        var next = 0
        for slot in one {
            while next < other.count, other[next] < slot { next += 1 }
            if next < other.count, other[next] == slot { out.append(slot) }
        }
        return out
    }

    @inline(__always)
    private static func passes(_ value: Symbol, _ passing: Passing, _ listed: Span<UInt32>) -> Bool {
        switch passing {
        case .only(let one): value == one
        case .allBut(let one): value != one
        case .listed(let range): contains(value.id, listed, range)
        }
    }

    /// Binary search.
    private static func contains(_ value: UInt32, _ listed: Span<UInt32>, _ range: Range<Int>) -> Bool {
        var low = range.lowerBound
        var high = range.upperBound
        while low < high {
            let middle = (low &+ high) >> 1
            if listed[middle] < value { low = middle &+ 1 } else { high = middle }
        }
        return low < range.upperBound && listed[low] == value
    }

    @inline(__always)
    private static func passes(_ value: Symbol, _ test: Test, _ listed: Span<UInt32>) -> Bool {
        value == .empty ? test.passesEmpty : passes(value, test.passing, listed)
    }

    /// The matching columns of a group, rising. Labels of the shared level are tested once per list.
    func columns(of labels: ColumnLabels) -> [Int] {
        // Per shared list the tests that the tail must decide, by their places in `open`; `nil` when the list fails one.
        var open: [Test] = []
        var openOf: [Range<Int>?] = []
        openOf.reserveCapacity(labels.shared.count)
        for list in 0..<labels.shared.count {
            openOf.append(undecided(labels.shared.pairs.span, labels.shared.range(list), &open))
        }
        var out: [Int] = []
        for column in 0..<labels.count {
            guard let range = openOf[Int(labels.sharedIndex[column])] else { continue }
            let tail = labels.tails.range(Int(labels.tailIndex[column]))
            if Self.passes(labels.tails.pairs.span, tail, open.span, range, listed.span) { out.append(column) }
        }
        return out
    }

    @inline(__always)
    private static func passes(
        _ tails: Span<SymbolPair>, _ tail: Range<Int>, _ tests: Span<Test>, _ range: Range<Int>, _ listed: Span<UInt32>
    ) -> Bool {
        for place in range {
            let test = tests[place]
            var value = Symbol.empty
            for place in tail where tails[place].name == test.name { value = tails[place].value }
            if !passes(value, test, listed) { return false }
        }
        return true
    }

    /// The tests that a shared list leaves open; `nil` when it fails one.
    private func undecided(_ pairs: Span<SymbolPair>, _ list: Range<Int>, _ open: inout [Test]) -> Range<Int>? {
        let first = open.count
        for test in tests {
            if test.name == .empty {
                if test.passesEmpty { continue }
                return nil
            }
            var value = Symbol.empty
            for place in list where pairs[place].name == test.name { value = pairs[place].value }
            if value == .empty {
                open.append(test)
            } else if !Self.passes(value, test, listed.span) {
                return nil
            }
        }
        return first..<open.count
    }
}
