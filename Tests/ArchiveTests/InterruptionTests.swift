import Archive
import Foundation
import Glibc
import Model
import TSDB
import TestSupport
import Testing

/// What interrupts the archive: a kill in a transaction, a disk that is full for long, many files.
@Suite("Interruptions") struct InterruptionTests {
    private static let sqlite = "/usr/bin/sqlite3"

    /// Forty rows in hour files and the log, one chunk each five minutes.
    private static func history(_ folder: TemporaryFolder) throws -> (StoreFixture, [Labels: [Timestamp: UInt64]]) {
        var fixture = StoreFixture(rows: 40, chunkRows: 4)
        fixture.interval = 300_000
        let directory = try DataDirectory.open(folder.data, database: fixture.options, now: fixture.time(0))
        for row in 0..<40 {
            try fixture.append(row..<(row + 1), to: directory.database)
            try directory.maintain(now: fixture.time(row))
        }
        try directory.close(now: fixture.time(40))
        return (fixture, try StoreFixture.contents(directory.database).samples)
    }

    @Test(
        "a transaction that a kill cut short is undone, by a reader in a copy of its own",
        .enabled(if: FileManager.default.isExecutableFile(atPath: sqlite), "needs sqlite3"))
    func hotJournal() async throws {
        let folder = TemporaryFolder()
        let (fixture, want) = try Self.history(folder)
        let file = try #require(folder.files("chunks").first)
        let copy = folder.path + "/killed"
        // With no room in its cache, SQLite writes changed pages before the transaction ends.
        let sql = "PRAGMA cache_size=1; BEGIN IMMEDIATE; UPDATE chunk SET first = 0, data = zeroblob(9000);"
        let outcome = try await Program.run(
            executable: Self.sqlite, [file, sql, ".system cp -r \(folder.data) \(copy)", "ROLLBACK;"])
        #expect(outcome.code == 0, "\(outcome.messages)")
        let journal = copy + file.dropFirst(folder.data.count) + "-journal"
        try #require(FileManager.default.fileExists(atPath: journal), "SQLite left no journal to undo")
        let before = try DamageSoakTests.listing(copy)
        let reader = try DataDirectory.openReadOnly(copy, database: fixture.options, now: fixture.time(40))
        #expect(try StoreFixture.contents(reader.database).samples == want)
        #expect(reader.report.damaged.isEmpty, "\(reader.report)")
        #expect(try DamageSoakTests.listing(copy) == before)
        let writer = try DataDirectory.open(copy, database: fixture.options, now: fixture.time(40))
        #expect(try StoreFixture.contents(writer.database).samples == want)
        #expect(writer.report.damaged.isEmpty && !FileManager.default.fileExists(atPath: journal))
    }

    @Test("however many hours there are, few files are open") func openFiles() throws {
        let folder = TemporaryFolder()
        let (fixture, want) = try Self.history(folder)
        var options = ArchiveOptions()
        options.openFilesMax = 2
        options.cacheBytes = 0
        let directory = try DataDirectory.open(
            folder.data, database: fixture.options, options: options, now: fixture.time(40))
        #expect(directory.storageStatus().archiveFiles >= 4)
        for _ in 0..<3 {
            #expect(try StoreFixture.contents(directory.database).samples == want)
            #expect(directory.storageStatus().openFiles <= 2)
            let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").filter { name in
                let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + name)
                return target?.hasPrefix(folder.data + "/chunks") == true
            }
            #expect(open.count <= 2)
        }
    }

    @Test("a slow scrape's chunks say in their file's name how far they reach back") func reach() throws {
        let folder = TemporaryFolder()
        var fixture = StoreFixture(rows: 40, chunkRows: 8)
        fixture.interval = 1_800_000
        var options = fixture.options
        options.retention = nil
        options.idleSeal = 86_400_000
        do {
            let directory = try DataDirectory.open(folder.data, database: options, now: fixture.time(0))
            for row in 0..<40 {
                try fixture.append(row..<(row + 1), to: directory.database)
                try directory.maintain(now: fixture.time(row))
            }
            try directory.close(now: fixture.time(40))
        }
        let far = folder.files("chunks").filter { $0.hasSuffix("~4.sqlite") }
        #expect(!far.isEmpty, "\(folder.files("chunks"))")
        for name in far { try TemporaryFolder.write([1, 2], name) }
        let directory = try DataDirectory.open(folder.data, database: options, now: fixture.time(40))
        #expect(directory.report.quarantinedFiles == far)
        let memory = Database(options)
        try fixture.append(0..<40, to: memory)
        let want = try StoreFixture.contents(memory).samples
        let (got, damaged) = try StoreFixture.contents(directory.database)
        RecoveryTests.checkPrefix(got, damaged, want, "reach", tail: .max)
    }

    @Test("a log that can't be written for long is given up, and nothing is lost when it can be again")
    func backlog() async {
        // In a process of its own, whose files may not grow.
        await #expect(processExitsWith: .success) {
            signal(SIGXFSZ, SIG_IGN)
            let folder = TemporaryFolder()
            let fixture = StoreFixture(rows: 80, chunkRows: 16)
            var options = ArchiveOptions()
            options.logBacklogMax = 2_000
            let directory = try DataDirectory.open(
                folder.data, database: fixture.options, options: options, now: fixture.time(0))
            try fixture.append(0..<10, to: directory.database)
            try directory.maintain(now: fixture.time(10))
            var limit = rlimit()
            unsafe getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            let unlimited = limit
            limit.rlim_cur = 1_000
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            for row in 10..<70 {
                try fixture.append(row..<(row + 1), to: directory.database)
                try? directory.maintain(now: fixture.time(row))
            }
            #expect(!directory.storageStatus().isWritable && directory.storageStatus().writeFailures > 10)
            #expect(directory.storageStatus().waitingBytes <= 4_000)
            #expect(throws: StorageError.self) { try directory.database.flush() }
            limit = unlimited
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            // What was given up is stored by the next tick; until then nobody may rely on it.
            #expect(throws: StorageError.self) { try directory.database.flush() }
            try directory.maintain(now: fixture.time(70))
            try directory.database.flush()
            #expect(directory.storageStatus().isWritable)
            try fixture.append(70..<80, to: directory.database)
            try directory.database.flush()
            let want = try StoreFixture.contents(directory.database).samples
            let killed = try folder.copy("killed")
            let again = try DataDirectory.open(killed, database: fixture.options, now: fixture.time(80))
            #expect(try StoreFixture.contents(again.database).samples == want)
            #expect(again.report.damaged.isEmpty && again.report.framesUnusable == 0, "\(again.report)")
        }
    }
}
