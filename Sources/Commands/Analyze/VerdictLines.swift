import Console
import Model

/// A verdict for a person: its word first, a row per check, then what there is to say about each.
struct VerdictLines {
    let view: VerdictView
    /// Columns to fill; texts are not broken where nobody looks on.
    var width: Int?

    private static let replaced = "Evaluated here instead of at "
    private static let unremarkable = "is within the accepted range."

    /// All lines.
    func lines(of name: String) -> [String] {
        let style = VerdictView.style(view.verdict)
        var lines = [
            "\(Terminal.styled(Printable.text(view.verdict.uppercased()), style))  \(Printable.text(name))  "
                + "at \(Printable.text(view.evaluatedAt))"
        ]
        guard !view.checks.isEmpty else {
            return lines + ["  " + (view.detail.isEmpty ? "The Canary has no metrics." : Printable.text(view.detail))]
        }
        lines += table.map { "  " + $0 }
        if !remarks.isEmpty { lines += [""] + remarks.flatMap(shown) }
        lines += addresses.map {
            "  " + Terminal.styled("MetricTemplates are evaluated here instead of at \(Printable.text($0))", .faint)
        }
        for cure in cures {
            lines += [""] + cure.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        }
        return lines
    }

    private var table: [String] {
        var table = Table([
            ("check", .left), ("verdict", .left), ("value", .right), ("accepted", .left), ("window", .right),
            ("samples", .right), ("series", .right), ("reason", .left),
        ])
        for check in view.checks {
            table.add([
                Table.Cell(check.metric), Table.Cell(check.verdict, VerdictView.style(check.verdict)),
                Table.Cell(VerdictView.value(check)), Table.Cell(VerdictView.range(check)),
                Table.Cell(check.window.isEmpty ? "-" : check.window), Table.Cell(String(check.samples)),
                Table.Cell(String(check.series)), Table.Cell(check.reason),
            ])
        }
        return table.lines
    }

    /// What there is to say, and about which checks: what is the same for several is said once.
    private var remarks: [(checks: [VerdictView.Check], text: String)] {
        var remarks: [(checks: [VerdictView.Check], text: String)] = []
        for check in view.checks {
            guard let text = remark(check) else { continue }
            if let same = remarks.firstIndex(where: { $0.text == text }) {
                remarks[same].checks.append(check)
            } else {
                remarks.append(([check], text))
            }
        }
        return remarks
    }

    /// The sentences about a check, without its name; none for one that passes and has nothing more to tell.
    private func remark(_ check: VerdictView.Check) -> String? {
        var text = Self.halves(check.detail).line
        if let range = Self.note(in: text) { text.removeSubrange(range) }
        if check.verdict == "pass" { text = text.replacing(#/ zeroStart: \d+ series\./#, with: "") }
        while text.last == " " { text.removeLast() }
        if check.verdict == "pass", text.hasSuffix(Self.unremarkable) { return nil }
        return text.hasPrefix(check.metric + " ") ? String(text.dropFirst(check.metric.count + 1)) : text
    }

    private func shown(_ remark: (checks: [VerdictView.Check], text: String)) -> [String] {
        let names = remark.checks.map { Terminal.styled(Printable.text($0.metric), VerdictView.style($0.verdict)) }
        let lead = names.joined(separator: ", ") + ": "
        guard let width else { return ["  " + lead + remark.text] }
        let columns = remark.checks.map(\.metric.count).reduce(2, { $0 + $1 + 2 })
        return Self.wrapped(remark.text, first: columns, width: width).enumerated().map { index, line in
            (index == 0 ? "  " + lead : "    ") + line
        }
    }

    /// Addresses that templates name, each once.
    private var addresses: [String] {
        var found: [String] = []
        for check in view.checks {
            let text = Self.halves(check.detail).line
            guard let range = Self.note(in: text) else { continue }
            let address = String(text[range].dropFirst(Self.replaced.count).dropLast())
            if !found.contains(address) { found.append(address) }
        }
        return found
    }

    /// What to apply, each once.
    private var cures: [String] {
        var found: [String] = []
        for check in view.checks {
            if let cure = Self.halves(check.detail).cure, !found.contains(cure) { found.append(cure) }
        }
        return found
    }

    /// The sentence about the replaced address, up to its full stop.
    private static func note(in text: String) -> Range<String.Index>? {
        guard let start = text.firstRange(of: replaced)?.lowerBound else { return nil }
        let rest = text[start...]
        let stop = rest.firstRange(of: ". ")?.lowerBound ?? rest.lastIndex(of: ".") ?? rest.index(before: rest.endIndex)
        return start..<text.index(after: stop)
    }

    /// A detail is one line; what to apply follows after an empty one.
    private static func halves(_ detail: String) -> (line: String, cure: String?) {
        guard let gap = detail.firstRange(of: "\n\n") else { return (Printable.text(detail), nil) }
        return (Printable.text(String(detail[..<gap.lowerBound])), String(detail[gap.upperBound...]))
    }

    /// The words of a text in lines of at most `width` columns, of which the first line has lost `first` already and
    /// the others four. A word is never broken.
    static func wrapped(_ text: String, first: Int, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            let taken = lines.isEmpty ? first : 4
            if !line.isEmpty, taken + line.count + 1 + word.count > width {
                lines.append(line)
                line = String(word)
            } else {
                line += (line.isEmpty ? "" : " ") + word
            }
        }
        return lines + [line]
    }
}
