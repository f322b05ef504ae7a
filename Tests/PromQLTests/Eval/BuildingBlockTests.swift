import Model
import TestSupport
import Testing

@testable import PromQL

@Suite("Building blocks of the evaluator")
struct BuildingBlockTests {
    @Test("a compensated sum keeps what plain addition loses, and gives up at infinity")
    func sums() {
        var sum = CompensatedSum()
        for value in [1e100, 1, -1e100, 1] { sum.add(value) }
        #expect(sum.total == 2)
        for value in [Double.greatestFiniteMagnitude, .greatestFiniteMagnitude] { sum.add(value) }
        #expect(sum.sum == .infinity && sum.compensation == 0)
        var mean = CompensatedMean(first: 1e308)
        mean.add(1e308)
        mean.add(1e308)
        #expect(mean.mean == 1e308)
    }

    @Test("the set bits of a stretch are counted")
    func presence() {
        var random = SeededGenerator(seed: 15)
        var bits = PresenceBits(cellCount: 1_000)
        for cell in 0..<1_000 where random.chance(40) { bits[cell] = true }
        for _ in 0..<300 {
            let first = Int.random(in: 0...1_000, using: &random)
            let cells = first..<Int.random(in: first...1_000, using: &random)
            #expect(bits.count(in: cells) == cells.count { bits[$0] })
        }
        #expect(PresenceBits(cellCount: 128, all: true).count(in: 0..<128) == 128)
    }

    @Test("native histograms of a buffer are found by column, in time order")
    func histogramColumns() {
        var random = SeededGenerator(seed: 16)
        var buffer = ColumnBuffer()
        buffer.reset(columnCount: 7)
        #expect(HistogramColumns(buffer).indexes(of: 3).isEmpty)
        for row in 0..<50 {
            buffer.appendEmptyRow(Timestamp(row))
            for column in 0..<7 where column != 2 && random.chance(30) {
                buffer.histograms.append(.init(row: row, column: column, histogram: FloatHistogram()))
            }
        }
        let columns = HistogramColumns(buffer)
        for column in 0..<7 {
            let wanted = buffer.histograms.indices.filter { buffer.histograms[$0].column == column }
            #expect(Array(columns.indexes(of: column)) == wanted)
        }
    }

    @Test("a join knows results that come twice, of one signature or of several")
    func twins() {
        var taken = StepResults(signatureCount: 3)
        for step in 0..<3 {
            taken.begin(step)
            #expect(!taken.has(signature: 1))
            let notes = [(5, 1), (5, 1), (5, 2), (5, 2), (4, 1)].map { taken.note($0.0, signature: $0.1) }
            #expect(notes == [true, false, true, false, true])
            #expect(taken.has(signature: 1))
            taken.putOut(5)
            taken.putOut(4)
            #expect(!taken.hasTwins)
        }
        taken.putOut(4)
        #expect(taken.hasTwins)
    }

    @Test("signatures are equal exactly when the projected label sets are")
    func signatures() {
        var random = SeededGenerator(seed: 7)
        var columns = ColumnLabels()
        var sets: [[SymbolPair]] = []
        for list in 0..<5 {
            let index = columns.addShared([SymbolPair(Symbol(id: 10), Symbol(id: UInt32(20 + list)))])
            for _ in 0..<100 {
                let tail = (11..<14).filter { _ in Bool.random(using: &random) }.map {
                    SymbolPair(Symbol(id: $0), Symbol(id: .random(in: 30..<32, using: &random)))
                }
                columns.append(shared: index, tail: columns.addTail(tail))
                sets.append(columns.pairs(of: columns.count - 1))
            }
        }
        let names = [Symbol(id: 10), Symbol(id: 12)]
        for (projection, keeps) in [(LabelProjection.only(names), true), (.except(names), false)] {
            var table = SignatureTable()
            let groups = table.add(SeriesLabels(columns), projection)
            let wanted = sets.map { set in set.filter { names.contains($0.name) == keeps } }
            for one in stride(from: 0, to: sets.count, by: 7) {
                for other in sets.indices {
                    #expect((groups[one] == groups[other]) == (wanted[one] == wanted[other]))
                }
                #expect(table.pairs(of: groups[one]) == wanted[one])
            }
        }
    }

    @Test("texts made by a query have numbers of their own, texts of the store keep theirs")
    func overlay() {
        let table = SymbolTable()
        let known = table.intern("known")
        let overlay = SymbolOverlay(base: table)
        #expect(overlay.intern("known") == known)
        let made = overlay.intern("made")
        #expect(made.id >= Symbol.overlayBase)
        _ = table.intern("made")
        #expect(overlay.intern("made") == made)
        #expect(overlay.text(made) == "made" && overlay.text(known) == "known")
    }

    @Test(
        "numbers are read as Go reads them",
        arguments: [
            ("1e3", 1000.0), ("+Inf", .infinity), ("-inf", -.infinity), ("0x1p-2", 0.25), (".5", 0.5), ("", nil),
            ("1e999", nil), ("five", nil), ("1_0", nil), (" 1", nil), ("infinity", .infinity),
        ] as [(String, Double?)])
    func numbers(_ text: String, _ value: Double?) {
        #expect(GoFormat.parse(text) == value)
    }

    @Test("calendar parts of times far away and of no number at all do not trap")
    func calendar() {
        #expect(CivilTime(seconds: 951_782_400).day == 29)
        #expect(CivilTime(seconds: -1).hour == 23)
        for seconds in [Double.nan, .infinity, -.infinity, 1e300, -1e300] {
            let time = CivilTime(seconds: seconds)
            #expect((1...12).contains(time.month) && (1...31).contains(time.day) && (0...6).contains(time.dayOfWeek))
        }
    }

    @Test("the hash of limit_ratio is the 64-bit xxHash")
    func hash() {
        #expect(XXHash64.hash([]) == 0xef46_db37_51d8_e999)
        #expect(XXHash64.hash(Array("abc".utf8)) == 0x44bc_2cf5_ad77_0999)
        #expect(XXHash64.hash(Array("Nobody inspects the spammish repetition".utf8)) == 0xfbce_a83c_8a37_8bf1)
    }
}
