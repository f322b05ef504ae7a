import Archive
import Model
import Synchronization
import TSDB
import Testing

/// A kill while a start reads the directory back. What the start leaves must be taken by the next one for what it is.
@Suite("Kills during a start") struct StartKillTests {
    private let folder = TemporaryFolder()
    private let fixture = StoreFixture(rows: 40, chunkRows: 16)

    /// A directory whose process was killed, with a torn frame at the end of its log.
    private func killed() throws -> (path: String, want: [Labels: [Timestamp: UInt64]]) {
        let directory = try DataDirectory.open(folder.data, database: fixture.options, now: fixture.time(0))
        try fixture.append(0..<20, to: directory.database)
        try directory.maintain(now: fixture.time(20))
        try fixture.append(20..<40, to: directory.database)
        try directory.database.flush()
        let want = try StoreFixture.contents(directory.database).samples
        let path = try folder.copy("killed")
        let log = try #require(folder.files("log").last)
        try TemporaryFolder.write(
            try TemporaryFolder.bytes(log) + [0xf7, 0, 200], path + log.dropFirst(folder.data.count))
        return (path, want)
    }

    private func check(_ path: String, _ want: [Labels: [Timestamp: UInt64]], _ note: String) throws {
        // Twice: the first start must not leave anything that the second takes for damage.
        for round in 1...2 {
            let directory = try DataDirectory.open(path, database: fixture.options, now: fixture.time(40))
            let (got, damaged) = try StoreFixture.contents(directory.database)
            #expect(got == want, "\(note), start \(round): \(directory.report)")
            #expect(
                damaged.isEmpty && directory.report.framesUnusable == 0, "\(note), start \(round): \(directory.report)")
            let series = SeriesSamples(
                labels: ["__name__": "later", "round": "\(round)"], times: [fixture.time(40)], values: [.float(1)])
            if round == 1 { continue }
            // And frames in the file behind it make no difference.
            #expect(directory.database.append([series], at: fixture.time(40)).appended == 1)
            try directory.database.flush()
            let last = try DataDirectory.open(
                try folder.copy("last", of: path), database: fixture.options, now: fixture.time(40))
            #expect(
                last.report.damaged.isEmpty && last.report.framesUnusable == 0, "\(note), frames behind: \(last.report)"
            )
        }
    }

    /// Copies of a directory before each step of a start, and with half of each write.
    private func copies(_ path: String, _ name: String) throws -> [(path: String, note: String)] {
        let found = Mutex<[(path: String, note: String)]>([])
        let gate = StepGate()
        let folder = folder
        gate.watch { step in
            found.withLock { found in
                do {
                    let copy = try folder.copy("\(name)-\(found.count)", of: path)
                    found.append((copy, "\(name), before \(step)"))
                    guard case .writeLog(let file, let bytes) = step else { return }
                    for size in [1, bytes.count - 1] where size > 0 {
                        let torn = try folder.copy("\(name)-\(found.count)", of: path)
                        let target = torn + file.dropFirst(path.count)
                        try TemporaryFolder.write(try TemporaryFolder.bytes(target) + bytes.prefix(size), target)
                        found.append((torn, "\(name), after \(size) bytes of \(step)"))
                    }
                } catch {
                    Issue.record("\(error)")
                }
            }
        }
        var options = ArchiveOptions()
        options.observer = gate.observer
        _ = try DataDirectory.open(path, database: fixture.options, options: options, now: fixture.time(40))
        return found.withLock { $0 }
    }

    @Test("at each step of a start, and of the start after that") func each() throws {
        let (path, want) = try killed()
        let first = try copies(try folder.copy("started", of: path), "first")
        #expect(first.count >= 4)
        for (path, note) in first {
            for (path, again) in try copies(try folder.copy("again", of: path), "second") {
                try check(path, want, "\(note); \(again)")
            }
            try check(path, want, note)
        }
    }

    @Test("a later file was begun before the end was marked, as earlier versions did", arguments: [0, 3, 8])
    func later(_ bytes: Int) throws {
        let (path, want) = try killed()
        let magic = Array("haldlog3".utf8.prefix(bytes))
        for count in 1...2 {
            let copy = try folder.copy("later", of: path)
            for number in 1...count {
                try TemporaryFolder.write(
                    number < count ? Array("haldlog3".utf8) : magic, "\(copy)/log/000000000\(1 + number).log")
            }
            try check(copy, want, "\(count) files, the last one with \(bytes) bytes")
        }
    }

    @Test("a file without an end is damage when frames follow in later ones") func lostEnd() throws {
        let (path, _) = try killed()
        do {
            let directory = try DataDirectory.open(path, database: fixture.options, now: fixture.time(40))
            let series = SeriesSamples(labels: ["__name__": "later"], times: [fixture.time(40)], values: [.float(1)])
            #expect(directory.database.append([series], at: fixture.time(40)).appended == 1)
            try directory.database.flush()
        }
        let log = path + "/log/0000000001.log"
        let whole = try TemporaryFolder.bytes(log)
        for cut in [1, 10, 40] {
            let copy = try folder.copy("cut", of: path)
            try TemporaryFolder.write(whole.dropLast(cut), copy + "/log/0000000001.log")
            let directory = try DataDirectory.open(copy, database: fixture.options, now: fixture.time(41))
            #expect(!directory.report.damaged.isEmpty, "\(cut) bytes of the end are gone")
        }
    }
}
