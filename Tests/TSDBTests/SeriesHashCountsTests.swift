import TestSupport
import Testing

@testable import TSDB

@Suite("Counting label set hashes")
struct HashCountsTests {
    @Test("counts as a dictionary does through additions and removals", arguments: 1...20)
    func differential(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var counts = SeriesHashCounts()
        var oracle: [UInt64: Int] = [:]
        // Few distinct places, so that searches run into one another and around the end of the table.
        let hashes: [UInt64] = (0..<60).map { number in
            let index = UInt64(number % 12)
            let level = UInt64(number / 12)
            return 0xfff8 + index + level << 20
        }
        for step in 0..<4_000 {
            let hash = hashes[Int.random(in: 0..<hashes.count, using: &generator)]
            if Int.random(in: 0..<5, using: &generator) < (step / 500 % 2 == 0 ? 3 : 1) {
                oracle[hash, default: 0] += 1
                #expect(counts.add(hash) == oracle[hash])
            } else {
                let wanted = max(0, (oracle[hash] ?? 0) - 1)
                oracle[hash] = wanted
                #expect(counts.remove(hash) == wanted)
            }
        }
    }

    @Test("counts nothing for what was never added")
    func unknown() {
        var counts = SeriesHashCounts()
        #expect(counts.remove(7) == 0)
        #expect(counts.add(7) == 1)
        #expect(counts.remove(8) == 0)
        #expect(counts.remove(7) == 0)
    }
}
