import Model
import TestSupport
import Testing

@testable import TSDB

@Suite("Label sets of a group") struct GroupLabelsTests {
    /// A histogram per destination and direction, as a proxy has them.
    private static func histograms(_ destinations: Int, buckets: Int = 26) -> [Labels] {
        (0..<destinations).flatMap { destination in
            let direction = destination % 2 == 0 ? "inbound" : "outbound"
            return (0..<buckets).map { bucket -> Labels in
                [
                    "__name__": "response_latency_ms_bucket", "direction": direction,
                    "dst_pod": "web-\(destination)", "job": "linkerd-proxy", "le": "\(bucket).0",
                ]
            }
        }
    }

    @Test("each set has its column, whether lists are found by table or the table is made anew")
    func columns() {
        for seed in 1...20 as ClosedRange<UInt64> {
            var random = SeededGenerator(seed: seed)
            let symbols = SymbolTable()
            var group = GroupLabels()
            var sets: [Labels] = []
            for set in Self.histograms(8).shuffled(using: &random) {
                let column = group.append(symbols.pairs(set), set, hash: set.textHash)
                #expect(column == sets.count, "seed \(seed)")
                sets.append(set)
                if random.chance(10) { group.shrinkToFit() }
            }
            for (column, set) in sets.enumerated() {
                let pairs = symbols.pairs(set)
                #expect(group.find(pairs, hash: set.textHash) == column, "seed \(seed)")
                #expect(group.columns.pairs(of: column) == pairs, "seed \(seed)")
            }
            let absent: Labels = ["__name__": "up"]
            #expect(group.find(symbols.pairs(absent), hash: absent.textHash) == nil)
        }
    }

    @Test("a search for a set that is not there ends, however few columns there are")
    func absence() {
        for count in 1...20 {
            let symbols = SymbolTable()
            var group = GroupLabels()
            for set in Self.histograms(1, buckets: count) {
                _ = group.append(symbols.pairs(set), set, hash: set.textHash)
            }
            group.shrinkToFit()
            for hash in 0..<100 as Range<UInt64> {
                #expect(group.find(symbols.pairs(["a": "b"]), hash: hash &* 0x0101_0101) == nil)
            }
        }
    }

    @Test("what columns have in common is kept once")
    func sharing() {
        let symbols = SymbolTable()
        var group = GroupLabels()
        let sets = Self.histograms(16)
        group.prepare(for: sets.map { symbols.pairs($0) })
        for set in sets { _ = group.append(symbols.pairs(set), set, hash: set.textHash) }
        // A list per destination, and one tail per bound for all of them.
        #expect(group.columns.shared.count == 16)
        #expect(group.columns.tails.count == 26)
    }

    @Test("a label is shared as long as the combinations stay below a sixteenth of the columns")
    func choice() {
        let symbols = SymbolTable()
        func shared(_ sets: [Labels]) -> Set<String> {
            Set(symbols.texts(CommonLabelPicker.choose(of: sets.map { symbols.pairs($0) })))
        }
        let sets = Self.histograms(16)
        #expect(shared(sets) == ["__name__", "direction", "dst_pod", "job"])
        #expect(shared(Self.histograms(17, buckets: 15)) == ["__name__", "direction", "job"])
        // Absence is a value, too.
        let half = sets.enumerated().map { $0.offset % 2 == 0 ? $0.element : $0.element.dropping("job") }
        #expect(!shared(half).contains("dst_pod") && shared(half).contains("job"))
    }
}
