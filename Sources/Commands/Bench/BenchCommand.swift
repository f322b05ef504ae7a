import ArgumentParser
import Console
import Exposition
import Model
import PromQL
import Simulator
import TSDB

/// `haldane bench`. Without options of its own: a group's options would be taken from its subcommands.
package struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure Haldane, by itself and beside its peers.",
        discussion: """
            Figures that mean something on any machine: bytes per sample, and ratios within one run. Times are for \
            orientation.

            Examples:
              haldane bench
              haldane bench --pods 50 --seconds 300
              haldane bench peers --workload i
              haldane bench verdicts
              haldane bench registered
            """,
        subcommands: [
            BenchEngineCommand.self, BenchPeersCommand.self, BenchTargetsCommand.self, BenchServersCommand.self,
            BenchVerdictsCommand.self, BenchRegisteredCommand.self,
        ],
        defaultSubcommand: BenchEngineCommand.self)
}

/// `haldane bench engine`, or just `haldane bench`
package struct BenchEngineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engine",
        abstract: "Measure scraping, storing and asking on simulated Linkerd traffic, in this process.")

    @Option(help: "Simulated pods behind one Service.")
    var pods = 20

    @Option(help: "Seconds of traffic, scraped once a second.")
    var seconds = 120

    @Option(help: "Seed of the traffic.")
    var seed: UInt64 = 1

    func run() throws {
        guard (1...500).contains(pods), (10...36_000).contains(seconds) else {
            throw CommandError.badInput("wanted --pods 1 to 500 and --seconds 10 to 36000")
        }
        let bench = try EngineBench(pods: pods, seconds: seconds, seed: seed)
        var table = Table([("what", .left), ("figure", .right), ("unit", .left), ("beside", .left)])
        for row in try bench.rows() {
            table.add([Table.Cell(row.what), Table.Cell(row.figure), Table.Cell(row.unit), Table.Cell(row.beside)])
        }
        Terminal.print(table.lines.joined(separator: "\n"))
    }
}

/// The measurements behind `haldane bench`.
struct EngineBench {
    /// A line of the table.
    struct Row {
        var what: String
        var figure: String
        var unit: String
        var beside = ""
    }

    private let start: Timestamp = 1_788_253_200_000
    private let seconds: Int
    /// Bodies by pod, one per second.
    private var bodies: [String: [[UInt8]]] = [:]

    init(pods: Int, seconds: Int, seed: UInt64) throws {
        self.seconds = seconds
        var option = WorkloadOption(name: "podinfo")
        option.pods = pods
        option.rate = 20 * Double(pods)
        let fleet = ProxyFleet(workloads: [option], seed: seed, start: start)
        let names = fleet.pods.map(\.name)
        for second in 1...seconds {
            for name in names {
                if let body = fleet.scrape(name, at: start + Timestamp(second) * 1000) {
                    bodies[name, default: []].append(body)
                }
            }
        }
    }

    func rows() throws -> [Row] {
        let clock = ContinuousClock()
        var samples = 0
        var bytes = 0
        let database = Database()
        let template = try clock.measure { (samples, bytes) = try ingest(into: database, forgetting: false) }
        let full = try clock.measure { _ = try ingest(into: Database(), forgetting: true) }
        let each = template / .nanoseconds(max(1, samples))
        let statistics = database.statistics()
        var rows = [
            Row(
                what: "samples", figure: String(samples), unit: "",
                beside: "\(statistics.series) series, \(bytes >> 20) MiB of text"),
            Row(
                what: "parse and store, template path", figure: FloatText.fixed(each, places: 0), unit: "ns/sample",
                beside: "\(FloatText.fixed(full / template, places: 1)) times faster than parsing every line"),
            Row(
                what: "samples in memory",
                figure: FloatText.fixed(Double(statistics.residentBytes) / Double(samples), places: 2),
                unit: "bytes/sample", beside: "\(FloatText.fixed(Double(bytes) / Double(samples), places: 0)) as text"),
        ]
        for (name, query) in Self.queries { rows.append(try measure(name, query, database, clock)) }
        return rows
    }

    private static let queries = [
        (
            "success rate of one deployment",
            "sum(rate(response_total{namespace=\"test\",deployment=~\"podinfo\",classification!=\"failure\",direction=\"inbound\"}[1m])) "
                + "/ sum(rate(response_total{namespace=\"test\",deployment=~\"podinfo\",direction=\"inbound\"}[1m])) * 100"
        ),
        (
            "p99 of one deployment",
            "histogram_quantile(0.99, sum(rate(response_latency_ms_bucket{namespace=\"test\",deployment=~\"podinfo\",direction=\"inbound\"}[1m])) by (le))"
        ),
        (
            "p99 by deployment",
            "histogram_quantile(0.99, sum by (deployment, le) (rate(response_latency_ms_bucket[1m])))"
        ),
    ]

    private func measure(_ name: String, _ text: String, _ database: Database, _ clock: ContinuousClock) throws -> Row {
        let engine = Engine()
        let query = try engine.prepare(text)
        let time = start + Timestamp(seconds) * 1000
        var read = 0
        let repetitions = 20
        let spent = try clock.measure {
            for _ in 0..<repetitions {
                read = try engine.instant(query, at: time, on: database).statistics.samplesRead
            }
        }
        let each = spent / repetitions
        return Row(
            what: name, figure: FloatText.fixed(each / .milliseconds(1), places: 3), unit: "ms/query",
            beside: "\(read) samples, \(FloatText.fixed(each / .nanoseconds(max(1, read)), places: 0)) ns each")
    }

    /// Reads every body into a database. `forgetting` makes the reader parse each line anew.
    private func ingest(into database: Database, forgetting: Bool) throws -> (samples: Int, bytes: Int) {
        var samples = 0
        var bytes = 0
        for (pod, scrapes) in bodies.sorted(by: { $0.key < $1.key }) {
            let group = try database.openGroup(GroupKey(job: "bench", target: pod))
            let target: Labels = ["namespace": "test", "deployment": "podinfo", "pod": pod]
            var reader = BodyReader(hashSeed: 1)
            var row = SampleRow(time: start)
            for (second, body) in scrapes.enumerated() {
                row.reset(time: start + Timestamp(second + 1) * 1000, columnCount: row.columnCount)
                if forgetting { reader.forget() }
                try unsafe body.withUnsafeBytes { raw in
                    try reader.read(unsafe BodyBytes(raw), format: .text, isComplete: true, into: &row) { series in
                        let labels = Labels(Array(target) + Array(series.labels))
                        return (try? group.column(for: labels)).flatMap(Slot.column)
                    }
                }
                try group.append(row)
                samples += reader.result.samples
                bytes += body.count
            }
        }
        return (samples, bytes)
    }
}
