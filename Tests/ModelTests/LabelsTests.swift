import Model
import Testing

@Suite("Labels") struct LabelsTests {
    @Test("sorted by bytes, unique, without empty values") func normalForm() {
        let labels = Labels([Label("b", "2"), Label("a", "1"), Label("B", "0"), Label("c", ""), Label("a", "9")])
        #expect(labels.map(\.name) == ["B", "a", "b"])
        #expect(labels["a"] == "9")
        #expect(labels["c"].isEmpty && !labels.has("c"))
    }

    @Test("setting an empty value removes") func removal() {
        var labels: Labels = ["a": "1", "b": "2"]
        labels["a"] = ""
        #expect(labels == ["b": "2"])
        #expect(labels.dropping("b").isEmpty)
    }

    @Test("canonically equivalent texts are different values, as their bytes are") func bytes() {
        let composed: Labels = ["a": "\u{e9}"]
        let decomposed: Labels = ["a": "e\u{301}"]
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
    }

    @Test("order: pairs in turn, a prefix first") func order() {
        #expect(Labels(["a": "1"]) < Labels(["a": "1", "b": "1"]))
        #expect(Labels(["a": "1", "z": "1"]) < Labels(["a": "2"]))
        #expect(Labels(["a": "9"]) < Labels(["b": "1"]))
        #expect(!(Labels(["a": "1"]) < Labels(["a": "1"])))
    }

    static let texts: [(Labels, String)] = [
        ([:], "{}"), (["__name__": "up"], "up"), (["__name__": "up", "job": "a\"b"], #"up{job="a\"b"}"#),
        (["a.b": "c"], #"{"a.b"="c"}"#), (["__name__": "a.b", "c": "d"], #"{"a.b", c="d"}"#),
    ]

    @Test("text form", arguments: texts)
    func text(labels: Labels, text: String) { #expect(labels.description == text) }

    @Test(
        "Go quoting",
        arguments: [
            ("a\nb", #""a\nb""#), ("\u{1}", #""\x01""#), ("é", "\"é\""), ("\u{200b}", #""\u200b""#), ("\\", #""\\""#),
        ])
    func quoting(text: String, quoted: String) { #expect(GoQuote.quoted(text) == quoted) }
}

@Suite("Symbols and columns") struct SymbolTests {
    @Test("interning gives one number per text, well-known ones fixed") func interning() {
        let table = SymbolTable()
        #expect(
            table.intern("") == .empty && table.intern("__name__") == .metricName && table.intern("le") == .bucketBound)
        let one = table.intern("podinfo")
        #expect(table.intern("podinfo") == one && table.text(one) == "podinfo" && table.find("podinfo") == one)
        #expect(table.find("other") == nil)
        #expect(table.intern("\u{e9}") != table.intern("e\u{301}"))
    }

    @Test("two-level label sets read like one") func columns() {
        let table = SymbolTable()
        var columns = ColumnLabels()
        let shared = columns.addShared(table.pairs(["job": "linkerd-proxy", "pod": "a"]))
        let whole: Labels = ["__name__": "x", "le": "1.0", "job": "linkerd-proxy", "pod": "a"]
        columns.append(shared: shared, tail: columns.addTail(table.pairs(["__name__": "x", "le": "1.0"])))
        columns.append(shared: shared, tail: columns.addTail([]))
        #expect(columns.pairs(of: 0) == table.pairs(whole))
        #expect(table.labels(columns.pairs(of: 0)) == whole)
        #expect(table.labels(columns.pairs(of: 1)) == ["job": "linkerd-proxy", "pod": "a"])
        #expect(columns.value(of: table.intern("pod"), in: 1) == table.intern("a"))
        #expect(columns.value(of: .bucketBound, in: 1) == .empty)
        var copy = ColumnLabels()
        copy.append(column: 0, of: columns)
        #expect(copy.pairs(of: 0) == columns.pairs(of: 0))
    }

    @Test("the columns of several groups, one after the other", arguments: [0, 1, 2, 5])
    func joined(groups: Int) {
        let table = SymbolTable()
        var all: [Labels] = []
        let parts = (0..<groups).map { group -> ColumnLabels in
            var columns = ColumnLabels()
            let shared = columns.addShared(table.pairs(["pod": "\(group)"]))
            for column in 0...group {
                all.append(["pod": "\(group)", "le": "\(column)"])
                columns.append(shared: shared, tail: columns.addTail(table.pairs(["le": "\(column)"])))
            }
            return columns
        }
        let joined = ColumnLabels(joining: parts)
        #expect((0..<joined.count).map { table.labels(joined.pairs(of: $0)) } == all)
    }

    @Test("a buffer keeps track of cells without samples") func buffer() {
        var buffer = ColumnBuffer()
        buffer.reset(columnCount: 70)
        buffer.appendRow(1, repeatElement(5, count: 70))
        buffer.appendEmptyRow(2)
        buffer.set(row: 1, column: 69, to: 7)
        buffer.appendRow(3, repeatElement(6, count: 70))
        buffer.setAbsent(row: 2, column: 0)
        #expect(buffer.rowCount == 3 && buffer.values.count == 210)
        #expect(
            !buffer.isAbsent(row: 0, column: 69) && buffer.isAbsent(row: 1, column: 68)
                && !buffer.isAbsent(row: 1, column: 69))
        #expect(buffer.isAbsent(row: 2, column: 0) && !buffer.isAbsent(row: 2, column: 1))
        buffer.reset(columnCount: 1)
        #expect(buffer.rowCount == 0)
    }

    @Test("a counter window sums what resets took away and leaves stale markers out") func counters() {
        var window = CounterWindow()
        window.reset(columnCount: 1)
        for (time, value) in [(1, 5.0), (2, 9), (3, SpecialValue.stale), (4, 2), (5, 4), (6, 1)] {
            window.add(column: 0, time: Timestamp(time), value: value)
        }
        let column = window.columns[0]
        #expect(column.count == 5 && column.firstValue == 5 && column.lastValue == 1 && column.resets == 13)
        #expect(column.firstTime == 1 && column.lastTime == 6 && column.resetCount == 2)
    }

    @Test("a row grows without losing what it has") func row() {
        var row = SampleRow(time: 5, columnCount: 2)
        row.set(1, to: 3)
        row.grow(columnCount: 130)
        row.set(129, to: 4)
        #expect(!row.has(0) && row.has(1) && row.has(129) && row.values[1] == 3)
        row.reset(time: 6, columnCount: 130)
        #expect(!row.has(1) && !row.has(129))
    }

    @Test(
        "scrape outcomes survive their number",
        arguments: [
            ScrapeOutcome.ok, .connectionFailed, .timedOut, .httpStatus(403), .malformedBody, .limitExceeded,
            .tlsFailed, .rejected,
        ])
    func outcome(outcome: ScrapeOutcome) { #expect(ScrapeOutcome(code: outcome.code) == outcome) }
}
