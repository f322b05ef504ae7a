import Console
import Documents
import Model

/// Prints the replays of one command, and how the command ends.
struct ShownReplays {
    let output: ReplayCommand.Format
    let now: Timestamp
    private var json: [[UInt8]] = []
    private var blocks: [[String]] = []
    private var hasFailed = false
    private var isInconclusive = false

    init(output: ReplayCommand.Format, now: Timestamp) {
        self.output = output
        self.now = now
    }

    /// Adds a replay.
    mutating func add(_ report: ReplayReport, _ json: [UInt8]) {
        for note in report.notes { Terminal.message(note) }
        self.json.append(json)
        hasFailed = hasFailed || report.hasFailed
        isInconclusive = isInconclusive || report.isInconclusive
        let view = ReplayView(report: report, now: now, width: Terminal.foldWidth)
        switch output {
        case .json: break
        case .table: blocks.append(view.table)
        case .plot: blocks.append(view.plot(width: Terminal.width))
        }
    }

    /// Adds a sweep. It is no verdict: whatever its rows say, the command went well.
    mutating func add(sweep json: [UInt8]) throws {
        let document = try JSONReader.parse(json)
        for note in try document["notes"]?.elements() ?? [] { Terminal.message(try note.string()) }
        self.json.append(json)
        if output != .json {
            blocks.append(try SweepTable(document: document, now: now, width: Terminal.foldWidth).lines())
        }
    }

    /// Prints all of it. Fails when a release was rolled back, or nothing was judged.
    func finish() throws {
        if output == .json {
            let all = Array(json.joined(separator: [UInt8(ascii: ",")]))
            Terminal.print(bytes: json.count == 1 ? all + [0x0a] : [0x5b] + all + [0x5d, 0x0a])
        } else {
            Terminal.print(blocks.joined(separator: [""]).joined(separator: "\n"))
        }
        if hasFailed { throw CommandError.failed }
        if isInconclusive { throw CommandError.inconclusive }
    }
}
