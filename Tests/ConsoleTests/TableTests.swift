import Model
import PromQL
import Testing

@testable import Console

/// Tables, CSV and sparklines, character by character.
@Suite("Tables, CSV and sparklines") struct TableTests {
    @Test("columns are as wide as their widest cell, numbers to the right, no blanks at the end") func table() {
        var table = Table([("name", .left), ("value", .right), ("note", .left)])
        table.add(["a", "1.5", ""])
        table.add(["longer", "10", "x"])
        #expect(table.lines == ["NAME    VALUE  NOTE", "a         1.5", "longer     10  x"])
        #expect(Table([("only", .left)]).lines == ["ONLY"])
    }

    @Test(
        "a heading may be longer escaped or in upper case than it was written",
        arguments: ["straße", "Größe", "ﬁeld", "a\nb", "a\u{202e}b", "\u{1b}[2J", "ŉ", "", "日本"])
    func headings(name: String) {
        var table = Table([(name, .left), (name, .right)])
        table.add(["1", "2"])
        #expect(table.lines.count == 2)
        #expect(!table.lines.joined().unicodeScalars.contains { $0.value < 0x20 || $0 == "\u{202e}" })
        let elements = ["1", "2"].map {
            VectorElement(labels: Labels([Label("__name__", "x"), Label(name, $0)]), time: 0, value: .float(1))
        }
        #expect(ResultTable.lines(.vector(elements)).count >= 3)
    }

    @Test("labels that all rows share are named once") func shared() {
        let elements = ["a", "b"].map {
            VectorElement(labels: ["job": "x", "pod": $0], time: 0, value: .float(1))
        }
        #expect(
            ResultTable.lines(.vector(elements)) == [
                "all series: {job=\"x\"}", "POD  VALUE", "a        1", "b        1",
            ])
        #expect(ResultTable.lines(.vector([])) == ["(empty result)"])
    }

    @Test("CSV quotes what needs it") func csv() {
        let elements = [VectorElement(labels: ["a": "x,\"y\""], time: 1000, value: .float(.nan))]
        let lines = ResultCSV.lines(.vector(elements))
        #expect(lines.count == 2 && lines[1].contains("\"x,\"\"y\"\"\"") && lines[1].contains("NaN"), "\(lines)")
    }

    @Test(
        "a sparkline spans lowest to highest, and leaves gaps blank",
        arguments: [
            ([0, 1, 2, 3, 4, 5, 6, 7], "▁▂▃▄▅▆▇█"), ([1, 1], "▄▄"), ([0, 0], "▁▁"), ([], ""), ([0, nil, 1], "▁ █"),
            ([.nan, 0, .infinity, 1], " ▁ █"), ([-.greatestFiniteMagnitude, .greatestFiniteMagnitude], "▁█"),
        ] as [([Double?], String)])
    func sparkline(values: [Double?], text: String) { #expect(Sparkline.text(values) == text) }

    @Test("a bar is filled by its share, and never over its width") func bar() {
        #expect(Sparkline.bar(0.5, width: 4) == "██░░" && Sparkline.bar(-1, width: 2) == "░░")
        #expect(Sparkline.bar(7, width: 2) == "██" && Sparkline.bar(.nan, width: 2).count == 2)
    }
}
