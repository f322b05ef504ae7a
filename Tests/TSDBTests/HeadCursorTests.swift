import Model
import Testing

@testable import TSDB

@Suite("Kept places in open rows") struct HeadCursorTests {
    /// Two counters; with `breaks`, all columns end and begin again every twenty rows.
    private func head(rows: Int, breaks: Bool) -> HeadRows {
        var head = HeadRows()
        for _ in 0..<100 { head.chains.append(0) }
        for row in 0..<rows {
            var sample = SampleRow(time: Int64(row), columnCount: 100)
            for column in 0..<100 where !(breaks && row % 20 == 19) { sample.set(column, to: Double(row + column)) }
            _ = head.append(sample, columnCount: 100, absolute: row % 60 == 0)
        }
        return head
    }

    @Test("six places are kept, twelve where there are breaks, each with its row's cells", arguments: [false, true])
    func bounded(breaks: Bool) throws {
        let head = head(rows: 200, breaks: breaks)
        let cursor = HeadCursor()
        let words = ColumnMask([3], head.chains)
        for row in [150, 20, 199, 60, 61, 180, 7, 90, 150, 151, 33, 120, 0, 199] where !breaks || row % 20 != 19 {
            let cells = try #require(try cursor.cells(at: row, words, in: head))
            var snapshot = CellSnapshot()
            cells.read([3], into: &snapshot)
            #expect(Double(bitPattern: snapshot.numbers[0]) == Double(row + 3), "row \(row)")
        }
        #expect(cursor.count == (breaks ? 12 : 6))
    }

    @Test("what nobody asked for between two trims is given back") func trim() throws {
        let head = head(rows: 100, breaks: false)
        let cursor = HeadCursor()
        let words = ColumnMask([3], head.chains)
        _ = try cursor.cells(at: 50, words, in: head)
        cursor.trim()
        #expect(cursor.count > 0)
        _ = try cursor.cells(at: 51, words, in: head)
        cursor.trim()
        #expect(cursor.count > 0)
        cursor.trim()
        #expect(cursor.count == 0)
    }
}
