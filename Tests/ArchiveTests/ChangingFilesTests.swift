import Foundation
import Model
import Synchronization
import TSDB
import Testing

@testable import Archive

/// Files that come and go while they are listed, copied or read, and what a kill leaves of that.
@Suite("Changing files") struct ChangingFilesTests {
    /// Rows every ten minutes with a retention of two hours, so that files go while others come.
    private static func fixture() -> (StoreFixture, DatabaseOptions) {
        var fixture = StoreFixture(rows: 60, chunkRows: 4)
        fixture.interval = 600_000
        var options = fixture.options
        options.retention = 2 * 3_600_000
        options.idleSeal = 86_400_000
        return (fixture, options)
    }

    /// Does something once.
    private final class Once: Sendable {
        private let isDone = Atomic<Bool>(false)

        /// Whether the body was run.
        var wasCalled: Bool { isDone.load(ordering: .relaxed) }

        func callAsFunction(_ body: () throws -> Void) rethrows {
            if !isDone.exchange(true, ordering: .relaxed) { try body() }
        }
    }

    @Test("a reader that finds a listed file gone looks again") func reader() throws {
        let folder = TemporaryFolder()
        let (fixture, options) = Self.fixture()
        let directory = try DataDirectory.open(folder.data, database: options, now: fixture.time(0))
        for row in 0..<20 {
            try fixture.append(row..<(row + 1), to: directory.database)
            try directory.maintain(now: fixture.time(row))
        }
        let once = Once()
        var reading = ArchiveOptions()
        reading.listed = {
            once {
                // All files that were listed go, and those that come have what they defined.
                for row in 20..<40 {
                    try? fixture.append(row..<(row + 1), to: directory.database)
                    try? directory.maintain(now: fixture.time(row))
                }
            }
        }
        let reader = try DataDirectory.openReadOnly(
            folder.data, database: options, options: reading, now: fixture.time(40))
        #expect(once.wasCalled, "no file went while the reader listed them")
        #expect(reader.report.damaged.isEmpty && reader.report.framesUnusable == 0, "\(reader.report)")
        let want = try StoreFixture.contents(directory.database).samples
        let got = try StoreFixture.contents(reader.database).samples
        // Files keep samples for an hour longer than the store answers them.
        for (labels, samples) in want {
            let same = samples.allSatisfy { got[labels]?[$0.key] == $0.value }
            #expect(same, "\(labels): \(reader.report)")
        }
    }

    @Test("a snapshot copies what came while it was copied") func snapshot() throws {
        let folder = TemporaryFolder()
        let (fixture, options) = Self.fixture()
        let once = Once()
        let running = Mutex<DataDirectory?>(nil)
        var archive = ArchiveOptions()
        archive.listed = {
            guard let directory = running.withLock({ $0 }) else { return }
            once {
                for row in 20..<40 {
                    try? fixture.append(row..<(row + 1), to: directory.database)
                    try? directory.maintain(now: fixture.time(row))
                }
            }
        }
        let directory = try DataDirectory.open(
            folder.data, database: options, options: archive, now: fixture.time(0))
        for row in 0..<20 {
            try fixture.append(row..<(row + 1), to: directory.database)
            try directory.maintain(now: fixture.time(row))
        }
        running.withLock { $0 = directory }
        defer { running.withLock { $0 = nil } }
        let name = try directory.snapshot(skippingHead: false, at: fixture.time(20))
        #expect(once.wasCalled, "nothing came while the snapshot was copied")
        let copy = try DataDirectory.openReadOnly(
            "\(folder.data)/snapshots/\(name)", database: options, now: fixture.time(40))
        #expect(copy.report.damaged.isEmpty && copy.report.framesUnusable == 0, "\(copy.report)")
        let got = try StoreFixture.contents(copy.database).samples
        for (labels, samples) in try StoreFixture.contents(directory.database).samples {
            for (time, bits) in samples where time > fixture.time(15) && time < fixture.time(19) {
                #expect(got[labels]?[time] == bits, "\(labels) at \(time)")
            }
        }
    }

    @Test("a journal that a kill left without its file is not rolled into the next one", arguments: [false, true])
    func orphanedJournal(isAside: Bool) throws {
        let folder = TemporaryFolder()
        let (fixture, want) = try DamagedStartTests.history(folder)
        let hour = try #require(folder.files("chunks").first)
        do {
            // A hot journal of a transaction that changed the pages of all tables.
            let connection = try SQLiteConnection.open(hour, .write)
            try connection.run("PRAGMA cache_size=1; BEGIN IMMEDIATE; UPDATE chunk SET data = zeroblob(9000)")
            for table in ["manifest", "label_batch", "series_group", "chunk"] {
                try connection.run("DELETE FROM \(table)")
            }
            try FileManager.default.copyItem(atPath: hour + "-journal", toPath: folder.path + "/journal")
            try connection.run("ROLLBACK")
        }
        // What the kill left between the steps of putting aside or removing.
        if isAside { try FileManager.default.moveItem(atPath: hour, toPath: hour + ".damaged-1") }
        if !isAside { try FileManager.default.removeItem(atPath: hour) }
        try FileManager.default.copyItem(atPath: folder.path + "/journal", toPath: hour + "-journal")
        do {
            let directory = try DataDirectory.open(folder.data, database: fixture.options, now: fixture.time(40))
            // Late samples of that hour need a file of the same name.
            for number in 0..<fixture.options.seriesChunkSamples {
                let series = SeriesSamples(
                    labels: ["__name__": "late"], times: [fixture.time(0) + Int64(number)], values: [.float(1)])
                #expect(directory.database.append([series], at: fixture.time(40)).appended == 1)
            }
            try directory.maintain(now: fixture.time(40))
            directory.database.seal(now: fixture.time(40), all: true)
            try directory.close(now: fixture.time(40))
        }
        try #require(FileManager.default.fileExists(atPath: hour))
        #expect(!FileManager.default.fileExists(atPath: hour + "-journal"))
        let groups = try SQLiteConnection.open(hour, .read).number("SELECT count(*) FROM series_group")
        #expect(groups == 1, "the new file has groups of the old one")
        let again = try DataDirectory.open(folder.data, database: fixture.options, now: fixture.time(40))
        #expect(again.report.quarantinedFiles.isEmpty, "\(again.report)")
        let (got, damaged) = try StoreFixture.contents(again.database)
        #expect(got[["__name__": "late"]]?.count == fixture.options.seriesChunkSamples)
        RecoveryTests.checkPrefix(got.filter { $0.key != ["__name__": "late"] }, damaged, want, "journal", tail: .min)
    }

    @Test("a chunk that was read late is not taken for one of a file at the same address") func cacheKeys() throws {
        let folder = TemporaryFolder()
        _ = try DamagedStartTests.history(folder)
        let hours = folder.files("chunks").filter { $0.hasSuffix(".sqlite") }
        let key = try #require(HourKey.parse("hour-1.sqlite")?.key)
        let cache = ChunkCache(bytes: 1 << 20)
        let openFiles = OpenFiles(countMax: 4)
        func file(_ path: String) -> HourFile {
            HourFile(path, key: key, writing: false, cache: cache, openFiles: openFiles)
        }
        let want = try file(hours[1]).load(1)
        var address: ObjectIdentifier
        do {
            let old = file(hours[0])
            address = ObjectIdentifier(old)
            #expect(try old.load(1) != want)
            old.expire()
            // A query that began before goes on reading.
            _ = try old.load(1)
            openFiles.forget(old)
        }
        // Files of the same address come soon, when those that have others are kept.
        var others: [HourFile] = []
        while others.count < 10_000 {
            let new = file(hours[1])
            if ObjectIdentifier(new) == address {
                #expect(try new.load(1) == want)
                return
            }
            others.append(new)
        }
        Issue.record("no file came to lie at the address of the first one")
    }
}
