import ArgumentParser
import Console
import Documents
import Model

/// `haldane verdicts [NS/NAME]`
package struct VerdictsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verdicts",
        abstract: "The stored verdicts of registered Canaries, newest last.",
        discussion: """
            Canaries that are registered with a server (`haldane serve --canaries DIR`, or the API) are judged at each \
            scrape, and every verdict is kept for --verdict-retention. A row is a time in which nothing changed; \
            -o json has every verdict. Decisions about traffic are those of a controller and are not among them.

            Examples:
              haldane verdicts --since 12h
              haldane verdicts test/podinfo --since "2026-11-30 02:00"
              haldane verdicts test/podinfo -w
            """)

    @Argument(help: ArgumentHelp("The Canary. Default: all that are registered.", valueName: "ns/name"))
    var canary: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("From when on: a duration such as 12h, or \(CommandTime.forms).", valueName: "time"))
    var since: String = "1h"

    @Flag(name: .shortAndLong, help: "Go on with each new verdict, a line each, until interrupted.")
    var watch = false

    @OptionGroup var server: ServerOptions

    @Option(
        name: [.customShort("o", allowingJoined: true), .long],
        help: "table, or json: an array; with -w an object a line.")
    var output: PlainOutputFormat = .table

    /// Time between two questions with `-w`: servers judge at each scrape, which is once a second at most.
    private static let pause: Duration = .seconds(1)

    func run() async throws {
        let now = SystemClock().now()
        let start = try CommandTime.since(since, now: now)
        let source = StoredVerdicts(client: try server.client())
        let names = try await self.names(source)
        var next = Dictionary(uniqueKeysWithValues: names.map { ($0, start) })
        try await showStored(names, source, now, &next)
        guard watch else { return }
        while !Terminal.isOutputBroken {
            try await Task.sleep(for: Self.pause)
            do {
                for name in try await self.names(source) {
                    try await source.read(name, since: next[name] ?? now) { page in
                        for verdict in page { printNew(verdict) }
                        if let last = page.last { next[name] = last.time + 1 }
                    }
                }
            } catch let error as any CommandFailure where Watch.isPassing(error) {
                Terminal.message("\(error.description)\nIt is asked again.")
                try await Task.sleep(for: Watch.pause)
            }
        }
    }

    private func names(_ source: StoredVerdicts) async throws -> [AnalysisName] {
        if let canary { return [try await source.name(canary)] }
        return try await source.names()
    }

    private func showStored(
        _ names: [AnalysisName], _ source: StoredVerdicts, _ now: Timestamp, _ next: inout [AnalysisName: Timestamp]
    ) async throws {
        var periods = VerdictPeriods()
        var count = 0
        if output == .json, !watch { Terminal.print("[", terminator: "") }
        for name in names {
            try await source.read(name, since: next[name] ?? now) { page in
                for verdict in page {
                    if output == .table {
                        periods.add(verdict)
                    } else if watch {
                        printNew(verdict)
                    } else {
                        Terminal.print(bytes: (count > 0 ? [UInt8(ascii: ",")] : []) + Self.json(verdict))
                    }
                    count += 1
                }
                if let last = page.last { next[name] = last.time + 1 }
            }
        }
        if output == .json, !watch { Terminal.print("]") }
        if names.isEmpty { return Terminal.message(source.nothing) }
        if count == 0 {
            Terminal.message(
                "No verdicts since \(LocalTime.text(next.values.min() ?? now, now: now)): --since asks for more.")
        }
        if output == .table, count > 0 {
            Terminal.print(periods.lines(now: now, fitting: Terminal.foldWidth).joined(separator: "\n"))
        }
    }

    private func printNew(_ verdict: StoredView) {
        if output == .json {
            Terminal.print(bytes: Self.json(verdict) + [0x0a])
        } else {
            Terminal.print(VerdictPeriods.line(verdict, now: SystemClock().now()))
        }
    }

    /// The verdict with its Canary in front.
    static func json(_ verdict: StoredView) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("canary")
        json.beginObject()
        json.field("namespace", verdict.canary.namespace)
        json.field("name", verdict.canary.name)
        json.endObject()
        for entry in (try? verdict.node.entries()) ?? [] where entry.key != "canary" {
            json.key(entry.key)
            json.node(entry.value)
        }
        json.endObject()
        return json.bytes
    }
}
