import ArgumentParser
import Console
import Model
import PrometheusAPI

/// `haldane why NS/NAME`
package struct WhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Why a Canary is where it is: the newest verdict, since when, with its numbers, and what was before.",
        discussion: """
            Told from the stored verdicts of a Canary that is registered with the server. A server without a controller \
            knows neither phase nor weight, and says so.

            Examples:
              haldane why test/podinfo
              haldane why test/podinfo --server 127.0.0.1:9091 -o json
            """)

    /// `-o`
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }

    /// How far back the last change is looked for.
    private static let lookback: Milliseconds = 2 * 3_600_000
    /// Looked at first: mostly the change is no longer ago.
    private static let firstLook: Milliseconds = 600_000

    @Argument(help: ArgumentHelp("The Canary.", valueName: "ns/name"))
    var canary: String

    @OptionGroup var server: ServerOptions

    @Option(name: [.customShort("o", allowingJoined: true), .long], help: "text or json.")
    var output: Format = .text

    func run() async throws {
        let source = StoredVerdicts(client: try server.client())
        let name = try await source.name(canary)
        let newest = try await source.newest(of: name)
        let now = SystemClock().now()
        var report = WhyReport(
            newest: newest, since: newest.time, interval: try await source.interval(of: name),
            server: source.client.server)
        for length in [Self.firstLook, Self.lookback] where report.before == nil {
            report.since = newest.time
            try await source.read(name, since: now.minusClamped(length)) { page in
                for verdict in page where verdict.time < newest.time {
                    if verdict.gist != newest.gist {
                        report.before = verdict
                        report.since = newest.time
                    } else if report.since == newest.time {
                        report.since = verdict.time
                    }
                }
            }
        }
        switch output {
        case .json: Terminal.print(bytes: report.json + [0x0a])
        case .text: Terminal.print(report.lines(now: now, width: Terminal.foldWidth).joined(separator: "\n"))
        }
    }
}
