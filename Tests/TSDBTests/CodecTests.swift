import Model
import TestSupport
import Testing

@testable import TSDB

/// Layouts that files of older versions depend on, and decoding of what never was a chunk.
@Suite("Codec") struct CodecTests {
    private func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
    }

    private func head() -> HeadRows {
        var head = HeadRows()
        for _ in 0..<4 { head.chains.append(0) }
        var row = SampleRow(time: 1_000, columnCount: 4)
        row.set(0, to: 5)
        row.set(1, to: 0.5)
        row.set(2, to: -0.0)
        _ = head.append(row, columnCount: 4, absolute: true)
        row.reset(time: 2_000, columnCount: 4)
        row.set(0, to: 7)
        row.set(1, to: 0.5)
        row.set(2, to: SpecialValue.stale)
        _ = head.append(row, columnCount: 4, absolute: false)
        row.reset(time: 3_500, outcome: .httpStatus(503), columnCount: 4)
        _ = head.append(row, columnCount: 4, absolute: false)
        return head
    }

    @Test("a row has the bytes of the format description") func goldenRow() {
        let head = head()
        // absolute + columns, time 1000, 4 columns, mask byte 0 = 7; +5; xor of 0.5; xor of -0.
        #expect(hex(head.bytes(of: 0)) == "05 d0 0f 04 01 07 0f 03 62 e0 3f 03 71 80")
        // plain, +1000; columns 0 and 2: +2, stale.
        #expect(hex(head.bytes(of: 1)) == "00 e8 07 01 05 09 02")
        // outcome 1503, +1500: all three absent.
        #expect(hex(head.bytes(of: 2)) == "02 dc 0b df 0b 01 07 00 00 00")
    }

    @Test("a chunk has the bytes of the format description") func goldenChunk() throws {
        let bytes = try ChunkSealer.seal(head(), rowCount: 3)
        let expected =
            // Head, times, outcomes; patterns; directory; the block.
            "48 03 00 03 04 d0 0f d0 0f e8 07 00 02 df 0b 01 " + "02 01 02 00 01 01 01 02 01 00 01 " + "01 04 15 "
            + "0c b0 19 6d 30 c5 fc d4 e2 ec 00 00 00 00 00 00 00 60 cb e3 00"
        #expect(hex(bytes) == expected)
        let chunk = try Chunk(bytes)
        #expect(chunk.times == [1_000, 2_000, 3_500])
        #expect(chunk.outcomes == [0, 0, 1_503])
        #expect(chunk.columnCount == 4)
        #expect(chunk.blocks.map(\.columns) == [0..<4])
        var reader = ColumnReader(chunk, head().chains)
        for (column, runs) in [[(0, 5), (1, 7)], [(0, 0.5)]].enumerated() {
            var found: [(Int, Double)] = []
            try reader.runs(of: column, in: 0..<3) { found.append(($0.rows.lowerBound, Double(bitPattern: $0.bits))) }
            #expect(found.map(\.0) == runs.map(\.0) && found.map(\.1) == runs.map(\.1))
        }
        try reader.runs(of: 3, in: 0..<3) { _ in Issue.record("a column without samples") }
        try reader.runs(of: 99, in: 0..<3) { _ in Issue.record("a column that is not there") }
    }

    /// Four buckets, `_sum` and `_count` of one histogram; an observation in the second bucket, then two in the last.
    private func histogram() -> HeadRows {
        var head = HeadRows()
        for distance in [0, 1, 1, 1, 0, 2] { head.chains.append(distance) }
        for (index, values) in [[3, 5, 5, 6, 71, 6], [3, 6, 6, 7, 80, 7], [3, 6, 6, 9, 99, 9]].enumerated() {
            var row = SampleRow(time: Int64(index), columnCount: 6)
            for (column, value) in values.enumerated() { row.set(column, to: Double(value)) }
            _ = head.append(row, columnCount: 6, absolute: false)
        }
        return head
    }

    @Test("an observation costs one token, not one per bucket") func chainedRow() throws {
        let head = histogram()
        // All six: +3, +2 more, nothing more, +1 more, +71, as the top bucket.
        #expect(hex(head.bytes(of: 0)) == "05 00 06 01 3f 0b 09 05 07 93 01 05")
        // The second bucket +1, the sum +9.
        #expect(hex(head.bytes(of: 1)) == "00 01 01 12 07 17")
        // The last bucket +2, the sum +19.
        #expect(hex(head.bytes(of: 2)) == "00 01 01 18 09 2b")
    }

    @Test("a sealed histogram reads as it was, whichever columns are asked for") func chainedChunk() throws {
        let head = histogram()
        let chunk = try Chunk(try ChunkSealer.seal(head, rowCount: 3))
        let expected: [[Double]] = [[3, 3, 3], [5, 6, 6], [5, 6, 6], [6, 7, 9], [71, 80, 99], [6, 7, 9]]
        for columns in [[0, 1, 2, 3, 4, 5], [3], [5], [1, 5], [0, 2, 4]] {
            for rows in [0..<3, 1..<2, 0..<1, 2..<3] {
                var reader = ColumnReader(chunk, head.chains)
                for column in columns {
                    var values: [Double] = []
                    try reader.runs(of: column, in: rows) { run in
                        values += repeatElement(Double(bitPattern: run.bits), count: run.rows.count)
                    }
                    #expect(values == Array(expected[column][rows]), "column \(column) of \(columns), rows \(rows)")
                }
            }
        }
    }

    @Test("a state of some words is right in them, also where a chain comes from the word before")
    func someWords() throws {
        var head = HeadRows()
        for column in 0..<200 { head.chains.append(column % 70 == 0 ? 0 : 1) }
        for time in 0..<9 {
            var row = SampleRow(time: Int64(time), columnCount: 200)
            for column in 0..<200 {
                let odd = column == 130 && time % 2 == 0
                row.set(column, to: odd ? 0.1 * Double(time) : Double(column + time * (column % 70 / 20)))
            }
            _ = head.append(row, columnCount: 200, absolute: time % 4 == 0)
        }
        var whole = CellSnapshot()
        var all = CheckpointDecoder(ColumnMask(Array(0..<200), head.chains))
        try all.move(to: 7, in: head)
        all.cells.read(Array(0..<200), into: &whole)
        for columns in [[3], [64], [69], [70, 130], [139, 140], [199]] {
            var decoder = CheckpointDecoder(ColumnMask(columns, head.chains))
            var snapshot = CellSnapshot()
            for row in [2, 7, 3] { try decoder.move(to: row, in: head) }
            try decoder.move(to: 7, in: head)
            decoder.cells.read(columns, into: &snapshot)
            for (position, column) in columns.enumerated() {
                #expect(snapshot[position] == whole[column], "column \(column) of \(columns)")
            }
        }
        #expect(whole[69] == Cell(kind: .value, number: (69 + 7.0 * 3).bitPattern))
        let words = ColumnMask([64], head.chains)
        #expect(words.list == [0, 1] && words.firsts == [0, 0] && !words.contains(0) && words.contains(1))
        #expect(ColumnMask([130], head.chains).list == [1, 2] && ColumnMask([130], head.chains).firsts == [6, 0])
    }

    @Test("samples with times of their own keep bits, histograms and start times") func seriesRoundTrip() throws {
        var run = SeriesRun()
        var histogram = FloatHistogram()
        histogram.sum = SpecialValue.stale
        histogram.customValues = [1, 2.5]
        histogram.schema = FloatHistogram.customSchema
        run.insert(.init(.min, .float(-0.0), start: 0))
        run.insert(.init(.max, .histogram(histogram), start: .min))
        run.insert(.init(7, .float(Double(bitPattern: 0x7ff8_dead_beef_0001)), start: 3))
        let chunk = try SeriesChunk(SeriesChunk.encode([(column: 3, run: run), (column: 9, run: run)]))
        let decoded = try chunk.run(of: 9)
        #expect(decoded.times == [.min, 7, .max])
        #expect(decoded.bits == [(-0.0).bitPattern, 0x7ff8_dead_beef_0001, 0])
        #expect(decoded.starts == [0, 3, .min])
        #expect(decoded.histograms.map(\.position) == [2])
        #expect(HistogramCodec.encoded(decoded.histograms[0].histogram) == HistogramCodec.encoded(histogram))
        #expect(try chunk.run(of: 4).count == 0)
    }

    @Test("label sets survive, in any order and with canonically equal texts") func labels() throws {
        let sets: [Labels] = [
            ["a": "1", "b": "2"], ["a": "1", "b": "3", "c": "x"], ["a": "1"], ["e\u{301}": "1", "\u{e9}": "2"], [:],
        ]
        let bytes = LabelBatch.encode(sets)
        var cursor = ByteCursor(bytes.span)
        let decoded = try LabelBatch.decode(bytes.span, &cursor)
        #expect((0..<decoded.count).map { decoded[$0] } == sets)
        let table = SymbolTable()
        let texts = InternedTexts(decoded, in: table)
        for (number, set) in sets.enumerated() {
            let (pairs, hash) = decoded.interned(number, texts)
            #expect(pairs == table.pairs(set) && hash == set.textHash)
        }
    }
}
