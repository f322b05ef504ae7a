import Model

/// The matchers of one request, resolved against one copy of the index. The posting lists of the matchers are intersected to the
/// groups that can match; then the label sets of their columns are tested, shared labels and tails each once.
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
        /// Rising numbers of symbols, as a range of indices of `listed`.
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
            let values = name.map { view.postings[$0] } ?? [:]
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

    /// The intersection of two sorted posting lists.
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

    /// The matching columns of a group, rising. Each shared list and each tail is tested once, however many columns have it.
    func columns(of labels: ColumnLabels) -> [Int] {
        var out = tests.isEmpty ? Array(0..<labels.count) : []
        for first in stride(from: 0, to: tests.count, by: Self.testsAtATime) {
            let some = first..<min(first + Self.testsAtATime, tests.count)
            let passing = columns(of: labels, some)
            out = first == 0 ? passing : out.filter(Set(passing).contains)
        }
        return out
    }

    /// Tests that have a bit in a word, where one more is free.
    private static let testsAtATime = 63
    /// What a shared list leaves to the tails when it fails a test: a bit that none has.
    private static let fails = UInt64(1) << 63

    /// The columns that pass some of the tests.
    private func columns(of labels: ColumnLabels, _ some: Range<Int>) -> [Int] {
        let shared = labels.shared.pairs.span
        let openOf = labels.shared.indices.map { left(by: shared, labels.shared.range($0), some) }
        var asked: UInt64 = 0
        for open in openOf where open != Self.fails { asked |= open }
        var out: [Int] = []
        if !openOf.contains(where: { $0 != Self.fails }) { return out }
        out.reserveCapacity(labels.count)
        let (sharedIndex, opens) = (labels.sharedIndex.span, openOf.span)
        if asked == 0 {
            for column in sharedIndex.indices where opens[Int(sharedIndex[column])] == 0 { out.append(column) }
            return out
        }
        let pairs = labels.tails.pairs.span
        let passedBy = labels.tails.indices.map { passed(by: pairs, labels.tails.range($0), some, asked) }
        let (tailIndex, passes) = (labels.tailIndex.span, passedBy.span)
        for column in sharedIndex.indices
        where opens[Int(sharedIndex[column])] & ~passes[Int(tailIndex[column])] == 0 {
            out.append(column)
        }
        return out
    }

    /// The tests, one bit each, that a shared list leaves to the tail; `fails` when it fails one itself.
    @inline(__always)
    private func left(by pairs: Span<SymbolPair>, _ list: Range<Int>, _ some: Range<Int>) -> UInt64 {
        var open: UInt64 = 0
        for (bit, test) in tests[some].enumerated() {
            if test.name == .empty {
                if test.passesEmpty { continue }
                return Self.fails
            }
            let value = Self.value(of: test.name, pairs, list)
            if value == .empty {
                open |= 1 &<< UInt64(bit)
            } else if !Self.passes(value, test, listed.span) {
                return Self.fails
            }
        }
        return open
    }

    /// The tests in `asked` that a tail passes, one bit each. The columns of the tail have none of the labels in their shared list.
    @inline(__always)
    private func passed(by pairs: Span<SymbolPair>, _ tail: Range<Int>, _ some: Range<Int>, _ asked: UInt64) -> UInt64 {
        var passed: UInt64 = 0
        for (bit, test) in tests[some].enumerated() where asked & (1 &<< UInt64(bit)) != 0 {
            if Self.passes(Self.value(of: test.name, pairs, tail), test, listed.span) { passed |= 1 &<< UInt64(bit) }
        }
        return passed
    }

    /// The value of a label in a list of pairs, `.empty` when absent.
    @inline(__always)
    private static func value(of name: Symbol, _ pairs: Span<SymbolPair>, _ list: Range<Int>) -> Symbol {
        for index in list where pairs[index].name == name { return pairs[index].value }
        return .empty
    }
}
