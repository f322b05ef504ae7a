import Model
import TestSupport
import Testing

@testable import TSDB

@Suite("Irregular steps of open rows") struct ResetIndexTests {
    /// Rows of 1,000 series, of which `gauges` fall in every other row; `odd` may change a row.
    private static func head(
        rows: Int, gauges: Int = 0, _ odd: (Int, inout SampleRow) -> Void = { _, _ in }
    ) -> HeadRows {
        var head = HeadRows()
        for _ in 0..<1_000 { head.chains.append(0) }
        for row in 0..<rows {
            var sample = SampleRow(time: Int64(row), columnCount: 1_000)
            for column in 0..<1_000 { sample.set(column, to: Double(column < gauges ? row % 2 : row)) }
            odd(row, &sample)
            _ = head.append(sample, columnCount: 1_000, absolute: row % 30 == 0)
        }
        return head
    }

    @Test("a failed scrape and a restart are breaks, not steps of each column")
    func breaks() {
        let steps = Self.head(rows: 90) { row, sample in
            if row == 20 || row == 21 {
                sample.reset(time: Int64(row), columnCount: 1_000)
                if row == 20 { for column in 0..<1_000 { sample.set(column, to: SpecialValue.stale) } }
            }
            if row == 60 { for column in 0..<1_000 { sample.set(column, to: 0) } }
        }.resets
        #expect(steps.breaks == [20, 21, 22, 60])
        #expect(steps.steps.isEmpty)
        let marked = (0..<1_000).filter { steps.isMarked($0) }
        #expect(marked.isEmpty)
        let all: [Range<Int>] = [0..<20, 20..<21, 21..<22, 22..<60, 60..<90]
        #expect(steps.parts(of: 0..<90) == all)
        let some: [Range<Int>] = [20..<21, 21..<22, 22..<60]
        #expect(steps.parts(of: 20..<60) == some)
        #expect(steps.parts(of: 30..<50).count == 1)
    }

    @Test("a restless gauge is marked, and what other columns do is still known")
    func gauges() {
        let steps = Self.head(rows: 200, gauges: 9) { row, sample in
            if row % 7 == 6 { sample.set(500 + row, to: 0) }
        }.resets
        for column in 0..<9 { #expect(steps.isMarked(column)) }
        let others = (9..<1_000).filter { steps.isMarked($0) }
        #expect(others.isEmpty)
        let rows = stride(from: UInt32(6), to: 200, by: 7)
        #expect(steps.steps.map(\.row) == Array(rows))
    }

    @Test("steps stay within their limit whatever happens", arguments: [1, 20, 63, 64, 65, 500])
    func limit(count: Int) {
        var random = SeededGenerator(seed: UInt64(count))
        let steps = Self.head(rows: 300) { _, sample in
            for _ in 0..<count { sample.set(Int.random(in: 0..<1_000, using: &random), to: 0) }
        }.resets
        #expect(steps.steps.count <= 256 + 1_024 / 4)
        #expect(steps.breaks.count < 300)
    }
}
