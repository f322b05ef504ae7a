import Archive
import Foundation
import Model
import TSDB
import TestSupport
import Testing

/// Days of targets that come and go, in virtual time: nothing that the store keeps may grow with them.
@Suite("Churn (soak)") struct ChurnSoakTests {
    /// What must stay bounded. All of it is counted by the store itself.
    struct Footprint: CustomStringConvertible {
        var counts: [(name: String, value: Int)]

        init(_ directory: DataDirectory) {
            let store = directory.database.statistics(top: 0)
            let files = directory.storageStatus()
            counts = [
                ("series", store.series), ("groups", store.groups), ("symbols", store.symbols),
                ("label pairs", store.labelPairs), ("chunks", store.chunks), ("chunk bytes", store.chunkBytes),
                ("resident bytes", store.residentBytes), ("cached bytes", files.cachedBytes),
                ("log files", files.logFiles), ("log bytes", files.logBytes), ("hour files", files.archiveFiles),
                ("hour file bytes", files.archiveBytes), ("open files", files.openFiles),
                ("waiting bytes", files.waitingBytes),
            ]
        }

        var description: String { counts.map { "\($0.name) \($0.value)" }.joined(separator: ", ") }

        /// What has a limit of its own, up to which it may come and go.
        static let limited: Set<String> = ["cached bytes", "log bytes", "log files", "open files"]

        func isWithin(_ limits: ArchiveOptions) -> Bool {
            let values = Dictionary(uniqueKeysWithValues: counts.map { ($0.name, $0.value) })
            // The log is looked at once a round of scrapes, and the file that is being written comes on top.
            let log = limits.logBytesMax + 2 * limits.logFileBytes
            return values["log bytes", default: 0] <= log && values["cached bytes", default: 0] <= limits.cacheBytes
                && values["open files", default: 0] <= limits.openFilesMax
        }

        /// Names of what has grown beyond the other by more than a factor and a few.
        func grown(beyond other: Footprint, by factor: Double) -> [String] {
            zip(counts, other.counts)
                .filter { !Self.limited.contains($0.name) && Double($0.value) > Double($1.value) * factor + 16 }
                .map { $0.0.name }
        }
    }

    /// A pod that is scraped from its first row to its last.
    struct Pod {
        let name: String
        let group: any GroupAppender
        var columns: [Int] = []
        var lastRow: Int
        /// Ends without a word, as after a crash of the scraper.
        var vanishes: Bool

        init(_ number: Int, _ database: Database, lastRow: Int, vanishes: Bool, series: Int) throws {
            name = "podinfo-\(number)-\(number &* 2_654_435_761 % 99_991)"
            group = try database.openGroup(GroupKey(job: "linkerd-proxy", target: name))
            self.lastRow = lastRow
            self.vanishes = vanishes
            for index in 0..<series {
                columns.append(
                    try group.column(for: [
                        "__name__": index % 2 == 0 ? "response_total" : "response_latency_ms_bucket", "pod": name,
                        "deployment": "podinfo-\(number % 7)", "client_id": "client-\(number)-\(index)",
                        "le": "\(index)",
                    ]))
            }
        }

        func scrape(row: Int, at time: Timestamp) throws {
            var sample = SampleRow(time: time, columnCount: (columns.max() ?? -1) + 1)
            for (index, column) in columns.enumerated() { sample.set(column, to: Double((row / (1 + index % 4)) * 3)) }
            try group.append(sample)
        }
    }

    private static let hour = 3_600_000 as Milliseconds

    private static func options(retention: Milliseconds) -> (DatabaseOptions, ArchiveOptions) {
        var options = DatabaseOptions()
        options.chunkRows = 20
        options.retention = retention
        options.seriesChunkSamples = 2_000
        var archive = ArchiveOptions()
        archive.logFileBytes = 64 << 10
        archive.logBytesMax = 512 << 10
        archive.cacheBytes = 1 << 20
        archive.openFilesMax = 3
        return (options, archive)
    }

    @Test("nothing grows with targets that come and go, nor with queries") func churn() throws {
        let folder = TemporaryFolder()
        let hours = SoakBudget.size(6, full: 48)
        let kept: Int64 = SoakBudget.size(1, full: 6)
        let interval = SoakBudget.size(60_000, full: 10_000) as Milliseconds
        let (options, archive) = Self.options(retention: kept * Self.hour)
        let start = StoreFixture.start
        let directory = try DataDirectory.open(folder.data, database: options, options: archive, now: start)
        var generator = SeededGenerator(seed: 1)
        var pods: [Pod] = []
        var born = 0
        var reference: Footprint?
        var memory = 0
        let rowsPerHour = Int(Self.hour / interval)
        for row in 0..<(hours * rowsPerHour) {
            let now = start + Int64(row) * interval
            for pod in pods where pod.lastRow == row && !pod.vanishes { pod.group.close() }
            pods.removeAll { $0.lastRow <= row }
            while pods.count < 12 {
                born += 1
                let life = Int.random(in: 1...(rowsPerHour * 2), using: &generator)
                pods.append(
                    try Pod(born, directory.database, lastRow: row + life, vanishes: generator.chance(30), series: 40))
            }
            for pod in pods { try pod.scrape(row: row, at: now) }
            let late = SeriesSamples(
                labels: ["__name__": "written", "job": "batch-\(row / 50)"], times: [now - 500], values: [.float(1)])
            #expect(directory.database.append([late], at: now).refused == 0)
            try directory.maintain(now: now)
            if row % 5 == 0 { try Self.query(directory.database, now, pods[0].name, &generator) }
            guard (row + 1) % rowsPerHour == 0 else { continue }
            // By then retention has taken the first hours for good.
            if (row + 1) / rowsPerHour == Int(kept) + 3 {
                reference = Footprint(directory)
                memory = Self.anonymousMemory()
            } else if let reference {
                let print = Footprint(directory)
                let grown = print.grown(beyond: reference, by: 1.6)
                #expect(print.isWithin(archive), "after hour \((row + 1) / rowsPerHour): \(print)")
                #expect(grown.isEmpty, "after hour \((row + 1) / rowsPerHour): \(print); at first \(reference)")
                if !grown.isEmpty { break }
            }
        }
        let end = Self.anonymousMemory()
        print(
            "churn: \(hours) h, \(born) targets; \(Footprint(directory)); anonymous \(memory) kB, at the end \(end) kB")
        // Other tests run in this process unless this one was asked for.
        if SoakBudget.isFull { #expect(Double(end) < Double(memory) * 1.25 + 4_000) }
    }

    /// One query of each kind.
    private static func query(
        _ database: Database, _ now: Timestamp, _ pod: String, _ generator: inout SeededGenerator
    ) throws {
        let length = generator.pick([60_000, 600_000, 3_600_000, 6 * 3_600_000]) as Milliseconds
        let window = TimeWindow(after: now - length, through: now)
        let matchers = generator.pick([
            [Matcher(name: "__name__", equals: "response_total")], [Matcher(name: "pod", equals: pod)],
            [Matcher(name: "nothing", equals: "\(now)")],
        ])
        var counters = CounterWindow()
        for group in try database.select([SelectRequest(matchers, window)])[0].groups {
            try group.readCounters(in: window, into: &counters)
        }
        _ = try database.labelValues(of: "pod", matching: [matchers], in: window)
        _ = try database.labelNames(matching: [[Matcher(name: "no-\(now)", equals: "x")]], in: window)
    }

    /// Anonymous memory of this process in kB.
    static func anonymousMemory() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/smaps_rollup", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("Anonymous:") }
        return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    }
}
