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
        let rows = head.marks.map { Int($0.offset) } + [head.bytes.count]
        // absolute + columns, time 1000, 4 columns, mask byte 0 = 7; +5; xor of 0.5; xor of -0.
        #expect(hex(head.bytes[rows[0]..<rows[1]]) == "05 d0 0f 04 01 07 0f 03 62 e0 3f 03 71 80")
        // plain, +1000; columns 0 and 2: +2, stale.
        #expect(hex(head.bytes[rows[1]..<rows[2]]) == "00 e8 07 01 05 09 02")
        // outcome 1503, +1500: all three absent.
        #expect(hex(head.bytes[rows[2]...]) == "02 dc 0b df 0b 01 07 00 00 00")
    }

    @Test("a chunk has the bytes of the format description") func goldenChunk() throws {
        let bytes = try ChunkSealer.seal(head())
        let expected =
            "48 01 00 03 04 d0 0f d0 0f e8 07 00 02 df 0b 01 03 07 05 00 "  // head, times, outcomes, lengths
            + "0f 09 00 " + "03 62 e0 3f 05 01 00 " + "03 71 80 02 00"
        #expect(hex(bytes) == expected)
        let chunk = try Chunk(bytes)
        #expect(chunk.times == [1_000, 2_000, 3_500])
        #expect(chunk.outcomes == [0, 0, 1_503])
        #expect(chunk.columnCount == 4)
        #expect(!chunk.isPopulated(3))
        #expect(!chunk.isPopulated(99))
    }

    @Test("loose samples keep bits, histograms and start times") func looseRoundTrip() throws {
        var run = SeriesRun()
        var histogram = FloatHistogram()
        histogram.sum = SpecialValue.stale
        histogram.customValues = [1, 2.5]
        histogram.schema = FloatHistogram.customSchema
        run.insert(.init(.min, .float(-0.0), start: 0))
        run.insert(.init(.max, .histogram(histogram), start: .min))
        run.insert(.init(7, .float(Double(bitPattern: 0x7ff8_dead_beef_0001)), start: 3))
        let chunk = try LooseChunk(LooseChunk.encode([(column: 3, run: run), (column: 9, run: run)]))
        let back = try chunk.run(of: 9)
        #expect(back.times == [.min, 7, .max])
        #expect(back.bits == [(-0.0).bitPattern, 0x7ff8_dead_beef_0001, 0])
        #expect(back.starts == [0, 3, .min])
        #expect(back.histograms.map(\.place) == [2])
        #expect(HistogramCodec.encoded(back.histograms[0].histogram) == HistogramCodec.encoded(histogram))
        #expect(try chunk.run(of: 4).count == 0)
    }

    @Test("label sets survive, in any order and with canonically equal texts") func labels() throws {
        let sets: [Labels] = [
            ["a": "1", "b": "2"], ["a": "1", "b": "3", "c": "x"], ["a": "1"], ["e\u{301}": "1", "\u{e9}": "2"], [:],
        ]
        let bytes = LabelBatch.encode(sets)
        var cursor = ByteCursor(bytes.span)
        #expect(try LabelBatch.decode(bytes.span, &cursor) == sets)
    }
}
