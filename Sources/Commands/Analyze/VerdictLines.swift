import Console
import Model

/// A verdict for a person: its word first, a row per check, then what there is to say about each.
struct VerdictLines {
    let view: VerdictView
    /// Columns to fill; texts are not broken where nobody looks on.
    var width: Int?
    /// The time now, by which the verdict's own is shown: of today without its date. `nil` shows it as it came.
    var now: Timestamp?

    private static let replaced = "Evaluated here instead of at "
    private static let unremarkable = "is within the accepted range."

    /// All lines.
    func lines(of name: String) -> [String] {
        let style = VerdictView.style(view.verdict)
        var lines = [
            "\(Terminal.styled(Printable.text(view.verdict.uppercased()), style))  \(Printable.text(name))  "
                + "at \(Printable.text(evaluatedAt))"
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
        return table.lines(fitting: width.map { $0 - 2 })
    }

    private var evaluatedAt: String {
        guard let now, let time = RFC3339.parse(view.evaluatedAt) else { return view.evaluatedAt }
        return LocalTime.text(time, now: now)
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
        return WrappedText.lines(remark.text, first: columns, rest: 4, width: width).enumerated().map { index, line in
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
}
