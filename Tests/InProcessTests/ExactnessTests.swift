import Archive
import Foundation
import Model
import NIOCore
import Scrape
import Simulator
import Synchronization
import TSDB
import TestSupport
import Testing

@Suite("Exactness over a day (Fuzz)") struct ExactnessTests {
    @Test("Fuzz: every series read back is what the bodies said, bit for bit, through seals, archive and reopening")
    func day() async throws {
        try await FuzzBudget(executions: 2).run("exactness day") { random, seed in
            // A seed of a long run makes a long day.
            let scrapes = seed < 1000 ? 60 : Int.random(in: 100...500, using: &random)
            var day = try await RandomDay(seed: seed, &random)
            for _ in 0..<scrapes { try await day.step(86_400_000 / Int64(scrapes), &random) }
            try day.compare()
            await day.stop()
        }
    }
}

/// Random targets behind real sockets, a scraper, and a store in a directory of its own, beside their oracle.
private struct RandomDay {
    private static let targets = 3
    private let seed: UInt64
    private let folder: String
    private let clock = ManualClock(at: 1_788_253_200_000)
    private let bodies = Mutexes()
    private var servers: [TestServer] = []
    private var pods: [Int] = []
    private var traffic: [RandomTarget] = []
    private var options = DatabaseOptions()
    private var directory: DataDirectory?
    private var scraper: ScrapeManager?
    private var oracle = ScrapeOracle()
    private var serial = 0

    /// The next body of each target.
    private final class Mutexes: Sendable { let texts = Mutex<[Int: String]>([:]) }

    init(seed: UInt64, _ random: inout SeededGenerator) async throws {
        self.seed = seed
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("exactness-\(UUID().uuidString)").path
        options.retention = nil
        options.outOfOrderWindow = nil
        options.chunkRows = Int.random(in: 5...130, using: &random)
        options.checkpointRows = Int.random(in: 2...60, using: &random)
        options.seriesChunkSamples = Int.random(in: 10...2_000, using: &random)
        for number in 0..<Self.targets {
            let bodies = bodies
            servers.append(
                try await TestServer.start { _ in
                    guard let text = bodies.texts.withLock({ $0[number] }) else {
                        return .body([], status: "503 Service Unavailable")
                    }
                    return .text(text)
                })
            traffic.append(RandomTarget(&random))
            pods.append(serial)
            serial += 1
        }
        try open()
    }

    private mutating func open() throws {
        let directory = try DataDirectory.open(folder, database: options, now: clock.now())
        let scraper = ScrapeManager(
            ScrapeEnvironment(
                appender: directory.database, clock: clock, pace: ScrapePace(timeoutFloor: .seconds(60)),
                eventLoops: HeavyScrapes.loops))
        var job = ScrapeJob(name: "j")
        job.interval = 15_000
        var configuration = ScrapeConfiguration()
        configuration.jobs = [job]
        scraper.apply(configuration)
        self.directory = directory
        self.scraper = scraper
        tell()
    }

    private func group(_ number: Int) -> TargetGroup {
        TargetGroup(addresses: [servers[number].address], labels: ["pod": "p\(pods[number])"])
    }

    private func tell() { scraper?.setGroups((0..<Self.targets).map(group), ofJob: "j", from: "test") }

    private func target(_ number: Int) throws -> Target {
        var job = ScrapeJob(name: "j")
        job.interval = 15_000
        let results = TargetBuilder.build([group(number)], for: job)
        guard case .target(let target)? = results.first else { throw CancellationError() }
        return target
    }

    /// Lets time pass, perhaps something happen, and scrapes.
    mutating func step(_ length: Milliseconds, _ random: inout SeededGenerator) async throws {
        clock.advance(by: Int64.random(in: 1...(2 * length), using: &random))
        let now = clock.now()
        if random.chance(20) { try directory?.maintain(now: now) }
        if random.chance(3) { directory?.database.seal(now: now, all: true) }
        if random.chance(3) { try await reopen() }
        if random.chance(3) { try await replacePod(Int.random(in: 0..<Self.targets, using: &random)) }
        for number in 0..<Self.targets {
            if random.chance(2) { traffic[number].restart() }
            let body = random.chance(3) ? nil : traffic[number].body(at: now, &random)
            bodies.texts.withLock { $0[number] = body }
            oracle.scrape(try target(number), body, began: now)
        }
        await scraper?.scrapeNow(matching: [])
    }

    private mutating func replacePod(_ number: Int) async throws {
        oracle.end(try target(number), at: clock.now())
        pods[number] = serial
        serial += 1
        tell()
        await scraper?.waitForEnds()
    }

    private mutating func reopen() async throws {
        try compare()
        try directory?.close(now: clock.now())
        directory = nil
        scraper = nil
        try open()
        oracle.restart()
        try compare()
    }

    /// Compares everything that is stored with everything that should be.
    func compare() throws {
        let database = try #require(directory?.database, "no store is open")
        let selection = try database.select([SelectRequest([], .always)])[0]
        #expect(selection.damaged.isEmpty)
        let got = try Self.contents(selection)
        let place = "seed \(seed), \(clock.now())"
        for (labels, wanted) in oracle.samples {
            let found = got[labels] ?? [:]
            let isSame = ScrapeOracle.isTiming(labels) ? found.keys == wanted.keys : found == wanted
            guard !isSame else { continue }
            let times = Set(found.keys).union(wanted.keys).filter { found[$0] != wanted[$0] }.sorted().prefix(3)
            let differences = times.map { time in
                "at \(time) got \(Self.text(found[time])), want \(Self.text(wanted[time]))"
            }
            Issue.record("\(place): \(labels): \(differences.joined(separator: "; "))")
            return
        }
        // A series all of whose samples were refused has a place in the store, and nothing in it.
        let extra = got.first { !$0.value.isEmpty && oracle.samples[$0.key] == nil }?.key
        #expect(extra == nil, "\(place)")
    }

    private static func text(_ bits: UInt64?) -> String {
        bits.map { "\(Double(bitPattern: $0)) (0x\(String($0, radix: 16)))" } ?? "nothing"
    }

    private static func contents(_ selection: Selection) throws -> [Labels: [Timestamp: UInt64]] {
        var out: [Labels: [Timestamp: UInt64]] = [:]
        var buffer = ColumnBuffer()
        for group in selection.groups {
            try group.read(.always, into: &buffer)
            for column in 0..<group.labels.count {
                let labels = selection.symbols.labels(group.labels.pairs(of: column))
                var samples: [Timestamp: UInt64] = [:]
                for row in 0..<buffer.rowCount where !buffer.isAbsent(row: row, column: column) {
                    samples[buffer.times[row]] = buffer.values[row * group.labels.count + column].bitPattern
                }
                out[labels, default: [:]].merge(samples) { first, _ in first }
            }
        }
        return out
    }

    func stop() async {
        for server in servers { await server.stop() }
        try? FileManager.default.removeItem(atPath: folder)
    }
}
