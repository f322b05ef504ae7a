import Analyzer
import Console
import Controller
import FlaggerAPI
import Model
import Rollout
import Synchronization

/// What the demo shows: events in Flagger's words, a row per check, a bar for the weight. Times are the demo's own.
final class DemoPrinter: EventSink {
    private let start: Timestamp
    private let failure = Mutex<String?>(nil)

    init(start: Timestamp) { self.start = start }

    func record(_ event: RolloutEvent, on canary: ObjectReference, at time: Timestamp) async {
        let warning = event.kind == .warning
        // The reason stands before the last event, which ends the demo.
        if event.text.hasPrefix("Canary failed!"), let reason = failure.withLock({ $0 }) {
            note("rolled back because \(reason)", at: time, .bad)
        }
        let done = event.text.hasPrefix("Promotion completed!") || event.text.hasPrefix("Initialization done!")
        line(warning ? "Warning" : "Normal", event.text, at: time, warning ? .bad : done ? .good : nil)
    }

    func send(_ alert: RolloutAlert, about canary: Canary, at time: Timestamp) async {}

    /// Something that people did.
    func note(_ text: String, at time: Timestamp, _ style: Terminal.Style? = .strong) {
        line("", text, at: time, style)
    }

    /// The share of the traffic that the canary gets now.
    func weights(_ weights: TrafficWeights, requests: (primary: Double, canary: Double)) {
        let bar = Sparkline.bar(Double(weights.canary) / 100, width: isNarrow ? 10 : 30)
        let rates =
            "primary \(FloatText.fixed(requests.primary, places: 1)) req/s, canary \(FloatText.fixed(requests.canary, places: 1)) req/s"
        Terminal.print("\(indent)\(Terminal.styled(bar, .good)) \(weights.canary) %  \(Terminal.styled(rates, .faint))")
    }

    /// A check with its value, its accepted range, and how the value went.
    func check(_ result: CheckResult, history: [Double?]) {
        let view = VerdictView.Check(result)
        let word = result.conclusion.outcome.rawValue
        let name = result.check.metric.padded(to: 22)
        let value = VerdictView.value(view).leftPadded(to: 11)
        let range = VerdictView.range(view).padded(to: 8)
        let verdict = Terminal.styled(word.padded(to: 12), VerdictView.style(word))
        // Verdict, name, value and range take 55 columns.
        let hasRoom = Terminal.foldWidth.map { $0 >= indent.count + 57 + history.count } ?? true
        let shape = hasRoom ? "  \(Sparkline.text(history))" : ""
        Terminal.print("\(indent)\(verdict)\(name)\(value)  \(range)\(shape)")
        if result.conclusion.outcome != .pass {
            let sentence = ReasonText.sentence(result)
            failure.withLock { $0 = "\(result.check.metric): \(sentence)" }
            let blanks = indent + "".padded(to: isNarrow ? 0 : 12)
            let width = Terminal.foldWidth ?? .max
            for text in WrappedText.lines(sentence, first: blanks.count, rest: blanks.count, width: width) {
                Terminal.print(blanks + Terminal.styled(text, .faint))
            }
        }
    }

    /// Whether the terminal is too narrow for indented rows with their shapes.
    private var isNarrow: Bool { Terminal.foldWidth.map { $0 < 80 } ?? false }

    private var indent: String { "".padded(to: isNarrow ? 4 : 19) }

    private func line(_ kind: String, _ text: String, at time: Timestamp, _ style: Terminal.Style?) {
        let lines = WrappedText.lines(text, first: 19, rest: 19, width: Terminal.foldWidth ?? .max)
        for (index, text) in lines.enumerated() {
            let lead = index == 0 ? "\(Terminal.styled(clock(time), .faint))  \(kind.padded(to: 9))" : "".padded(to: 19)
            Terminal.print(lead + (style.map { Terminal.styled(text, $0) } ?? text))
        }
    }

    private func clock(_ time: Timestamp) -> String {
        let seconds = max(0, time - start) / 1000
        return [seconds / 3600, seconds / 60 % 60, seconds % 60].map { String($0).leftPadded(to: 2, with: "0") }
            .joined(separator: ":")
    }
}

extension String {
    /// Filled up with blanks on the right.
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

    /// Filled up on the left.
    func leftPadded(to width: Int, with filler: Character = " ") -> String {
        String(repeating: filler, count: max(0, width - count)) + self
    }
}

extension VerdictView.Check {
    /// The same row from a result in this process.
    init(_ result: CheckResult) {
        self.init(
            metric: result.check.metric, verdict: result.conclusion.outcome.rawValue, value: result.value,
            low: result.check.threshold.accepted.min, high: result.check.threshold.accepted.max,
            unit: result.check.unit?.rawValue ?? "", window: result.check.window ?? "", query: result.check.query,
            reason: ReasonText.code(result.conclusion), detail: ReasonText.detail(result), samples: result.samples,
            series: result.series)
    }
}
