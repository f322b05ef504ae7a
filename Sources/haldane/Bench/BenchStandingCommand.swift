import Analyzer
import ArgumentParser
import Exposition
import Model
import PromQL
import Server
import Simulator
import TSDB

/// `haldane bench standing`
struct BenchStandingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "standing",
        abstract: "Measure standing analyses: a check per scrape beside the full query, and verdicts to many waiters.",
        discussion: """
            One deployment of simulated pods, scraped once a second into a store in this process. Times are CPU time of \
            this process.

            Examples:
              haldane bench standing
              haldane bench standing --pods 10 --waiters 1000
            """)

    @Option(help: "Pods of the deployment.")
    var pods = 2

    @Option(help: "Pods of other deployments in the same store.")
    var others = 48

    @Option(help: "Seconds of traffic; the first 70 warm up.")
    var seconds = 200

    @Option(help: "Clients that wait for each verdict.")
    var waiters = 1000

    func run() async throws {
        guard (1...100).contains(pods), (0...200).contains(others), (80...3600).contains(seconds),
            (1...10_000).contains(waiters)
        else {
            throw CommandError.badInput(
                "wanted --pods 1 to 100, --others 0 to 200, --seconds 80 to 3600 and --waiters 1 to 10000")
        }
        let bench = try StandingBench(pods: pods, others: others)
        var table = Table([("what", .left), ("figure", .right), ("unit", .left), ("beside", .left)])
        for row in try await bench.rows(seconds: seconds, waiters: waiters) {
            table.add([Table.Cell(row.what), Table.Cell(row.figure), Table.Cell(row.unit), Table.Cell(row.beside)])
        }
        Terminal.print(table.lines.joined(separator: "\n"))
    }
}
