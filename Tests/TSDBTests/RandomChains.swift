import TestSupport

@testable import TSDB

extension BucketChains {
    /// Chains of random lengths, some of them across a column.
    init(random: inout SeededGenerator, columns: Int) {
        self.init()
        var followed: Set<Int> = []
        for column in 0..<columns {
            let distance = random.chance(60) ? 1 : 2
            let predecessor = column - distance
            if predecessor >= 0, random.chance(80), followed.insert(predecessor).inserted {
                append(distance)
            } else {
                append(0)
            }
        }
    }
}
