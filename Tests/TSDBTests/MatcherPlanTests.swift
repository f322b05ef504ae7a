import Model
import TestSupport
import Testing

@testable import TSDB

@Suite("Matchers against the columns of a group") struct MatcherPlanTests {
    private static let names = ["__name__", "le", "pod", "zone"]

    private static func label(_ random: inout SeededGenerator) -> String {
        ["", "a", "b", "ab", "c"].randomElement(using: &random) ?? ""
    }

    private static func matcher(_ random: inout SeededGenerator) throws -> Matcher {
        let kind = [Matcher.Kind.equal, .notEqual, .regex, .notRegex].randomElement(using: &random) ?? .equal
        let isRegex = kind == .regex || kind == .notRegex
        let value = isRegex ? ["a|b", "a.*", ".*", "", "[^c]+"].randomElement(using: &random) ?? "" : label(&random)
        // Some labels that no series has.
        return try Matcher(kind, (names + ["none"]).randomElement(using: &random) ?? "", value)
    }

    @Test("the columns are those whose label set passes every matcher, of which there may be more than bits in a word")
    func naive() throws {
        var found = 0
        for seed in 1...300 as ClosedRange<UInt64> {
            var random = SeededGenerator(seed: seed)
            var view = IndexView()
            var group = GroupLabels()
            var sets: [Labels] = []
            for _ in 0..<60 {
                let set = Labels(Self.names.map { Label($0, Self.label(&random)) })
                if sets.contains(set) { continue }
                let pairs = view.symbols.pairs(set)
                _ = group.append(pairs, set, hash: set.textHash)
                for pair in pairs { view.postings.add(pair, 0) }
                sets.append(set)
            }
            let own = try (0..<Int.random(in: 0...3, using: &random)).map { _ in try Self.matcher(&random) }
            let repeats = seed % 3 == 0 ? 70 : 1
            let matchers = own + (0..<repeats).flatMap { _ in own }
            let expected = sets.indices.filter { column in matchers.allSatisfy { $0.matches(sets[column][$0.name]) } }
            let columns = MatcherPlan(matchers, view).columns(of: group.columns)
            #expect(columns == expected, "seed \(seed): \(matchers)")
            found += columns.count
        }
        #expect(found > 1_000)
    }

    @Test("the sixty-fourth matcher counts")
    func last() throws {
        var view = IndexView()
        var group = GroupLabels()
        for pod in ["a", "b"] {
            let set: Labels = ["__name__": "up", "pod": pod]
            let pairs = view.symbols.pairs(set)
            _ = group.append(pairs, set, hash: set.textHash)
            for pair in pairs { view.postings.add(pair, 0) }
        }
        let name = Matcher(name: LabelName.metricName, equals: "up")
        let pod = Matcher(name: "pod", equals: "b")
        for count in 60...66 {
            let matchers = Array(repeating: name, count: count) + [pod]
            #expect(MatcherPlan(matchers, view).columns(of: group.columns) == [1], "\(count)")
        }
    }
}
