import ArgumentParser
import Bench
import Console
import Model

/// `haldane bench servers`
package struct BenchServersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "servers",
        abstract: "Feed running servers the same samples and measure their CPU time per query.",
        discussion: """
            Every server takes the samples by remote write and answers by the Prometheus HTTP API. CPU is the user and \
            system time of the process over many requests through one kept connection. The ratio is to the last server.

            Example:
              haldane bench servers --server haldane=http://127.0.0.1:9090,4711 \\
                --server prometheus=http://127.0.0.1:9091,4712
            """)

    @Option(help: ArgumentHelp("A server and its process id; may be repeated.", valueName: "name=url,pid"))
    var server: [String]

    @Option(help: "Simulated pods, two per Deployment.")
    var pods = 50

    @Option(help: "Minutes of traffic, scraped every ten seconds.")
    var minutes = 30

    @Option(help: ArgumentHelp("CPU seconds to spend on a row, at least, per server.", valueName: "seconds"))
    var spend = 1.0

    @Flag(help: "Print a Markdown table.")
    var markdown = false

    func run() async throws {
        guard (2...500).contains(pods), (20...120).contains(minutes), spend > 0 else {
            throw CommandError.badInput("wanted --pods 2 to 500, --minutes 20 to 120, and --spend above 0")
        }
        let servers = try server.map { try BenchServer($0) }
        guard !servers.isEmpty else { throw CommandError.badInput("wanted --server name=url,pid") }
        let now = SystemClock().now() / 10_000 * 10_000
        let feed = try BenchFeed(pods: pods, from: now - Timestamp(minutes) * 60_000, through: now)
        for server in servers { try await feed.write(to: server) }
        Terminal.message("\(feed.series) series, \(feed.samples) samples written to each")
        var rows: [[String]] = []
        for question in BenchQuestion.all(end: now - 30_000) {
            var each: [Double] = []
            var answers: [String] = []
            for server in servers {
                let (cost, answer) = try await server.cost(of: question, spend: spend)
                each.append(cost)
                answers.append(answer)
            }
            var row = [question.name]
            row += each.map { FloatText.fixed($0, places: 3) }
            if let last = each.last, last > 0 {
                row += each.dropLast().map { FloatText.fixed($0 / last, places: 2) }
            }
            row.append(answers.allSatisfy { $0 == answers.last } ? "same" : answers.joined(separator: " / "))
            rows.append(row)
        }
        show(rows, servers)
    }

    private func show(_ rows: [[String]], _ servers: [BenchServer]) {
        let titles =
            ["query"] + servers.map { "\($0.name), CPU ms" }
            + servers.dropLast().map { "\($0.name) / \(servers.last?.name ?? "")" } + ["answer"]
        if markdown {
            Terminal.print(MarkdownTable.lines(titles, rows).joined(separator: "\n"))
            return
        }
        var table = Table(titles.enumerated().map { ($0.element, $0.offset == 0 ? .left : .right) })
        for row in rows { table.add(row.map { Table.Cell($0) }) }
        Terminal.print(table.lines.joined(separator: "\n"))
    }
}
