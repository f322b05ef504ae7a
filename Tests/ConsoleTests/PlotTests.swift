import Model
import PromQL
import Testing

@testable import Console

/// Drawings of answers in which steps are missing.
@Suite("Plots") struct PlotTests {
    /// Which columns of the drawing area have a dot.
    private static func columns(_ series: MatrixSeries, step: Milliseconds?) -> [Bool] {
        let plot = Plot(width: 56, height: 4)
        let rows = plot.lines([series], from: 0, through: 99_000, step: step).prefix(4).map {
            Array($0.split(separator: "┤", maxSplits: 1)[1])
        }
        return (0..<50).map { column in rows.contains { $0[column] != "\u{2800}" } }
    }

    /// A value each second but for those of the gap.
    private static func series(gap: Range<Int>) -> MatrixSeries {
        let times = (0..<100).filter { !gap.contains($0) }
        return MatrixSeries(labels: [:], times: times.map { Int64($0) * 1000 }, values: times.map(Double.init))
    }

    @Test("a line breaks where steps have no value") func gap() {
        let drawn = Self.columns(Self.series(gap: 40..<60), step: 1000)
        // Two steps a column; the first step after a gap is a dot of its own.
        #expect(drawn[..<20].allSatisfy { $0 })
        #expect(drawn[20..<30].allSatisfy { !$0 })
        #expect(drawn[30...].allSatisfy { $0 })
    }

    @Test("a line without gaps does not, nor does one of limits") func noGap() {
        #expect(Self.columns(Self.series(gap: 0..<0), step: 1000).allSatisfy { $0 })
        let limit = MatrixSeries(labels: [:], times: [0, 99_000], values: [1, 2])
        #expect(Self.columns(limit, step: nil).allSatisfy { $0 })
    }

    @Test("a lone point is drawn") func lonePoint() {
        let series = MatrixSeries(labels: [:], times: [0, 50_000, 99_000], values: [1, 2, 1])
        #expect(Self.columns(series, step: 1000).filter { $0 }.count == 3)
    }

    @Test("the small shape in a table leaves room for missing steps") func shape() {
        let series = MatrixSeries(labels: ["a": "b"], times: [0, 1000, 4000], values: [1, 2, 1])
        let line = ResultTable.lines(.matrix([series]), grid: (0, 1000)).last ?? ""
        #expect(line.hasSuffix("▁█  ▁"), "\(line)")
    }

    @Test("values and times of any size can be drawn") func ends() {
        let ends: [Timestamp] = [.min, .earliest, -1, 0, 1, .latest, .max]
        let values: [Double] = [
            -.greatestFiniteMagnitude, -1, 0, .leastNonzeroMagnitude, 1, .greatestFiniteMagnitude, .infinity,
        ]
        let series = MatrixSeries(labels: [:], times: ends, values: values)
        for start in ends {
            for end in ends {
                let lines = Plot(width: 20).lines([series], from: start, through: end, step: 1)
                #expect(lines.count > 12)
            }
        }
        for value in values {
            let lines = Plot(width: 20).lines(
                [MatrixSeries(labels: [:], times: [0], values: [value])], from: 0, through: 1, step: nil)
            #expect(!lines.isEmpty)
        }
        #expect(Sparkline.text(values).count == values.count)
        #expect(Sparkline.text([-.greatestFiniteMagnitude, 0, .greatestFiniteMagnitude]) == "▁▅█")
        #expect(Sparkline.bar(.nan, width: 4).count == 4)
        #expect(ResultTable.lines(.matrix([series]), grid: (0, 1)).count == 2)
    }
}
