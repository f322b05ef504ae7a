import ArgumentParser
import Bench
import Console
import FoundationEssentials
import Glibc
import Model
import ServiceLifecycle
import UnixSignals

/// `haldane bench peers`
package struct BenchPeersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peers",
        abstract: "Measure Haldane beside Prometheus and VictoriaMetrics on the same scrape targets.",
        discussion: """
            Starts the servers, lets all scrape the same targets at the same time, then asks one after the other the \
            queries of canary releases, then looks at what is on disk. A row is as it must be by Haldane's ratio to \
            Prometheus in the same run, where there is one; absolute figures are for orientation.

            Workloads: i, 50 targets x 1,000 series every second; ii, 200 x 1,000 every 5 s; iii, as i with churn, \
            reordering and restarts; iv, as i without compression.

            CPU is user and system time of the process, for queries less what scraping takes meanwhile. Memory is the \
            average over the last third of the scraping; scraping goes on during the queries, so that their growth has \
            some new data in it. \
            Written is what the process sent to storage (write_bytes of /proc/PID/io): Haldane's with everything \
            sealed, the others' before a flush is forced. Disk: Prometheus' chunks and index in a snapshot; \
            VictoriaMetrics' data and indexdb after a forced merge; Haldane's chunks, and all else in its hourly files.

            Examples:
              haldane bench peers --workload i
              haldane bench peers --smoke --prometheus none --victoria none
              haldane bench peers --prometheus ~/prometheus-3/prometheus -o json
            """)

    @Option(help: "i, ii, iii or iv; may be repeated. Default: i, ii and iii.")
    var workload: [PeersCase] = []

    @Option(help: "Seed of the traffic.")
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Scraping before the measurement. Default 25s.", valueName: "duration"))
    var warmUp: String?

    @Option(help: ArgumentHelp("Scraping that is measured. Default 3m.", valueName: "duration"))
    var measure: String?

    @Flag(help: "A few seconds with a few small targets, to see that everything works.")
    var smoke = false

    @Option(help: ArgumentHelp("The program, or none. Default: from PATH, if it is there.", valueName: "path"))
    var prometheus: String?

    @Option(help: ArgumentHelp("The program, or none. Default: from PATH, if it is there.", valueName: "path"))
    var victoria: String?

    @Option(name: .shortAndLong, help: "table, markdown or json.")
    var output: BenchOutputFormat = .table

    func run() async throws {
        // A signal cancels the work, and with it end the servers that were started.
        let work = ClosureService {
            try await cancelWhenGracefulShutdown { try await compare() }
        }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: work, successTerminationBehavior: .gracefullyShutdownGroup)],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: ServeLog.quiet))
        do { try await group.run() } catch is CancellationError {
            Terminal.message("interrupted; the servers are stopped")
            throw CommandError.failed
        }
    }

    private func compare() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/haldane-bench-\(getpid())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // A copy of its own: pages of a program that runs more than once would count in part only.
        let haldane = try Self.ownPath()
        let copy = folder + "/haldane"
        try FileManager.default.copyItem(atPath: haldane, toPath: copy)
        var programs: [(kind: PeerKind, path: String)] = [(.haldane, copy)]
        if let path = try program(.prometheus, prometheus, "--prometheus") { programs.append((.prometheus, path)) }
        if let path = try program(.victoria, victoria, "--victoria") { programs.append((.victoria, path)) }
        var pace = smoke ? PeersRun.Pace.smoke : .full
        if let warmUp { pace.warmUp = try Self.duration(warmUp, "--warm-up") }
        if let measure { pace.measure = try Self.duration(measure, "--measure") }
        let machine = try BenchMachine(programs, folder: folder)
        var reports: [PeersReport] = []
        if output != .json { show(machine) }
        for one in workload.isEmpty ? [.small, .large, .churn] : workload {
            let title = one.title(one.options(seed: seed, start: 0, smoke: smoke), smoke: smoke)
            Terminal.message("\(title): \(programs.map(\.kind.rawValue).joined(separator: ", "))")
            let run = PeersRun(
                programs: programs, pace: pace, counter: machine.writeCounter, folder: folder)
            let measured = try await run.run(one, seed: seed, smoke: smoke, haldane: haldane)
            let report = PeersReport(one, title: title, kinds: programs.map(\.kind), measured: measured)
            if output == .json { reports.append(report) } else { show(report) }
        }
        if output == .json { try show(BenchDocument(machine: machine, workloads: reports)) }
    }

    /// The binary of this process.
    private static func ownPath() throws -> String {
        guard let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            throw CommandError.unreachable("cannot read /proc/self/exe: the benchmark needs Linux")
        }
        return path
    }

    /// The path of a peer's program; `nil` where it is left out.
    private func program(_ kind: PeerKind, _ wanted: String?, _ option: String) throws -> String? {
        if wanted == "none" { return nil }
        if let wanted {
            guard FileManager.default.isExecutableFile(atPath: wanted) else {
                throw CommandError.badInput("\(option) \(wanted): there is no such program")
            }
            return wanted
        }
        for folder in (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":") {
            let path = "\(folder)/\(kind.rawValue)"
            if FileManager.default.isExecutableFile(atPath: path) { return path }
        }
        Terminal.message(
            "warning: no \(kind.rawValue) in PATH, so it is left out; `apt-get install \(kind.rawValue)`, or \(option) PATH"
        )
        return nil
    }

    private static func duration(_ text: String, _ option: String) throws -> Duration {
        do { return .milliseconds(try PrometheusDuration.parse(text)) } catch {
            throw CommandError.badInput("\(option): \(error.description)")
        }
    }

    private func show(_ machine: BenchMachine) {
        for line in machine.lines { Terminal.print(output == .markdown ? "- \(line)" : line) }
    }

    private func show(_ report: PeersReport) {
        if output == .markdown {
            Terminal.print("\n## \(report.workload)\n")
            Terminal.print(
                MarkdownTable.lines(report.titles, report.rows.map { report.cells($0) }).joined(separator: "\n"))
            Terminal.print("\n\(report.summary).")
            return
        }
        Terminal.print("\n\(report.workload)")
        var table = Table(
            report.titles.map { (title: $0, alignment: ["figure", "unit", "holds"].contains($0) ? .left : .right) })
        let mark = report.titles.firstIndex(of: "holds") ?? 0
        for row in report.rows {
            var cells = report.cells(row).map { Table.Cell($0) }
            if let holds = row.holds { cells[mark].style = holds ? .good : .bad }
            table.add(cells)
        }
        Terminal.print(table.lines.joined(separator: "\n"))
        Terminal.print(report.summary)
    }

    private func show(_ document: BenchDocument) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        Terminal.print(String(decoding: try encoder.encode(document), as: UTF8.self))
    }
}

extension PeersCase: ExpressibleByArgument {}

/// `-o` of the benchmarks.
enum BenchOutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table
    case markdown
    case json
}

/// The whole comparison as JSON.
private struct BenchDocument: Encodable {
    var machine: BenchMachine
    var workloads: [PeersReport]
}
