import Archive
import Model
import TSDB
import Testing

/// What is in a data directory after a restart, whole or damaged.
@Suite("Recovery") struct RecoveryTests {
    static func total(_ contents: [Labels: [Timestamp: UInt64]]) -> Int { contents.values.reduce(0) { $0 + $1.count } }

    @Test("what was flushed is there after a restart, and goes on where it was", arguments: [1, 4, 16, 120])
    func restart(_ chunkRows: Int) throws {
        let folder = TemporaryFolder()
        let fixture = StoreFixture(rows: 40, chunkRows: chunkRows)
        let expected = Database(fixture.options)
        try fixture.append(0..<40, to: expected)
        let want = try StoreFixture.contents(expected).samples
        for part in [0..<13, 13..<14, 14..<33, 33..<40] {
            let directory = try DataDirectory.open(
                folder.data, database: fixture.options, now: fixture.time(part.lowerBound))
            #expect(directory.report.damaged.isEmpty && directory.report.bytesDropped == 0)
            #expect(directory.report.framesUnusable == 0, "\(directory.report)")
            for row in part {
                try fixture.append(row..<(row + 1), to: directory.database)
                try directory.maintain(now: fixture.time(row))
            }
        }
        let directory = try DataDirectory.open(folder.data, database: fixture.options, now: fixture.time(40))
        let (got, damaged) = try StoreFixture.contents(directory.database)
        #expect(got == want)
        #expect(damaged.isEmpty)
        #expect(directory.report.samples == Self.total(want))
        #expect(directory.report.series == want.count)
    }

    @Test("a reader beside the writer sees what was flushed and changes nothing")
    func readOnly() throws {
        let folder = TemporaryFolder()
        let fixture = StoreFixture()
        let directory = try DataDirectory.open(folder.data, database: fixture.options, now: fixture.time(0))
        try fixture.append(0..<30, to: directory.database)
        try directory.maintain(now: fixture.time(30))
        let reader = try DataDirectory.openReadOnly(folder.data, database: fixture.options, now: fixture.time(30))
        #expect(try StoreFixture.contents(reader.database).samples == StoreFixture.contents(directory.database).samples)
        try fixture.append(30..<40, to: directory.database)
        try directory.maintain(now: fixture.time(40))
        let later = try DataDirectory.openReadOnly(folder.data, database: fixture.options, now: fixture.time(40))
        #expect(try StoreFixture.contents(later.database).samples == StoreFixture.contents(directory.database).samples)
        #expect(throws: ArchiveError.locked(path: folder.data)) {
            _ = try DataDirectory.open(folder.data, database: fixture.options, now: fixture.time(40))
        }
    }

    @Test("bad directories have errors of their own")
    func badDirectories() throws {
        let folder = TemporaryFolder()
        #expect(throws: ArchiveError.missing(path: folder.data)) {
            _ = try DataDirectory.openReadOnly(folder.data, now: 0)
        }
        #expect(throws: ArchiveError.noData(path: folder.path)) {
            _ = try DataDirectory.openReadOnly(folder.path, now: 0)
        }
        try TemporaryFolder.write([1], folder.data)
        #expect(throws: ArchiveError.notADirectory(path: folder.data)) {
            _ = try DataDirectory.open(folder.data, now: 0)
        }
        #expect(throws: ArchiveError.notADirectory(path: folder.data)) {
            _ = try DataDirectory.openReadOnly(folder.data, now: 0)
        }
    }

    /// Every sample of `got` must be in `want`; a missing one must be newer than all that are there of its series, or
    /// in a range that is reported damaged. With `tail`, only what is newer than that may be missing unreported.
    static func checkPrefix(
        _ got: [Labels: [Timestamp: UInt64]], _ damaged: [TimeWindow], _ want: [Labels: [Timestamp: UInt64]],
        _ note: String, tail: Timestamp? = nil
    ) {
        for (labels, samples) in got {
            for (time, bits) in samples where want[labels]?[time] != bits {
                Issue.record("\(note): \(labels) at \(time) has another value")
                return
            }
        }
        for (labels, samples) in want {
            let newest = tail ?? got[labels]?.keys.max() ?? .min
            for time in samples.keys where got[labels]?[time] == nil && time <= newest {
                if damaged.contains(where: { $0.contains(time) }) { continue }
                Issue.record("\(note): \(labels) at \(time) is missing without a report")
                return
            }
        }
    }

    @Test("a log that ends anywhere gives a prefix", arguments: [3, 120])
    func truncation(_ chunkRows: Int) throws {
        let folder = TemporaryFolder()
        let fixture = StoreFixture(rows: 24, chunkRows: chunkRows)
        do {
            let directory = try DataDirectory.open(folder.data, database: fixture.options, now: fixture.time(0))
            try fixture.append(0..<24, to: directory.database)
            try directory.database.flush()
        }
        let memory = Database(fixture.options)
        try fixture.append(0..<24, to: memory)
        let want = try StoreFixture.contents(memory).samples
        let log = try #require(folder.files("log").last)
        let whole = try TemporaryFolder.bytes(log)
        var before = -1
        for size in stride(from: 0, through: whole.count, by: max(1, whole.count / 300)) {
            let copy = try folder.copy("copy")
            let name = copy + log.dropFirst(folder.data.count)
            try TemporaryFolder.write(Array(whole[..<size]), String(name))
            let directory = try DataDirectory.open(copy, database: fixture.options, now: fixture.time(24))
            let (got, damaged) = try StoreFixture.contents(directory.database)
            // Only what `tick` has written is known to have been there: the beginning of the file.
            #expect(damaged.isEmpty == (size >= 8))
            Self.checkPrefix(got, damaged, want, "cut at \(size)")
            let count = Self.total(got)
            #expect(count >= before, "more bytes gave fewer samples")
            before = count
        }
        #expect(before > 0)
    }

    /// Opens a directory; `nil` when a file claims to be of another format.
    static func open(_ path: String, _ fixture: StoreFixture) throws -> DataDirectory? {
        do {
            return try DataDirectory.open(path, database: fixture.options, now: fixture.time(40))
        } catch ArchiveError.newerFormat, ArchiveError.olderFormat {
            return nil
        }
    }

    @Test("a directory of an older format is refused and left as it is") func olderFormat() throws {
        let folder = TemporaryFolder()
        let fixture = StoreFixture()
        do {
            let directory = try DataDirectory.open(folder.data, database: fixture.options, now: fixture.time(0))
            try fixture.append(0..<30, to: directory.database)
            try directory.close(now: fixture.time(30))
        }
        let hour = try #require(folder.files("chunks").first { $0.hasSuffix(".sqlite") })
        var bytes = try TemporaryFolder.bytes(hour)
        // The lowest bytes of `user_version` and `application_id`.
        bytes[63] = 2
        bytes[71] = 2
        try TemporaryFolder.write(bytes, hour)
        #expect(throws: ArchiveError.olderFormat(path: hour)) {
            _ = try DataDirectory.open(folder.data, database: fixture.options, now: fixture.time(30))
        }
        #expect(try TemporaryFolder.bytes(hour) == bytes)
        let log = try #require(folder.files("log").last)
        try TemporaryFolder.write(Array("HALDLOG2".utf8) + [0xf7], log)
        #expect(throws: ArchiveError.olderFormat(path: log)) {
            _ = try DataDirectory.open(folder.data, database: fixture.options, now: fixture.time(30))
        }
    }

    @Test("flipped bits in any file give a right value, a prefix, or a reported range", arguments: 1...3)
    func flippedBits(_ seed: UInt64) throws {
        let folder = TemporaryFolder()
        let fixture = StoreFixture(rows: 40, chunkRows: 8)
        do {
            let directory = try DataDirectory.open(folder.data, database: fixture.options, now: fixture.time(0))
            for row in 0..<40 {
                try fixture.append(row..<(row + 1), to: directory.database)
                if row == 30 { try directory.maintain(now: fixture.time(row)) }
            }
            try directory.database.flush()
        }
        let memory = Database(fixture.options)
        try fixture.append(0..<40, to: memory)
        let want = try StoreFixture.contents(memory).samples
        var state = seed &* 0x9e37_79b9_7f4a_7c15
        func random(_ below: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(truncatingIfNeeded: state >> 33) % below
        }
        let files = folder.files("log") + folder.files("chunks").filter { $0.hasSuffix(".sqlite") }
        #expect(files.count >= 2)
        var opened = 0
        for round in 0..<60 {
            let copy = try folder.copy("copy")
            let file = files[round % files.count]
            let name = copy + file.dropFirst(folder.data.count)
            var bytes = try TemporaryFolder.bytes(name)
            let index = random(bytes.count)
            bytes[index] ^= UInt8(1 << random(8))
            try TemporaryFolder.write(bytes, name)
            let note = "seed \(seed) round \(round): bit of byte \(index) of \(file.dropFirst(folder.data.count))"
            guard let directory = try Self.open(copy, fixture) else { continue }
            opened += 1
            let (got, damaged) = try StoreFixture.contents(directory.database)
            // Only the very last frame may be taken for a torn end; it holds one row or one sample with a time of its own.
            let tail = fixture.time(38) + 250
            Self.checkPrefix(got, damaged, want, note, tail: tail)
        }
        #expect(opened >= 30, "only \(opened) of 60 damaged directories could be opened")
    }

    @Test("retention gives files back and forgets the series")
    func retention() throws {
        let folder = TemporaryFolder()
        var fixture = StoreFixture(rows: 40, chunkRows: 4)
        fixture.interval = 600_000
        var options = fixture.options
        options.retention = 2 * 3_600_000
        let directory = try DataDirectory.open(folder.data, database: options, now: fixture.time(0))
        for row in 0..<40 {
            try fixture.append(row..<(row + 1), to: directory.database)
            try directory.maintain(now: fixture.time(row))
        }
        #expect(folder.files("chunks").filter { $0.hasSuffix(".sqlite") }.count <= 5)
        let (got, _) = try StoreFixture.contents(directory.database)
        let oldest = got.values.flatMap(\.keys).min() ?? 0
        #expect(oldest >= fixture.time(39) - 2 * 3_600_000 - 4 * fixture.interval)
        #expect(oldest <= fixture.time(39) - 3_600_000)
        try directory.maintain(now: fixture.time(40) + 3 * 3_600_000)
        try directory.maintain(now: fixture.time(40) + 3 * 3_600_000 + 120_000)
        #expect(directory.database.statistics().series == 0)
        #expect(try StoreFixture.contents(directory.database).samples.isEmpty)
        #expect(folder.files("chunks").filter { $0.hasSuffix(".sqlite") }.isEmpty)
        #expect(throws: Never.self) { try fixture.append(100..<101, to: directory.database) }
    }
}
