import Foundation
import Model
import TSDB
import Testing

@testable import Archive

/// A start over a damaged directory ends in a running store that says what is missing, or in a refusal; never in a trap.
@Suite("Damaged starts") struct DamagedStartTests {
    /// A way to damage a directory that holds hour files and a log.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// Takes the data directory, its hour files and its log files.
        let damage: @Sendable (String, [String], [String]) throws -> Void

        init(_ name: String, _ damage: @escaping @Sendable (String, [String], [String]) throws -> Void) {
            testDescription = name
            self.damage = damage
        }

        /// Changes the tables of the oldest hour file.
        static func sql(_ statement: String) -> Case {
            Case(statement) { _, hours, _ in
                let connection = try SQLiteConnection.open(hours[0], .write)
                try connection.run(statement)
            }
        }

        /// Replaces the file of damaged ranges.
        static func ranges(_ lines: String) -> Case {
            Case("damaged-ranges: \(lines.prefix(60))") { data, _, _ in
                try TemporaryFolder.write(Array(lines.utf8), data + "/damaged-ranges")
            }
        }

        /// A line of that file whose checksum is right.
        static func line(_ start: Timestamp, _ end: Timestamp) -> String {
            let numbers = "\(start) \(end)"
            return "\(numbers) \(String(CRC32C.checksum(Array(numbers.utf8).span), radix: 16))\n"
        }

        /// Adds an empty file to the hour files.
        static func hour(_ name: String) -> Case {
            Case(name) { data, _, _ in try TemporaryFolder.write([], "\(data)/chunks/\(name)") }
        }
    }

    static let extremes: [Int64] = [.min, .min + 1, -1, 0, .max / 2, .max - 1, .max]

    static let logs = [
        Case("one bit of the first frame of the log") { _, _, logs in
            var bytes = try TemporaryFolder.bytes(logs[0])
            bytes[FrameEnvelope.magic.count + 12] ^= 0x10
            try TemporaryFolder.write(bytes, logs[0])
        },
        Case("one bit of the length of the first frame") { _, _, logs in
            var bytes = try TemporaryFolder.bytes(logs[0])
            bytes[FrameEnvelope.magic.count + 5] ^= 0x40
            try TemporaryFolder.write(bytes, logs[0])
        },
        Case("one bit of the magic") { _, _, logs in
            var bytes = try TemporaryFolder.bytes(logs[0])
            bytes[3] ^= 1
            try TemporaryFolder.write(bytes, logs[0])
        },
        Case("the first log file is all zeros") { _, _, logs in
            let size = try TemporaryFolder.bytes(logs[0]).count
            try TemporaryFolder.write(Array(repeating: 0, count: size), logs[0])
        },
        Case("logs that hold no more than their magic") { data, _, logs in
            for log in logs { try FileManager.default.removeItem(atPath: log) }
            for number in 1...2 as ClosedRange<UInt64> {
                try TemporaryFolder.write(FrameEnvelope.magic, LogFileName.path(data + "/log", number))
            }
        },
        Case("empty logs") { _, _, logs in for log in logs { try TemporaryFolder.write([], log) } },
        Case("no logs") { _, _, logs in for log in logs { try FileManager.default.removeItem(atPath: log) } },
        Case("no hour files") { _, hours, _ in for hour in hours { try FileManager.default.removeItem(atPath: hour) } },
        Case("no folders") { data, _, _ in
            for name in ["log", "chunks"] { try FileManager.default.removeItem(atPath: data + "/" + name) }
        },
        Case("lists of files that can't be read") { data, _, _ in
            for name in FileList.names { try TemporaryFolder.write([1, 2], data + "/" + name) }
        },
        Case("a log number at the end of the type") { data, _, _ in
            try TemporaryFolder.write(FrameEnvelope.magic, LogFileName.path(data + "/log", .max))
            try TemporaryFolder.write(FrameEnvelope.magic, LogFileName.path(data + "/log", .max / 2))
        },
        Case("log names that no log gets") { data, _, _ in
            for name in ["7.log", "+000000007.log", "00000000007.log", ".log", "-1.log"] {
                try TemporaryFolder.write(FrameEnvelope.magic, "\(data)/log/\(name)")
            }
        },
    ]

    static let names = [
        "hour-1~0.sqlite.damaged-1", "hour-\(Int64.min).sqlite.damaged-1", "hour-\(Int64.max).sqlite.damaged-1",
        "hour-\(Int64.min)~\(Int64.max).sqlite.damaged-1", "hour-0~\(Int64.max).sqlite", "hour-\(Int64.min)~2.sqlite",
        "hour-\(Int64.max)~2.sqlite", "hour-007.sqlite", "hour-+7.sqlite", "hour-7~1.sqlite", "hour-7~-1.sqlite",
        "hour-7.sqlite.damaged-1-journal", "hour-7.sqlite.damaged-", "hour-7.sqlite-journal", "hour-7.sqlite.new",
        "hour-.sqlite", "hour-99999999999999999999.sqlite",
    ]

    static var all: [Case] {
        var cases = logs + names.map { Case.hour($0) }
        for columns in ["first_chunk", "chunks", "rows", "samples", "checksum"] {
            cases += extremes.map { .sql("UPDATE manifest SET \(columns) = \($0)") }
        }
        cases += extremes.map { .sql("UPDATE manifest SET first_chunk = \($0), chunks = \($0)") }
        for column in ["id", "first", "last", "rows", "columns", "samples", "end_sequence", "size", "stored", "crc"] {
            cases += extremes.map { .sql("UPDATE chunk SET \(column) = \($0) WHERE id = (SELECT max(id) FROM chunk)") }
        }
        for column in ["first", "columns", "size", "crc"] {
            cases += extremes.map { .sql("UPDATE OR IGNORE label_batch SET \(column) = \($0)") }
        }
        cases += extremes.map { .sql("UPDATE OR IGNORE series_group SET id = \($0)") }
        cases += extremes.map { .sql("UPDATE series_group SET kind = \($0)") }
        cases += [.ranges("nonsense\n"), .ranges("\n\n \n"), .ranges("1 2 3\n"), .ranges("\u{0}")]
        for start in extremes { cases += extremes.map { .ranges(Case.line(start, $0)) } }
        cases.append(.ranges(String(repeating: "x\n", count: 1 << 20)))
        return cases
    }

    @Test("every start ends well, says what is missing, and so does the next one", arguments: all)
    func start(_ damage: Case) throws {
        let folder = TemporaryFolder()
        let (fixture, want) = try Self.history(folder)
        let hours = folder.files("chunks").filter { $0.hasSuffix(".sqlite") }
        try #require(hours.count >= 2 && folder.files("log").count >= 1)
        do { try damage.damage(folder.data, hours, folder.files("log")) } catch let error as SQLiteError {
            // SQLite refuses some of the numbers itself.
            try #require(error.code == 20 || error.code & 0xff == 19, "\(error)")
        }
        for attempt in 1...3 {
            let directory: DataDirectory
            do {
                directory =
                    attempt == 1
                    ? try DataDirectory.openReadOnly(folder.data, database: fixture.options, now: fixture.time(40))
                    : try DataDirectory.open(folder.data, database: fixture.options, now: fixture.time(40))
            } catch {
                // A refusal has words.
                #expect(!"\(error)".isEmpty)
                return
            }
            #expect(!"\(directory.report)".contains("-29227"), "\(directory.report)")
            let (got, damaged) = try StoreFixture.contents(directory.database)
            RecoveryTests.checkPrefix(got, damaged, want, "attempt \(attempt)", tail: .max)
            try directory.close(now: fixture.time(40))
        }
    }

    /// Forty rows in hour files and the log.
    static func history(_ folder: TemporaryFolder) throws -> (StoreFixture, [Labels: [Timestamp: UInt64]]) {
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

    @Test("a manifest that doesn't add up puts its file aside") func putAside() throws {
        let folder = TemporaryFolder()
        let (fixture, _) = try Self.history(folder)
        let hour = try #require(folder.files("chunks").first)
        do {
            let connection = try SQLiteConnection.open(hour, .write)
            try connection.run("UPDATE manifest SET chunks = 9223372036854775807")
        }
        let directory = try DataDirectory.open(folder.data, database: fixture.options, now: fixture.time(40))
        #expect(directory.report.quarantinedFiles == [hour])
        #expect(folder.files("chunks").contains(hour + ".damaged-1"))
        #expect(directory.report.damaged.count == 1)
    }
}
