import Console
import Documents
import Model

/// What is known of a Canary's state and its cause.
struct WhyReport {
    /// The newest verdict.
    var newest: StoredView
    /// Since when verdicts come to the same, as far as it was looked back.
    var since: Timestamp
    /// The last verdict that came to something else; `nil` when there was none in that time.
    var before: StoredView?
    /// The Canary's own interval, as written.
    var interval: String?
    /// The server that judges.
    var server: String

    /// What nobody here can tell.
    static let unknown = ["phase", "weight", "next step"]

    /// The commands that look closer, each with what it is for. What changes the release is not this server's.
    private var commands: [(does: String, command: String)] {
        let name = newest.canary
        var found = [
            ("every verdict", "haldane verdicts \(name.text) --since 12h"),
            ("phase, weight and events", "kubectl -n \(name.namespace) describe canary \(name.name)"),
        ]
        if let check = newest.view.checks.first(where: { $0.verdict != "pass" && !$0.query.isEmpty }) {
            found.insert(("the query of \(check.metric)", "haldane query \(Self.quoted(check.query))"), at: 0)
        }
        return found
    }

    /// The text, in lines of at most `width`.
    func lines(now: Timestamp, width: Int?) -> [String] {
        let word = newest.view.verdict
        var lines = [
            Terminal.styled(Printable.text(word.uppercased()), VerdictView.style(word)) + "  "
                + Printable.text(newest.canary.text) + "  " + sinceText(now)
        ]
        for check in newest.view.checks {
            let detail = check.detail.split(separator: "\n", omittingEmptySubsequences: false).first ?? ""
            let text = "\(check.metric) \(check.verdict): \(Printable.text(String(detail)))"
            lines += Self.wrapped(text, width).enumerated().map { index, line in (index == 0 ? "  " : "    ") + line }
        }
        if newest.view.checks.isEmpty { lines.append("  " + Printable.text(newest.view.detail)) }
        if let before {
            let text =
                "Before that, until \(LocalTime.text(before.time, now: now)): \(before.view.verdict), "
                + VerdictPeriods.values(before.view)
            lines += [""] + Self.wrapped(Printable.text(text), width)
        }
        let waits =
            "What comes next is not known here: this server judges and moves no traffic, so phase, weight and the next "
            + "step are with the controller that does (Flagger)"
            + (interval.map { ", which looks every \(Printable.text($0))" } ?? "") + "."
        lines += [""] + Self.wrapped(waits, width) + [""]
        let size = commands.map(\.does.count).max() ?? 0
        let fits = commands.allSatisfy { size + 2 + $0.command.count <= width ?? .max }
        for (does, command) in commands {
            let lead = Terminal.styled(Printable.text(does) + ":", .faint)
            let padding = String(repeating: " ", count: size - does.count + 1)
            lines += fits ? [lead + padding + Printable.text(command)] : [lead, "  " + Printable.text(command)]
        }
        return lines
    }

    private func sinceText(_ now: Timestamp) -> String {
        let length = PrometheusDuration.text(now.minusClamped(since) / 1000 * 1000)
        if before == nil { return "for at least \(length), since \(LocalTime.text(since, now: now))" }
        return "for \(length), since \(LocalTime.text(since, now: now))"
    }

    private static func wrapped(_ text: String, _ width: Int?) -> [String] {
        width.map { WrappedText.lines(text, first: 2, rest: 4, width: $0) } ?? [text]
    }

    /// A text as one word of a shell.
    private static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: #"'\''"#) + "'" }

    /// The report as one JSON object. What no controller here can tell is null, and listed.
    var json: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("canary")
        json.beginObject()
        json.field("namespace", newest.canary.namespace)
        json.field("name", newest.canary.name)
        json.endObject()
        json.field("verdict", newest.view.verdict)
        json.field("since", RFC3339.text(since))
        json.field("sinceIsKnown", before != nil)
        json.key("newest")
        json.node(newest.node)
        json.key("before")
        if let before { json.node(before.node) } else { json.null() }
        for key in ["phase", "weight", "next"] {
            json.key(key)
            json.null()
        }
        json.key("unknown")
        json.beginArray()
        for word in Self.unknown { json.string(word) }
        json.endArray()
        json.key("commands")
        json.beginArray()
        for (does, command) in commands {
            json.beginObject()
            json.field("does", does)
            json.field("command", command)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.bytes
    }
}
