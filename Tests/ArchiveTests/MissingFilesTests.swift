import Foundation
import Model
import Synchronization
import TSDB
import Testing

@testable import Archive

/// Files that somebody has removed or cut off are missed, at a start and under a running server.
@Suite("Missing files") struct MissingFilesTests {
    /// Forty rows over three hours in hour files and at least two log files; what has been written and how to open it.
    private struct History {
        let folder = TemporaryFolder()
        var fixture = StoreFixture(rows: 40, chunkRows: 16)
        let want: [Labels: [Timestamp: UInt64]]

        init() throws {
            fixture.interval = 300_000
            var options = ArchiveOptions()
            options.logFileBytes = 1_000
            let directory = try DataDirectory.open(
                folder.data, database: fixture.options, options: options, now: fixture.time(0))
            for row in 0..<40 {
                try fixture.append(row..<(row + 1), to: directory.database)
                try directory.maintain(now: fixture.time(row))
            }
            try directory.close(now: fixture.time(40))
            want = try StoreFixture.contents(directory.database).samples
        }

        var hours: [String] { folder.files("chunks").filter { $0.hasSuffix(".sqlite") } }
        var logs: [String] { folder.files("log") }

        func open(_ path: String, readOnly: Bool = false) throws -> DataDirectory {
            readOnly
                ? try DataDirectory.openReadOnly(path, database: fixture.options, now: fixture.time(40))
                : try DataDirectory.open(path, database: fixture.options, now: fixture.time(40))
        }
    }

    @Test(
        "each file that is removed is reported with its range, at this start and the next ones",
        arguments: [false, true])
    func removed(readOnly: Bool) throws {
        let history = try History()
        try #require(history.hours.count >= 2 && history.logs.count >= 2, "\(history.logs)")
        for file in history.hours + history.logs {
            let copy = try history.folder.copy("copy")
            let name = copy + file.dropFirst(history.folder.data.count)
            try FileManager.default.removeItem(atPath: name)
            for attempt in 1...3 {
                let directory = try history.open(copy, readOnly: readOnly)
                let report = directory.report
                #expect(!report.damaged.isEmpty, "\(name), start \(attempt): \(report)")
                if attempt == 1 || readOnly { #expect(report.missingFiles == [name], "\(report)") }
                if attempt > 1, !readOnly { #expect(report.missingFiles.isEmpty, "\(report)") }
                let (got, damaged) = try StoreFixture.contents(directory.database)
                RecoveryTests.checkPrefix(got, damaged, history.want, "\(name), start \(attempt)", tail: .max)
                // Not everything is declared damaged for one file.
                let isBounded = damaged.allSatisfy { $0.start > history.fixture.time(0) - 7 * 3_600_000 }
                #expect(isBounded, "\(report)")
                try directory.close(now: history.fixture.time(40))
            }
        }
    }

    @Test("a log that is cut off anywhere is reported, however it ended", arguments: [false, true])
    func cut(isFinished: Bool) throws {
        let folder = TemporaryFolder()
        let fixture = StoreFixture(rows: 24, chunkRows: 120)
        var want: [Labels: [Timestamp: UInt64]] = [:]
        do {
            let directory = try DataDirectory.open(folder.data, database: fixture.options, now: fixture.time(0))
            for row in 0..<24 {
                try fixture.append(row..<(row + 1), to: directory.database)
                try directory.maintain(now: fixture.time(row))
            }
            if isFinished { try directory.close(now: fixture.time(24)) }
            want = try StoreFixture.contents(directory.database).samples
        }
        let log = try #require(folder.files("log").last)
        let whole = try TemporaryFolder.bytes(log)
        for size in stride(from: 0, to: whole.count, by: max(1, whole.count / 60)) {
            let copy = try folder.copy("copy")
            try TemporaryFolder.write(Array(whole[..<size]), copy + log.dropFirst(folder.data.count))
            for attempt in 1...2 {
                let directory = try DataDirectory.open(copy, database: fixture.options, now: fixture.time(24))
                #expect(!directory.report.damaged.isEmpty, "cut at \(size), start \(attempt): \(directory.report)")
                let (got, damaged) = try StoreFixture.contents(directory.database)
                RecoveryTests.checkPrefix(got, damaged, want, "cut at \(size), start \(attempt)", tail: .max)
                try directory.close(now: fixture.time(24))
            }
        }
    }

    @Test("the list: lost copies, an old directory, damage of both") func lists() throws {
        let history = try History()
        let names = FileList.names
        for (damage, isReported) in [([0], false), ([1], false), ([0, 1], true)] {
            let copy = try history.folder.copy("copy")
            for number in damage { try TemporaryFolder.write([7], "\(copy)/\(names[number])") }
            do {
                let report = try history.open(copy).report
                #expect(report.damaged.isEmpty != isReported && report.missingFiles.isEmpty != isReported, "\(report)")
            }
            #expect(try FileList.load(copy) != .damaged)
            #expect(try history.open(copy).report.missingFiles.isEmpty)
        }
        // One that was written before there were lists gets one and says nothing.
        let copy = try history.folder.copy("copy")
        for name in names + [LogEnd.name] { try FileManager.default.removeItem(atPath: "\(copy)/\(name)") }
        do {
            let report = try history.open(copy).report
            #expect(report.damaged.isEmpty && report.missingFiles.isEmpty && report.bytesDropped == 0, "\(report)")
        }
        guard case .list(let list) = try FileList.load(copy) else {
            Issue.record("no list")
            return
        }
        #expect(list.hours.count == history.hours.count && list.logs.count >= history.logs.count)
    }

    @Test("any changed byte of a list is noticed") func listBytes() throws {
        var list = FileList()
        list.generation = .max
        list.hasSeriesSamples = true
        list.hours = [HourKey(first: 0, last: 0), HourKey(first: 0, last: 100 * HourKey.length)]
        list.logs = [1: Timestamp?.none, LogFileName.numberMax: Timestamp.min]
        let text = list.text
        #expect(FileList(text) == list)
        #expect(FileList("") == nil && FileList(FileList().text) == FileList())
        for index in text.utf8.indices {
            for bit in 0..<8 {
                var bytes = Array(text.utf8)
                bytes[text.utf8.distance(from: text.startIndex, to: index)] ^= 1 << UInt8(bit)
                #expect(FileList(String(decoding: bytes, as: UTF8.self)) == nil)
            }
        }
    }

    @Test("a kill before or after any step is no reason to miss a file") func kills() throws {
        let folder = TemporaryFolder()
        var fixture = StoreFixture(rows: 60, chunkRows: 4)
        fixture.interval = 600_000
        var options = fixture.options
        options.retention = 2 * 3_600_000
        let gate = StepGate()
        var archive = ArchiveOptions()
        archive.logFileBytes = 1_500
        archive.observer = gate.observer
        let now = Mutex(fixture.time(0))
        let steps = Mutex((count: 0, checked: 0))
        let fixed = (fixture, options)
        gate.watch { _ in
            let count = steps.withLock { steps in
                steps.count += 1
                return steps.count
            }
            // Every step would take long; these are of all kinds.
            guard count % 3 == 0, let copy = try? folder.copy("killed \(count)") else { return }
            defer { try? FileManager.default.removeItem(atPath: copy) }
            let report = try? DataDirectory.open(copy, database: fixed.1, now: now.withLock { $0 }).report
            #expect(
                report?.missingFiles.isEmpty == true && report?.damaged.isEmpty == true,
                "step \(count): \(report as Any)")
            steps.withLock { $0.checked += 1 }
        }
        for _ in 0..<2 {
            let first = now.withLock { $0 }
            let directory = try DataDirectory.open(folder.data, database: options, options: archive, now: first)
            for _ in 0..<20 {
                let time = now.withLock { now in
                    now += fixed.0.interval
                    return now
                }
                let row = Int((time - StoreFixture.start) / fixture.interval)
                try fixture.append(row..<(row + 1), to: directory.database)
                try directory.maintain(now: time)
            }
            try directory.close(now: now.withLock { $0 })
        }
        #expect(steps.withLock { $0.checked } > 20, "\(steps.withLock { $0 })")
    }

    @Test("a directory that is removed or replaced under the server is noticed, and works again when it is back")
    func directoryGone() throws {
        let folder = TemporaryFolder()
        let fixture = StoreFixture()
        let directory = try DataDirectory.open(folder.data, database: fixture.options, now: fixture.time(0))
        try fixture.append(0..<10, to: directory.database)
        try directory.maintain(now: fixture.time(10))
        #expect(directory.storageStatus().isWritable)
        try FileManager.default.moveItem(atPath: folder.data, toPath: folder.path + "/moved")
        for isReplaced in [false, true] {
            if isReplaced { _ = try DataDirectory.open(folder.data, now: fixture.time(11)) }
            let before = isReplaced ? try DamageSoakTests.listing(folder.data) : []
            try fixture.append(isReplaced ? 15..<20 : 10..<15, to: directory.database)
            #expect(throws: StorageError.self) { try directory.maintain(now: fixture.time(20)) }
            #expect(!directory.storageStatus().isWritable)
            #expect(directory.storageStatus().lastError.contains("removed or replaced"))
            #expect(throws: StorageError.self) { try directory.database.flush() }
            #expect(throws: StorageError.self) { _ = try directory.snapshot(skippingHead: true, at: fixture.time(20)) }
            if isReplaced { #expect(try DamageSoakTests.listing(folder.data) == before) }
            try? FileManager.default.removeItem(atPath: folder.data)
        }
        try FileManager.default.moveItem(atPath: folder.path + "/moved", toPath: folder.data)
        try directory.maintain(now: fixture.time(21))
        try directory.database.flush()
        #expect(directory.storageStatus().isWritable)
        let want = try StoreFixture.contents(directory.database).samples
        let again = try DataDirectory.openReadOnly(folder.data, database: fixture.options, now: fixture.time(21))
        #expect(try StoreFixture.contents(again.database).samples == want)
        #expect(again.report.damaged.isEmpty, "\(again.report)")
    }

    @Test("a log file or an hour file that is removed under the server is noticed; what is in memory is stored anew")
    func fileGone() throws {
        let folder = TemporaryFolder()
        var fixture = StoreFixture(rows: 80, chunkRows: 4)
        fixture.interval = 120_000
        let directory = try DataDirectory.open(folder.data, database: fixture.options, now: fixture.time(0))
        for row in 0..<40 {
            try fixture.append(row..<(row + 1), to: directory.database)
            try directory.maintain(now: fixture.time(row))
        }
        for log in folder.files("log") { try FileManager.default.removeItem(atPath: log) }
        #expect(throws: StorageError.self) { try directory.maintain(now: fixture.time(40)) }
        try directory.maintain(now: fixture.time(40))
        let whole = try StoreFixture.contents(directory.database).samples
        var again = try DataDirectory.openReadOnly(folder.data, database: fixture.options, now: fixture.time(40))
        #expect(again.report.damaged.isEmpty && again.report.missingFiles.isEmpty, "\(again.report)")
        #expect(try StoreFixture.contents(again.database).samples == whole)

        let hour = try #require(folder.files("chunks").first)
        try FileManager.default.removeItem(atPath: hour)
        #expect(throws: StorageError.self) { try directory.maintain(now: fixture.time(41)) }
        let window = try #require(directory.database.damagedRanges.first)
        #expect(window.contains(fixture.time(1)))
        try directory.maintain(now: fixture.time(42))
        let (got, damaged) = try StoreFixture.contents(directory.database)
        RecoveryTests.checkPrefix(got, damaged, whole, "gone", tail: .max)
        again = try DataDirectory.openReadOnly(folder.data, database: fixture.options, now: fixture.time(42))
        #expect(again.report.missingFiles.isEmpty && again.report.damaged.contains(window), "\(again.report)")
        let (rest, reported) = try StoreFixture.contents(again.database)
        RecoveryTests.checkPrefix(rest, reported, whole, "gone, again", tail: .max)
    }

    @Test("data that retention would drop at once is not opened, unless that is wanted") func expired() throws {
        let history = try History()
        let late = history.fixture.time(40) + 7 * 3_600_000
        let before = history.hours
        let newest = try #require(try history.open(history.folder.data, readOnly: true).report.newestSample)
        for now in [late, late + 1_000_000_000_000] {
            #expect(
                throws: ArchiveError.expired(
                    path: history.folder.data, newest: newest, retention: history.fixture.options.retention ?? 0)
            ) { _ = try DataDirectory.open(history.folder.data, database: history.fixture.options, now: now) }
        }
        #expect(history.hours == before)
        let reader = try DataDirectory.openReadOnly(
            history.folder.data, database: history.fixture.options, now: late)
        #expect(try StoreFixture.contents(reader.database).samples == history.want)
        var options = history.fixture.options
        options.retention = 24 * 3_600_000
        do { _ = try DataDirectory.open(history.folder.data, database: options, now: late) }
        var archive = ArchiveOptions()
        archive.dropsExpired = true
        let directory = try DataDirectory.open(
            history.folder.data, database: history.fixture.options, options: archive, now: late)
        try directory.maintain(now: late)
        #expect(history.hours.isEmpty)
    }
}
