import Archive
import Model
import Synchronization
import TSDB
import Testing

/// A disk that stalls, or refuses the log for a while: who appends, asks, or looks after the server's health goes on.
@Suite("Stalled disk") struct StallTests {
    /// A clock that a test moves.
    private final class Clock: Sendable {
        private let time = Atomic<Milliseconds>(1_000)

        func advance(by length: Milliseconds) { time.add(length, ordering: .relaxed) }

        var read: @Sendable () -> Milliseconds { { self.time.load(ordering: .relaxed) } }
    }

    private let folder = TemporaryFolder()
    private let gate = StepGate()
    private let clock = Clock()
    private let fixture = StoreFixture(rows: 80, chunkRows: 16)

    private func open(backlogMax: Int = 1 << 20) throws -> DataDirectory {
        var options = ArchiveOptions()
        options.observer = gate.observer
        options.monotonic = clock.read
        options.logWaitMax = 200
        options.logBacklogMax = backlogMax
        return try DataDirectory.open(folder.data, database: fixture.options, options: options, now: fixture.time(0))
    }

    /// Flushes again and again until that works: the disk's thread has just been let go on.
    private func flushAtLast(_ directory: DataDirectory) throws {
        for _ in 0..<50 where directory.storageStatus().waitingBytes > 0 { try? directory.database.flush() }
        try directory.database.flush()
    }

    /// What a kill at this moment leaves, started again: everything, and nothing declared missing.
    private func expectAll(_ directory: DataDirectory, at now: Timestamp, _ note: String) throws {
        let want = try StoreFixture.contents(directory.database).samples
        let copy = try folder.copy("killed")
        let again = try DataDirectory.open(copy, database: fixture.options, now: now)
        let (got, damaged) = try StoreFixture.contents(again.database)
        #expect(got == want, "\(note): \(again.report)")
        #expect(damaged.isEmpty && again.report.framesUnusable == 0, "\(note): \(again.report)")
    }

    @Test("rows, questions and the status don't wait for a write that does not return") func stall() throws {
        let directory = try open()
        try fixture.append(0..<10, to: directory.database)
        try directory.maintain(now: fixture.time(10))
        gate.hold { $0.isLogWrite }
        try fixture.append(10..<20, to: directory.database)
        // Who wants to know that it is written waits for a while, then gets an error. The write goes on.
        #expect(throws: StorageError.self) { try directory.database.flush() }
        gate.waitUntilHeld()
        try fixture.append(20..<40, to: directory.database)
        let memory = Database(fixture.options)
        try fixture.append(0..<40, to: memory)
        #expect(try StoreFixture.contents(directory.database).samples == StoreFixture.contents(memory).samples)
        #expect(directory.storageStatus().stalledFor == nil)
        clock.advance(by: 48_000)
        let status = directory.storageStatus()
        #expect(status.stalledFor == 48_000 && !status.isWritable && status.waitingBytes > 0)
        // Known to stall: no caller waits any more.
        #expect(throws: StorageError.self) { try directory.database.flush() }
        #expect(throws: StorageError.self) { try directory.maintain(now: fixture.time(40)) }
        #expect(directory.storageStatus().lastError.contains("has not finished a write for 48 s"))
        clock.advance(by: -48_000)
        gate.release()
        try flushAtLast(directory)
        try directory.maintain(now: fixture.time(41))
        #expect(directory.storageStatus().isWritable && directory.storageStatus().waitingBytes == 0)
        #expect(directory.storageStatus().logFramesGivenUp == 0)
        try expectAll(directory, at: fixture.time(41), "after the stall")
    }

    @Test("while the disk stalls memory is bounded, and what was given up is stored afterwards") func backlog() throws {
        let directory = try open(backlogMax: 2_000)
        try fixture.append(0..<10, to: directory.database)
        try directory.maintain(now: fixture.time(10))
        gate.hold { $0.isLogWrite }
        try fixture.append(10..<12, to: directory.database)
        #expect(throws: StorageError.self) { try directory.database.flush() }
        gate.waitUntilHeld()
        for row in 12..<70 {
            try fixture.append(row..<(row + 1), to: directory.database)
            #expect(directory.storageStatus().waitingBytes <= 4_000)
        }
        #expect(directory.storageStatus().logFramesGivenUp > 0)
        gate.release()
        // The disk takes writes again, but not everything that was taken is stored.
        try? flushAtLast(directory)
        #expect(directory.storageStatus().waitingBytes == 0)
        #expect(throws: StorageError.self) { try directory.database.flush() }
        try directory.maintain(now: fixture.time(70))
        try directory.database.flush()
        try fixture.append(70..<80, to: directory.database)
        try directory.database.flush()
        try expectAll(directory, at: fixture.time(80), "after the stall")
    }

    @Test("nothing is acknowledged before what was given up is stored anew") func givenUp() throws {
        let directory = try open(backlogMax: 1_000)
        try fixture.append(0..<10, to: directory.database)
        try directory.maintain(now: fixture.time(10))
        gate.fail { _ in true }
        try fixture.append(10..<40, to: directory.database)
        #expect(throws: StorageError.self) { try directory.maintain(now: fixture.time(40)) }
        #expect(directory.storageStatus().logFramesGivenUp > 0)
        gate.fail(nil)
        let early = Atomic<Int>(0)
        let times = Atomic<Int>(0)
        gate.watch { step in
            // A remote write that comes while the maintenance is about to store: its samples build on what was given up.
            guard step.isStoring else { return }
            times.add(1, ordering: .relaxed)
            if (try? directory.database.flush()) != nil { early.add(1, ordering: .relaxed) }
        }
        try directory.maintain(now: fixture.time(41))
        gate.watch(nil)
        #expect(times.load(ordering: .relaxed) > 0, "nothing was stored anew")
        #expect(early.load(ordering: .relaxed) == 0, "a flush succeeded while frames were given up")
        try directory.database.flush()
        try expectAll(directory, at: fixture.time(41), "given up and stored anew")
    }

    @Test("frames given up while others are stored anew are not taken for stored") func secondGap() throws {
        let directory = try open(backlogMax: 1_000)
        try fixture.append(0..<10, to: directory.database)
        try directory.maintain(now: fixture.time(10))
        gate.fail { $0.isLogWrite }
        try fixture.append(10..<40, to: directory.database)
        let isFirst = Atomic<Bool>(true)
        let fixture = fixture
        gate.watch { step in
            guard step.isStoring, isFirst.exchange(false, ordering: .relaxed) else { return }
            do { try fixture.append(40..<75, to: directory.database) } catch { Issue.record("\(error)") }
        }
        #expect(throws: StorageError.self) { try directory.maintain(now: fixture.time(75)) }
        #expect(isFirst.load(ordering: .relaxed) == false, "nothing was stored anew, so no second gap came")
        gate.watch(nil)
        gate.fail(nil)
        #expect(throws: StorageError.self) { try directory.database.flush() }
        try directory.maintain(now: fixture.time(76))
        try directory.database.flush()
        try expectAll(directory, at: fixture.time(76), "a gap within a gap")
    }

    @Test("a new log file that can't be begun: nothing goes behind the old one's end", arguments: [true, false])
    func rotation(_ isMade: Bool) throws {
        var options = ArchiveOptions()
        options.observer = gate.observer
        options.logFileBytes = 1
        let directory = try DataDirectory.open(
            folder.data, database: fixture.options, options: options, now: fixture.time(0))
        try fixture.append(0..<5, to: directory.database)
        let count = folder.files("log").count
        // Either the file can't be made, or it is made and its first bytes can't be written.
        gate.fail { step in
            switch step {
            case .beginLogFile: !isMade
            case .writeLog(_, let bytes): isMade && bytes.starts(with: "haldlog".utf8)
            default: false
            }
        }
        #expect(throws: StorageError.self) { try directory.maintain(now: fixture.time(5)) }
        #expect(folder.files("log").count == count + (isMade ? 1 : 0))
        try expectAll(directory, at: fixture.time(5), "killed at once")
        try fixture.append(5..<10, to: directory.database)
        #expect(throws: StorageError.self) { try directory.maintain(now: fixture.time(10)) }
        let again = try DataDirectory.open(
            try folder.copy("killed"), database: fixture.options, now: fixture.time(10))
        #expect(again.report.damaged.isEmpty && again.report.framesUnusable == 0, "\(again.report)")
        gate.fail(nil)
        try directory.maintain(now: fixture.time(11))
        try directory.database.flush()
        try expectAll(directory, at: fixture.time(11), "begun at last")
    }
}
