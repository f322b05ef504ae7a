import ArgumentParser
import Bench
import Console
import Documents
import FlaggerAPI
import Model
import Simulator

/// `haldane bench verdicts`
package struct BenchVerdictsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verdicts",
        abstract: "Measure how soon a fault becomes a verdict, and how often a healthy canary is called faulty.",
        discussion: """
            All times are the simulator's own: from the moment at which requests begin to fail to the scrape after which \
            the check fails. Requests arrive at random; every proxy is scraped once a second.

            Examples:
              haldane bench verdicts
              haldane bench verdicts --canaries 1000 -o json
            """)

    @Option(help: "Simulated canaries per row of the sequential test.")
    var canaries = 10_000

    @Option(help: "Simulated canaries per row that goes through proxies, store and check.")
    var runs = 100

    @Option(help: "Seed of the traffic.")
    var seed: UInt64 = 1

    @Option(name: .shortAndLong, help: "table or json.")
    var output: PlainOutputFormat = .table

    func run() async throws {
        guard (10...1_000_000).contains(canaries), (5...10_000).contains(runs) else {
            throw CommandError.badInput("wanted --canaries 10 to 1000000 and --runs 5 to 10000")
        }
        let bench = VerdictBench(canaries: canaries, runs: runs, seed: seed)
        let rows = try await bench.rows()
        switch output {
        case .table: show(rows)
        case .json: print(json: rows)
        }
        guard rows.allSatisfy(\.holds) else { throw CommandError.failed }
    }

    private func show(_ rows: [VerdictBench.Row]) {
        var table = Table([
            ("what", .left), ("canaries", .right), ("median", .right), ("p90", .right), ("longest", .right),
            ("alarms", .right), ("must", .left), ("", .left),
        ])
        for row in rows {
            func seconds(_ share: Double) -> String {
                row.delays.isEmpty ? "-" : FloatText.fixed(row.delays.quantile(share), places: 1) + " s"
            }
            table.add([
                Table.Cell(row.what), Table.Cell(String(row.canaries)), Table.Cell(seconds(0.5)),
                Table.Cell(seconds(0.9)), Table.Cell(seconds(1)), Table.Cell(row.alarms.map { String($0) } ?? "-"),
                Table.Cell(row.must), Table.Cell(row.holds ? "ok" : "missed", row.holds ? .good : .bad),
            ])
        }
        Terminal.print(table.lines.joined(separator: "\n"))
    }

    private func print(json rows: [VerdictBench.Row]) {
        var json = JSONWriter()
        json.beginArray()
        for row in rows {
            json.beginObject()
            json.field("what", row.what)
            json.field("canaries", row.canaries)
            for (key, share) in [("medianSeconds", 0.5), ("p90Seconds", 0.9), ("longestSeconds", 1)] {
                json.key(key)
                if row.delays.isEmpty { json.null() } else { json.number(FloatText.json(row.delays.quantile(share))) }
            }
            json.key("alarms")
            if let alarms = row.alarms { json.int(alarms) } else { json.null() }
            json.field("must", row.must)
            json.key("holds")
            json.bool(row.holds)
            json.endObject()
        }
        json.endArray()
        Terminal.print(bytes: json.bytes + [0x0a])
    }
}
