import ArgumentParser
import Bench
import Console
import Documents
import Model

/// `haldane bench registered`
package struct BenchRegisteredCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "registered",
        abstract:
            "Measure registered analyses: a check per scrape beside the full query, and verdicts to many waiters.",
        discussion: """
            Canaries with a success rate and a duration over about a minute are registered; their simulated pods are \
            scraped once a second into a store in this process. A registered check is all that a check costs at a \
            scrape: taking the new row, the value, judging, the verdict's JSON, keeping it. It is measured with nothing else \
            going on, and among the scrapes of other targets, which push its data out of the processor's caches; with \
            a single Canary the program's code is pushed out, too. Times are CPU time of this process; every value is \
            compared with the full query's.

            Exit code 1 when a row is not as it must be.

            Examples:
              haldane bench registered
              haldane bench registered --replicas 10 --waiters 2000 -o json
            """, aliases: ["standing"])

    // Names other than `--pods` and `--seconds`, which `haldane bench` itself would take.
    @Option(name: .customLong("replicas"), help: "Pods of the deployment.")
    var pods = 2

    @Option(help: "Pods of other deployments in the same store.")
    var others = 48

    @Option(name: .customLong("measure-seconds"), help: "Seconds of traffic that are measured.")
    var seconds = 60

    @Option(help: "Clients that wait for each verdict.")
    var waiters = 1000

    @Option(name: .shortAndLong, help: "table or json.")
    var output: PlainOutputFormat = .table

    func run() async throws {
        guard (1...100).contains(pods), (0...200).contains(others), (10...3600).contains(seconds),
            (1...10_000).contains(waiters)
        else {
            throw CommandError.badInput(
                "wanted --replicas 1 to 100, --others 0 to 200, --measure-seconds 10 to 3600 and --waiters 1 to 10000")
        }
        let bench = RegisteredBench(pods: pods, others: others, seconds: seconds, waiters: waiters) { step in
            Terminal.message("bench registered: \(step)")
        }
        let rows = try await bench.rows()
        switch output {
        case .table: show(rows)
        case .json: print(json: rows)
        }
        guard rows.allSatisfy(\.holds) else { throw CommandError.failed }
    }

    private static func text(_ figure: Double) -> String { FloatText.fixed(figure, places: 2) }

    private func show(_ rows: [RegisteredBench.Row]) {
        var table = Table([
            ("what", .left), ("figure", .right), ("unit", .left), ("must", .right), ("", .left), ("beside", .left),
        ])
        for row in rows {
            let verdict =
                row.must == nil ? Table.Cell("") : Table.Cell(row.holds ? "ok" : "NO", row.holds ? .good : .bad)
            table.add([
                Table.Cell(row.what), Table.Cell(Self.text(row.figure)), Table.Cell(row.unit),
                Table.Cell(row.must.map { "<= " + FloatText.shortest($0) } ?? "-"), verdict, Table.Cell(row.beside),
            ])
        }
        Terminal.print(table.lines.joined(separator: "\n"))
    }

    private func print(json rows: [RegisteredBench.Row]) {
        var json = JSONWriter()
        json.beginArray()
        for row in rows {
            json.beginObject()
            json.field("what", row.what)
            json.key("figure")
            json.number(Self.text(row.figure))
            json.field("unit", row.unit)
            json.key("must")
            if let must = row.must { json.number(FloatText.json(must)) } else { json.null() }
            json.field("holds", row.holds)
            json.field("beside", row.beside)
            json.endObject()
        }
        json.endArray()
        Terminal.print(bytes: json.bytes + [0x0a])
    }
}
