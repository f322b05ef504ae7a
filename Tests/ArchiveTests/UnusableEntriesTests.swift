import Foundation
import Model
import TSDB
import Testing

@testable import Archive

/// Names in a data directory that lead to something else than a file of it: a start refuses with the name, and nothing is
/// removed.
@Suite("Unusable entries") struct UnusableEntriesTests {
    /// What may be in the place of a file.
    enum Entry: CaseIterable {
        case danglingLink
        case loop
        case fifo
        case folder

        func make(_ path: String) throws {
            try? FileManager.default.removeItem(atPath: path)
            switch self {
            case .danglingLink:
                try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/mnt/not-mounted/x")
            case .loop: try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path)
            case .fifo: #expect(unsafe mkfifo(path, 0o644) == 0)
            case .folder: try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            }
        }
    }

    private let folder = TemporaryFolder()
    private let fixture = StoreFixture(rows: 24, chunkRows: 8)
    private let want: [Labels: [Timestamp: UInt64]]

    init() throws {
        let directory = try DataDirectory.open(folder.data, database: fixture.options, now: fixture.time(0))
        for row in 0..<24 {
            try fixture.append(row..<(row + 1), to: directory.database)
            try directory.maintain(now: fixture.time(row))
        }
        want = try StoreFixture.contents(directory.database).samples
    }

    private func open(_ path: String, readOnly: Bool = false) throws -> DataDirectory {
        readOnly
            ? try DataDirectory.openReadOnly(path, database: fixture.options, now: fixture.time(24))
            : try DataDirectory.open(path, database: fixture.options, now: fixture.time(24))
    }

    private static func names(_ path: String) -> [String] {
        (FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []).filter { $0 != "lock" }
            .sorted()
    }

    @Test("a log file that can't be opened is named, and those before it stay", arguments: Entry.allCases)
    func log(entry: Entry) throws {
        let copy = try folder.copy("copy")
        let path = copy + "/log/0000000002.log"
        try entry.make(path)
        let before = Self.names(copy)
        for readOnly in [true, false, false] {
            do {
                _ = try open(copy, readOnly: readOnly)
                Issue.record("\(path) was taken for something")
            } catch let error as ArchiveError {
                #expect(error.description.contains(path), "\(error)")
            }
            #expect(Self.names(copy) == before)
        }
        try FileManager.default.removeItem(atPath: path)
        let directory = try open(copy)
        let (got, damaged) = try StoreFixture.contents(directory.database)
        #expect(got == want && damaged.isEmpty, "\(directory.report)")
    }

    @Test("notes and hour files that are none are named", arguments: Entry.allCases) func notes(entry: Entry) throws {
        try open(folder.data).close(now: fixture.time(24))
        let hour = try #require(folder.files("chunks").first { $0.hasSuffix(".sqlite") }).dropFirst(folder.data.count)
        for name in ["/files", "/files.copy", "/damaged-ranges", "/log-end", "/lock", String(hour)] {
            for readOnly in [true, false] {
                let copy = try folder.copy("copy")
                try entry.make(copy + name)
                do {
                    _ = try open(copy, readOnly: readOnly)
                    Issue.record("\(entry) as \(name) was taken for something")
                } catch let error as ArchiveError {
                    #expect(error.description.contains(copy + name), "\(error)")
                }
            }
        }
    }

    @Test("a log file larger than any is named and not read") func size() throws {
        let copy = try folder.copy("copy")
        let path = copy + "/log/0000000001.log"
        try FileHandle(forWritingTo: URL(fileURLWithPath: path)).truncate(atOffset: 20 << 30)
        for readOnly in [true, false] {
            #expect {
                _ = try open(copy, readOnly: readOnly)
            } throws: {
                ($0 as? ArchiveError)?.description.contains(path) == true
            }
        }
    }

    @Test("without maintenance a log file does not grow beyond its bound") func growth() throws {
        let folder = TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.data + "/log", withIntermediateDirectories: true)
        var options = ArchiveOptions()
        options.logFileBytesMax = 2_000
        let log = SegmentLog(folder: folder.data + "/log", after: [:], options)
        for number in 0..<100 {
            _ = try log.append([UInt8](repeating: UInt8(number), count: 100))
            try log.write()
        }
        #expect(folder.files("log").count >= 5)
        #expect(try folder.files("log").allSatisfy { try TemporaryFolder.bytes($0).count <= 2_200 })
    }

    @Test("a damaged note of the log's end is reported, and is no damage of data", arguments: [0, 50, 96])
    func logEnd(size: Int) throws {
        let copy = try folder.copy("copy")
        let path = copy + "/log-end"
        try TemporaryFolder.write([UInt8](repeating: 0x31, count: size), path)
        let readOnly = try open(copy, readOnly: true).report
        #expect(readOnly.damagedNotes == [path] && readOnly.damaged.isEmpty)
        let report = try open(copy).report
        #expect(report.damagedNotes == [path] && report.damaged.isEmpty && report.description.contains(path))
        #expect(try open(copy).report.damagedNotes.isEmpty)
    }
}
