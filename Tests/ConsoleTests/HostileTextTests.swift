import Model
import PromQL
import Testing

@testable import Console

/// Texts from outside on a person's terminal and in a spreadsheet.
@Suite("Hostile texts in output") struct HostileTextTests {
    @Test(
        "control, bidi and line characters are escaped",
        arguments: [
            ("plain", "plain"), ("ä € 日本 👩‍👧", "ä € 日本 👩‍👧"), ("a\u{1b}[2Jb", "a\\x1b[2Jb"), ("a\u{7}", "a\\a"),
            ("line1\nline2\r\n", "line1\\nline2\\r\\n"), ("\u{9b}31m", "\\u009b31m"), ("\u{202e}rtl", "\\u202ertl"),
            ("\u{2066}x\u{2069}", "\\u2066x\\u2069"), ("a\u{2028}b", "a\\u2028b"), ("a\tb", "a\\tb"),
            ("\u{feff}a", "\\ufeffa"), ("\u{e0041}", "\\U000e0041"), ("nul\0", "nul\\x00"), ("del\u{7f}", "del\\x7f"),
        ])
    func escapes(text: String, shown: String) { #expect(Printable.text(text) == shown) }

    @Test("messages keep their lines, and own styles their colours, and texts from outside none") func keptLines() {
        #expect(Printable.lines("a\n\tb\u{1b}[31mc") == "a\n\tb\\x1b[31mc")
        let styled = "a" + Terminal.marked("b\u{1b}[31mc", .bad) + "\u{1b}[31m\u{1b}[0m\n\u{1b}]0;title\u{7}"
        #expect(
            Terminal.rendered(styled)
                == "a\u{1b}[31mb\\x1b[31mc\u{1b}[0m\\x1b[31m\\x1b[0m\n\\x1b]0;title\\a")
        // A character that would join with what follows it hides no mark.
        #expect(
            Terminal.rendered("\u{94d}" + Terminal.marked("\u{301}b", .good)) == "\u{94d}\u{1b}[32m\u{301}b\u{1b}[0m")
    }

    @Test("headings of tables are escaped") func headings() {
        var table = Table([("a\nb\u{1b}[31m", .left)])
        table.add(["x"])
        #expect(table.lines.allSatisfy { !$0.contains("\n") && !$0.contains("\u{1b}") })
    }

    /// A label value with all that a terminal or a spreadsheet obeys.
    private static let value = "\u{1b}[2J\u{1b}]0;title\u{7}\r\u{9b}31m\u{202e}a\nb"

    static let answers: [QueryValue] = [
        .vector([VectorElement(labels: ["__name__": "evil", "v": value], time: 0, value: .float(1))]),
        .matrix([MatrixSeries(labels: ["__name__": "evil", "v": value], times: [0], values: [1])]),
        .string(0, value),
    ]

    @Test("tables, CSV and plots show none of it", arguments: answers.indices) func inAnswers(index: Int) {
        let answer = Self.answers[index]
        var lines = ResultTable.lines(answer) + ResultCSV.lines(answer)
        if case .matrix(let series) = answer {
            lines += Plot(width: 20).lines(series, from: 0, through: 1000, step: 1000)
        }
        for line in lines {
            #expect(!line.unicodeScalars.contains { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) }, "\(line)")
            #expect(!line.unicodeScalars.contains("\u{202e}"), "\(line)")
        }
    }
}
