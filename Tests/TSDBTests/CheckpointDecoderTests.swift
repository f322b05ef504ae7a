import Model
import TestSupport
import Testing

@testable import TSDB

@Suite("Slices of open rows") struct RowSliceTests {
    /// The cells after each of some rows with everything that can happen to a cell, as the whole rows are decoded.
    @Test("a decoder has the cells that whole rows give, from wherever it comes", arguments: 0..<60)
    func decoders(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var head = HeadRows()
        func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }
        let columns = 1 + below(300)
        head.chains = BucketChains(random: &random, columns: columns)
        var values = (0..<columns).map { _ in Double(below(50)) }
        var states: [RowState] = []
        for row in 0..<40 {
            let width = row < 20 ? max(1, columns / 2) : columns
            var sample = SampleRow(time: Int64(row), columnCount: width)
            for column in 0..<width {
                if below(4) == 0 { values[column] += Double(below(9)) }
                if seed % 3 > 0 {
                    switch below(200) {
                    case 0: values[column] = 0.5 * Double(below(9))
                    case 1: values[column] = 9_007_199_254_740_990
                    case 2: values[column] = -Double(below(9))
                    case 3: continue
                    case 4: values[column] = Double(bitPattern: SpecialValue.staleBits)
                    case 5: values[column] = Double(below(50))
                    default: break
                    }
                }
                sample.set(column, to: values[column])
                if values[column].isStaleMarker { values[column] = 7 }
            }
            _ = head.append(sample, columnCount: width, absolute: row % 10 == 0)
            states.append(head.state)
        }
        for _ in 0..<20 {
            let wanted = (0..<columns).filter { _ in below(40) == 0 }
            var decoder = CheckpointDecoder(ColumnMask(wanted, head.chains))
            for _ in 0..<8 {
                let row = below(40)
                var snapshot = CellSnapshot()
                try decoder.move(to: row, in: head)
                decoder.cells.read(wanted, into: &snapshot)
                for (index, column) in wanted.enumerated() {
                    #expect(snapshot[index] == states[row][column], "row \(row), column \(column) of \(wanted)")
                }
                let some = wanted.filter { _ in below(2) == 0 }
                #expect(decoder.cells.words.covers(ColumnMask(some, head.chains)))
                decoder.cells.read(some, into: &snapshot)
                for (index, column) in some.enumerated() {
                    #expect(snapshot[index] == states[row][column], "row \(row), column \(column) of \(some)")
                }
            }
        }
    }

    @Test("a row that brings many columns and has a series end at its beginning is read, too")
    func manyColumnsAtOnce() throws {
        var head = HeadRows()
        for _ in 0..<2_000 { head.chains.append(0) }
        var states: [RowState] = []
        for row in 0..<3 {
            let width = row == 0 ? 3 : 2_000
            var sample = SampleRow(time: Int64(row), columnCount: width)
            for column in 0..<width { sample.set(column, to: Double(row + column)) }
            if row == 1 { sample.set(1, to: SpecialValue.stale) }
            _ = head.append(sample, columnCount: width, absolute: row == 0)
            states.append(head.state)
        }
        let wanted = [0, 1, 2]
        for row in 0..<3 {
            var decoder = CheckpointDecoder(ColumnMask(wanted, head.chains))
            var snapshot = CellSnapshot()
            try decoder.move(to: row, in: head)
            decoder.cells.read(wanted, into: &snapshot)
            for column in wanted { #expect(snapshot[column] == states[row][column], "row \(row), column \(column)") }
        }
    }
}
