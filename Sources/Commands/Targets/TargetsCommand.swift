import ArgumentParser
import Console
import Documents
import Model
import PrometheusAPI

/// `haldane targets`
package struct TargetsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "targets",
        abstract: "Scrape targets: their state, and why one is down.",
        discussion: """
            Targets that are down come first. AGO is the time since the last scrape, SAMPLES of the last good one.

            Examples:
              haldane targets
              haldane targets --down
              haldane targets -w --server 127.0.0.1:9091
            """)

    @Flag(help: "Only those that are down.")
    var down = false

    @Flag(name: .shortAndLong, help: "Show them again every 2 s until interrupted.")
    var watch = false

    @OptionGroup var server: ServerOptions

    @Option(name: [.customShort("o", allowingJoined: true), .long], help: "table or json.")
    var output: PlainOutputFormat = .table

    func run() async throws {
        let client = try server.client()
        try await Watch.show(again: watch, isData: output == .json, asking: client.server) {
            let all = try TargetView.list(try await client.send("/api/v1/targets?state=active", "GET").document)
            let shown = down ? all.filter { $0.health == "down" } : all
            if output == .json { return Screen(lines: [Self.json(shown)]) }
            if all.isEmpty { return Screen(lines: [], message: Self.nothing(client.server)) }
            let table = TargetTable(targets: shown, now: SystemClock().now())
            return Screen(lines: (shown.isEmpty ? [] : table.lines) + [TargetTable.summary(all)])
        }
    }

    private static func nothing(_ server: String) -> String {
        "\(server) has no targets. `haldane serve --config FILE` names them under scrape_configs; "
            + "its log says when what was found is not scraped."
    }

    /// The targets as the API has them, as an array.
    private static func json(_ targets: [TargetView]) -> String {
        var json = JSONWriter()
        json.beginArray()
        for target in targets { json.node(target.node) }
        json.endArray()
        return String(decoding: json.bytes, as: UTF8.self)
    }
}
