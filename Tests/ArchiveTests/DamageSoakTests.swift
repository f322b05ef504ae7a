import Archive
import Foundation
import Model
import TSDB
import TestSupport
import Testing

/// Whatever happens to the files: each answer is that of the undamaged store, or the range that differs is reported.
@Suite("Damage (soak)") struct DamageSoakTests {
    /// Four hours of two targets and late samples with times of their own, in hour files and several files of the log.
    struct History {
        let folder = TemporaryFolder()
        var fixture = StoreFixture(rows: 120, chunkRows: 8)
        let want: [Labels: [Timestamp: UInt64]]
        /// The process ended by itself.
        let isFinished: Bool

        static var archive: ArchiveOptions {
            var options = ArchiveOptions()
            options.logFileBytes = 2_000
            options.openFilesMax = 2
            return options
        }

        init(finished: Bool) throws {
            fixture.interval = 120_000
            isFinished = finished
            let directory = try DataDirectory.open(
                folder.data, database: fixture.options, options: Self.archive, now: fixture.time(0))
            for row in 0..<120 {
                try fixture.append(row..<(row + 1), to: directory.database)
                // Chunks wait for the archive at times, so that the log has more than one file.
                if row % 20 < 12 || row > 116 {
                    try directory.database.flush()
                } else {
                    try directory.maintain(now: fixture.time(row))
                }
                if row % 20 < 12 { try directory.database.appendHeartbeat(now: fixture.time(row)) }
            }
            if finished { try directory.close(now: fixture.time(120)) } else { try directory.database.flush() }
            want = try StoreFixture.contents(directory.database).samples
        }

        var files: [String] { folder.files("log") + folder.files("chunks").filter { $0.hasSuffix(".sqlite") } }
        /// What says which files there are and how long the log is.
        var witnesses: [String] { ["files", "files.copy", "log-end"].map { folder.data + "/" + $0 } }
        var now: Timestamp { fixture.time(120) }

        func open(_ path: String, readOnly: Bool) throws -> DataDirectory {
            readOnly
                ? try DataDirectory.openReadOnly(path, database: fixture.options, options: Self.archive, now: now)
                : try DataDirectory.open(path, database: fixture.options, options: Self.archive, now: now)
        }
    }

    @Test("each answer is right, or its range is reported") func damage() throws {
        let histories = [try History(finished: true), try History(finished: false)]
        var kept = 0
        var all = 0
        var rounds = 0
        for seed in SoakBudget.seeds(60, full: 1000) {
            var generator = SeededGenerator(seed: seed)
            let history = histories[Int(seed % 2)]
            let copy = try history.folder.copy("copy")
            var note = "seed \(seed)"
            for file in Self.targets(history, &generator) {
                let name = copy + file.dropFirst(history.folder.data.count)
                let damage = try Damage.random(name, &generator)
                try damage.apply(to: name)
                note += ", \(file.dropFirst(history.folder.data.count)): \(damage)"
            }
            let readOnly = generator.chance(50)
            let before = readOnly ? try Self.listing(copy) : []
            let directory: DataDirectory
            do { directory = try history.open(copy, readOnly: readOnly) } catch {
                Issue.record("\(note): can't be opened: \(error)")
                continue
            }
            let samples = try Self.check(directory, history, note, &generator)
            kept += samples
            all += history.want.values.reduce(0) { $0 + $1.count }
            rounds += 1
            if readOnly {
                #expect(try Self.listing(copy) == before, "\(note): reading has changed the directory")
            } else if generator.chance(40) {
                try Self.goOn(directory, history, copy, note, &generator)
            }
        }
        print("damage: \(rounds) rounds, \(kept * 100 / max(1, all)) % of the samples were read back")
        #expect(kept * 100 / max(1, all) >= 70, "too much is given up for too little damage")
    }

    /// One or two files to damage. What happened to a file is not seen when its only witness is damaged as well.
    private static func targets(_ history: History, _ generator: inout SeededGenerator) -> [String] {
        let first = generator.pick(generator.chance(85) ? history.files : history.witnesses)
        guard generator.chance(20) else { return [first] }
        let isWitness = first.hasSuffix("log-end")
        let second = generator.pick(history.files.filter { !isWitness || !$0.hasSuffix(".log") })
        return first == second ? [first] : [first, second]
    }

    /// Names, sizes and contents of all files.
    static func listing(_ path: String) throws -> [String] {
        var out: [String] = []
        for case let name as String in FileManager.default.enumerator(atPath: path)! {
            let bytes = FileManager.default.contents(atPath: path + "/" + name)
            out.append("\(name) \(bytes?.count ?? -1) \(bytes?.hashValue ?? 0)")
        }
        return out.sorted()
    }

    /// Compares random windows and the whole; returns how many samples the whole has.
    @discardableResult
    private static func check(
        _ directory: DataDirectory, _ history: History, _ note: String, _ generator: inout SeededGenerator,
        ignoring extra: Set<Labels> = []
    ) throws -> Int {
        let fixture = history.fixture
        var windows = [TimeWindow.always]
        for _ in 0..<3 {
            let start = fixture.time(Int.random(in: -2..<120, using: &generator)) - 1
            windows.append(
                TimeWindow(after: start, through: start + Int64.random(in: 0...7_200_000, using: &generator)))
        }
        var count = 0
        for (index, window) in windows.enumerated() {
            let (got, damaged) = try StoreFixture.contents(directory.database, window)
            if index == 0 { count = got.values.reduce(0) { $0 + $1.count } }
            // A log without its end may lack what came after its newest time, late samples a little before.
            let report = directory.report
            let end = report.isUnfinished ? (report.newest ?? .min).addingReportingOverflow(-1_000).partialValue : .max
            for (labels, samples) in got where !extra.contains(labels) {
                for (time, bits) in samples where history.want[labels]?[time] != bits {
                    Issue.record("\(note): \(labels) at \(time) has another value")
                    return count
                }
            }
            for (labels, samples) in history.want {
                for time in samples.keys where window.contains(time) && got[labels]?[time] == nil {
                    if time > end || damaged.contains(where: { $0.contains(time) }) { continue }
                    Issue.record(
                        "\(note): \(labels) at \(time) is missing without a report; \(damaged), \(directory.report)")
                    return count
                }
            }
        }
        return count
    }

    /// The damaged directory is written again, closed, and opened once more: the same is there, the same is reported.
    private static func goOn(
        _ directory: DataDirectory, _ history: History, _ path: String, _ note: String,
        _ generator: inout SeededGenerator
    ) throws {
        let before = try StoreFixture.contents(directory.database)
        let fresh: Labels = ["__name__": "fresh"]
        let group = try directory.database.openGroup(GroupKey(job: "new", target: "new"))
        let column = try group.column(for: fresh)
        for step in 0..<5 {
            var row = SampleRow(time: history.now + Int64(step) * 1_000, columnCount: column + 1)
            row.set(column, to: Double(step))
            try group.append(row)
            try directory.maintain(now: row.time)
        }
        try directory.close(now: history.now + 5_000)
        let copy = try history.folder.copy("again", of: path)
        let again = try history.open(copy, readOnly: generator.chance(50))
        var got = try StoreFixture.contents(again.database)
        #expect(got.samples[fresh]?.count == 5, "\(note): what came after the damage is missing")
        got.samples[fresh] = nil
        #expect(got.samples == before.samples, "\(note): the next start reads something else")
        #expect(!again.report.isUnfinished, "\(note): \(again.report)")
        let union = before.damaged
        for window in union where !window.isEmpty {
            let isKnown = got.damaged.contains { $0.start <= window.start && $0.end >= window.end }
            #expect(isKnown, "\(note): the next start has forgotten \(window), it says \(got.damaged)")
        }
    }
}
