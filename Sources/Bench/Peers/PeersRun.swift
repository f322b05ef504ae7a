import Console
import FoundationEssentials
import Glibc
import Model
import Simulator

/// Runs servers side by side on one workload and takes their figures.
package struct PeersRun {
    /// How long each part takes.
    package struct Pace {
        /// Scraping before anything is measured.
        package var warmUp: Duration
        /// Scraping that is measured.
        package var measure: Duration
        /// For an idle process to settle.
        package var settle: Duration
        /// CPU seconds to spend on a question, and the longest it may take.
        package var spend: Double
        var limit: Duration
        /// Throughput is measured so many times, the servers in turn; the median counts.
        package var rounds: Int
        /// For a forced merge.
        package var merge: Duration
        /// Empty starts; their median counts.
        package var starts: Int

        /// The pace of the published figures.
        package static let full = Pace(
            warmUp: .seconds(25), measure: .seconds(180), settle: .seconds(3), spend: 0.5, limit: .seconds(10),
            rounds: 5, merge: .seconds(30), starts: 3)
        /// A few seconds, to see that everything works.
        package static let smoke = Pace(
            warmUp: .milliseconds(1_500), measure: .seconds(3), settle: .milliseconds(100), spend: 0.02,
            limit: .milliseconds(150), rounds: 1, merge: .seconds(4), starts: 1)
    }

    /// The programs, in the order of the table.
    package let programs: [(kind: PeerKind, path: String)]
    /// How long each phase takes.
    package let pace: Pace
    /// The counter of the bytes that a server writes.
    package let counter: WriteCounter
    /// Everything is kept below it.
    package let folder: String

    /// A run of these programs.
    package init(
        programs: [(kind: PeerKind, path: String)], pace: Pace, counter: WriteCounter, folder: String
    ) {
        self.programs = programs
        self.pace = pace
        self.counter = counter
        self.folder = folder
    }

    /// What was measured of one server.
    package struct Measured {
        var values: [PeerFigure: Double] = [:]
        var answers: [CanaryQuestion: AnswerDigest] = [:]
    }

    /// What is known of a server between the phases.
    private struct Running {
        var server: PeerServer
        var measured = Measured()
        /// CPU seconds per second that scraping takes.
        var scraping = 0.0
        /// Proportional set size before the questions, in bytes.
        var memory = 0.0
    }

    /// Runs one workload from start to end. `haldane` is this program, which serves the targets.
    package func run(_ workload: PeersCase, seed: UInt64, smoke: Bool, haldane: String) async throws -> [Measured] {
        let workspace = folder + "/" + workload.rawValue
        try FileManager.default.createDirectory(atPath: workspace, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: workspace) }
        let options = workload.options(seed: seed, start: SystemClock().now(), smoke: smoke)
        let idle = try await self.idle(workspace)
        let port = try FreePort.find()
        let targets = try startTargets(haldane, workload, options, port, workspace)
        let configuration = workspace + "/scrape.yaml"
        try WorkloadConfiguration(options, address: "127.0.0.1:\(port)", interval: workload.interval).text
            .write(toFile: configuration, atomically: false, encoding: .utf8)
        var running: [Running] = []
        for (index, program) in programs.enumerated() {
            let server = try PeerServer(
                program.kind, program.path, configuration: configuration,
                folder: "\(workspace)/\(program.kind.rawValue)")
            running.append(Running(server: server, measured: idle[index]))
        }
        try await ingest(&running, series: Double(options.targets * options.series))
        // Everything of that moment has arrived a second later.
        let time = SystemClock().now() - 1_000
        for index in running.indices { try await query(&running, index, time) }
        try await load(&running, time)
        for index in running.indices { running[index].server.process.signal(SIGCONT) }
        for index in running.indices { try await store(&running[index], options) }
        targets.end(SIGKILL)
        return running.map(\.measured)
    }

    /// Start-up time and memory of each server that has nothing to scrape.
    private func idle(_ workspace: String) async throws -> [Measured] {
        let configuration = workspace + "/idle.yaml"
        try "global: {}\n".write(toFile: configuration, atomically: false, encoding: .utf8)
        var all: [Measured] = []
        for program in programs {
            var measured = Measured()
            var starts: [Double] = []
            for number in 0..<pace.starts {
                let server = try PeerServer(
                    program.kind, program.path, configuration: configuration,
                    folder: "\(workspace)/idle-\(program.kind.rawValue)-\(number)")
                starts.append(server.startSeconds)
                try await Task.sleep(for: pace.settle)
                measured.values[.idle] = try server.figures.memory().proportional / 1e6
            }
            measured.values[.ready] = starts.sorted()[starts.count / 2]
            measured.values[.binary] = ExecutableSize.stripped(program.path).map { $0 / 1e6 }
            all.append(measured)
        }
        return all
    }

    private func startTargets(
        _ haldane: String, _ workload: PeersCase, _ options: WorkloadOptions, _ port: Int, _ workspace: String
    ) throws -> ChildProcess {
        var arguments = [
            "bench", "targets", "--targets", "\(options.targets)", "--series", "\(options.series)", "--seed",
            "\(options.seed)", "--listen", "127.0.0.1:\(port)",
        ]
        if options.churns { arguments.append("--churn") }
        if options.reorders { arguments.append("--reorder") }
        if options.restarts { arguments.append("--restarts") }
        if workload == .identity { arguments.append("--identity") }
        let process = try ChildProcess(haldane, arguments, log: workspace + "/targets.log")
        let request = QueryConnection.request("/targets/0/metrics")
        let began = ContinuousClock.now
        while true {
            if var connection = try? QueryConnection(port: port), (try? connection.exchange(request))?.status == 200 {
                return process
            }
            guard !process.hasEnded, ContinuousClock.now - began < .seconds(60) else {
                let messages = (try? String(contentsOfFile: process.log, encoding: .utf8)) ?? ""
                throw CommandError.unreachable("the scrape targets did not start:\n\(messages.suffix(2_000))")
            }
            usleep(10_000)
        }
    }

    /// Scraping by all servers at once.
    private func ingest(_ running: inout [Running], series: Double) async throws {
        let clock = ContinuousClock()
        let patience = clock.now + .seconds(30)
        // Prometheus begins some seconds after its start.
        while try running.contains(where: { try $0.server.counts().samples == 0 }), clock.now < patience {
            try await Task.sleep(for: .milliseconds(100))
        }
        try await Task.sleep(for: pace.warmUp)
        let began = clock.now
        let before = try running.map { (try $0.server.figures.processorSeconds(), try $0.server.counts().samples) }
        var memory = running.map { _ in (count: 0.0, proportional: 0.0, anonymous: 0.0) }
        try await Task.sleep(for: pace.measure * 2 / 3)
        repeat {
            for (index, one) in running.enumerated() {
                let now = try one.server.figures.memory()
                memory[index].count += 1
                memory[index].proportional += now.proportional
                memory[index].anonymous += now.anonymous
            }
            try await Task.sleep(for: .seconds(1))
        } while clock.now - began < pace.measure
        for index in running.indices {
            let processor = try running[index].server.figures.processorSeconds() - before[index].0
            let samples = try running[index].server.counts().samples - before[index].1
            guard samples > 0 else {
                throw CommandError.unreachable("\(running[index].server.kind.rawValue) took no samples in")
            }
            running[index].scraping = processor / ((clock.now - began) / .seconds(1))
            let proportional = memory[index].proportional / memory[index].count / 1e6
            let idle = running[index].measured.values[.idle] ?? 0
            running[index].measured.values[.ingestion] = processor / samples * 1e6
            running[index].measured.values[.proportional] = proportional
            running[index].measured.values[.anonymous] = memory[index].anonymous / memory[index].count / 1e6
            running[index].measured.values[.perSeries] = max(0, proportional - idle) * 1e6 / series
        }
    }

    /// Queries to one server while the others stand still.
    private func query(_ running: inout [Running], _ index: Int, _ time: Timestamp) async throws {
        try await isolate(running, index)
        let server = running[index].server
        running[index].memory = try server.figures.memory().proportional
        let phase = QueryPhase(
            server: server, scraping: running[index].scraping, time: time, spend: pace.spend, limit: pace.limit)
        for question in CanaryQuestion.allCases {
            let cost: QueryCost
            do { cost = try phase.cost(of: question) } catch let error as CommandError {
                throw CommandError.unreachable("\(server.kind.rawValue), \(question.rawValue): \(error.description)")
            }
            running[index].measured.values[.processor(question)] = cost.processor
            running[index].measured.values[.latency(question)] = cost.latency
            running[index].measured.answers[question] = cost.answer
        }
        // At once, and before it stands still while the others are asked: waking up, it scrapes all its targets at the same
        // time, which takes memory that no question took.
        _ = try phase.throughput(of: .successRate)
        running[index].measured.values[.growth] = try server.figures.memory().proportional / running[index].memory
    }

    /// Requests per second of one server after the other, some rounds of it: a machine that is slow for some seconds would
    /// otherwise be so for one server only.
    private func load(_ running: inout [Running], _ time: Timestamp) async throws {
        var rounds = running.map { _ in [Double]() }
        for _ in 0..<pace.rounds {
            for index in running.indices {
                try await isolate(running, index)
                let phase = QueryPhase(
                    server: running[index].server, scraping: 0, time: time, spend: pace.spend, limit: pace.limit)
                rounds[index].append(try phase.throughput(of: .successRate))
                running[index].measured.values[.peak] = try running[index].server.figures.peak() / 1e6
            }
        }
        for index in running.indices {
            running[index].measured.values[.queriesPerSecond] = rounds[index].sorted()[pace.rounds / 2]
        }
    }

    /// Has one server work while the others stand still.
    private func isolate(_ running: [Running], _ index: Int) async throws {
        for (other, one) in running.enumerated() { one.server.process.signal(other == index ? SIGCONT : SIGSTOP) }
        try await Task.sleep(for: min(pace.settle, .seconds(1)))
    }

    /// What was written until now, and what the data takes on disk in its final form.
    private func store(_ running: inout Running, _ options: WorkloadOptions) async throws {
        let server = running.server
        let counts = try server.counts()
        let series = counts.series ?? Double(options.targets * options.series)
        var written = try server.figures.written(counter)
        let disk: DiskFigures
        switch server.kind {
        case .haldane:
            // Sealing is part of what it writes, here or later.
            server.process.end(SIGTERM) {
                if let last = try? server.figures.written(counter) { written = last }
            }
            let sealed = try DiskFigures.haldane(server.folder)
            written += sealed.added
            disk = sealed.figures
        case .prometheus: disk = try DiskFigures.prometheus(server)
        case .victoria: disk = try await DiskFigures.victoria(server, patience: pace.merge)
        }
        running.measured.values[.written] = written / counts.samples
        running.measured.values[.samplesOnDisk] = disk.samples / counts.samples
        running.measured.values[.indexOnDisk] = disk.index / series
        server.process.end(SIGKILL)
    }
}
