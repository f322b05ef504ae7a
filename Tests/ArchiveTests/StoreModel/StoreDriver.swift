import Foundation
import Model
import Synchronization
import TSDB
import TestSupport
import Testing

@testable import Archive

/// The real store, taken through the model's steps. Before each change of a file within a step the directory is copied,
/// as a kill at that moment would leave it; each copy is started and looked at.
final class StoreDriver {
    /// A copy, and what had been promised by then.
    private struct Copy {
        var path: String
        var acknowledged: Set<Int>
        var mayBeDamaged: Bool
        var note: String
    }

    private static let hour: Milliseconds = 3_600_000
    private static let origin: Timestamp = 472_222 * hour
    /// Frames are given up beyond this; a frame of `giveUp` alone is longer.
    private static let backlogMax = 1_800

    private let folder: String
    private let gate = StepGate()
    private let copies = Mutex<[Copy]>([])
    private let acknowledged = Mutex<Set<Int>>([])
    private let sawStep = Atomic<Bool>(false)
    private var directory: DataDirectory?
    private var model = StoreModel()
    private var taken = 0
    private var lost: Set<Int> = []
    private var note = ""
    /// Starts that were made to look at what a kill leaves.
    private(set) var kills = 0

    /// A store in a new directory, in memory where there is a file system for that.
    init() throws {
        let base = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm/" : NSTemporaryDirectory()
        folder = base + "haldane-model-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        directory = try open(data)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private var data: String { folder + "/data" }

    private static func time(_ sample: Int) -> Timestamp { origin + Int64(StoreModel.minute(sample)) * 60_000 }

    private var now: Timestamp { Self.time(max(0, taken - 1)) }

    private static let database: DatabaseOptions = {
        var options = DatabaseOptions()
        options.retention = Int64(StoreModel.retention) * 60_000
        options.checkpointRows = StoreModel.checkpointRows
        return options
    }()

    private func open(_ path: String, observed: Bool = true) throws -> DataDirectory {
        var options = ArchiveOptions()
        options.logBacklogMax = Self.backlogMax
        options.dropsExpired = true
        if observed { options.observer = gate.observer }
        return try DataDirectory.open(path, database: Self.database, options: options, now: now)
    }

    /// Does the last step of a path behind the others, whose kills have been looked at.
    func run(_ path: [StoreModel.Step], checking first: Int, idle: [StoreModel.Step] = []) throws {
        for (index, step) in path.enumerated() {
            note = "\(path[...index])"
            try apply(step, isChecked: index >= first)
        }
        // What makes no difference to the model must make none to the store.
        for step in idle {
            note = "\(path) \(step)"
            try apply(step, isChecked: true)
        }
        try checkMemory()
    }

    private func apply(_ step: StoreModel.Step, isChecked: Bool) throws {
        let before = model
        sawStep.store(false, ordering: .relaxed)
        watch(copying: isChecked, flushing: before.memory.hasGap && step.isArchive)
        try perform(step, before)
        gate.watch(nil)
        gate.fail(nil)
        model.apply(step)
        model.disks = []
        #expect(acknowledged.withLock { $0 } == model.acknowledged, "\(note): acknowledged")
        let found = copies.withLock { copies in
            defer { copies = [] }
            return copies
        }
        for copy in found { try check(copy) }
        guard isChecked, sawStep.load(ordering: .relaxed) else { return }
        try check(try copy("after it"))
    }

    private func watch(copying: Bool, flushing: Bool) {
        // The driver waits for each step, so what these closures see does not change under them.
        nonisolated(unsafe) let driver = self
        gate.watch { step in
            let wasSeen = unsafe driver.sawStep.exchange(true, ordering: .relaxed)
            // As it was before the first change has been looked at.
            if copying, wasSeen {
                do {
                    let copy = try unsafe driver.copy("before \(step)")
                    unsafe driver.copies.withLock { $0.append(copy) }
                } catch { Issue.record("\(error)") }
            }
            if flushing, step.isStoring { unsafe driver.flush() }
        }
    }

    private func copy(_ note: String) throws -> Copy {
        kills += 1
        let path = "\(folder)/kill-\(kills)"
        try FileManager.default.copyItem(atPath: data, toPath: path)
        return Copy(
            path: path, acknowledged: acknowledged.withLock { $0 },
            mayBeDamaged: model.mayBeDamaged || model.memory.hasGap || directory?.log?.gap != nil,
            note: "\(self.note), \(note)")
    }

    private func perform(_ step: StoreModel.Step, _ before: StoreModel) throws {
        switch step {
        case .kill:
            directory = nil
            directory = try open(data)
            let found = try samples(required(directory).database, note)
            lost = Set(0..<taken).subtracting(found)
        case .row:
            let group = try required(directory).database.openGroup(GroupKey(job: "j", target: "t"))
            let column = try group.column(for: ["__name__": "row"])
            var row = SampleRow(time: Self.time(taken), columnCount: column + 1)
            row.set(column, to: Double(taken))
            try group.append(row)
            taken += 1
        case .series: try appendSeries(["__name__": "loose"])
        case .giveUp: try appendSeries(["__name__": "long", "text": Self.noise(taken)])
        case .flush: flush()
        case .seal: try required(directory).database.seal(now: now, all: true)
        case .archive(let fails):
            if fails { gate.fail(\.isStoring) }
            try? StoreMaintenance(required(directory)).storeWaiting(now: now, force: true)
        case .rotate(let fails):
            if fails { gate.fail(\.isLogBeginning) }
            try? required(directory).log?.rotate(above: 0)
        case .release: try required(directory).database.releaseLog()
        case .expire(let fails):
            if taken == 0 { return }
            if fails { gate.fail(\.isStoring) }
            try? required(directory).database.applyRetention(now: now)
        case .close:
            guard before.memory.openRows != nil else { return }
            try required(directory).database.openGroup(GroupKey(job: "j", target: "t")).close()
        }
    }

    private func required(_ directory: DataDirectory?) throws -> DataDirectory { try #require(directory) }

    private func flush() {
        guard (try? directory?.database.flush()) != nil else { return }
        acknowledged.withLock { $0 = Set(0..<taken).subtracting(lost) }
    }

    private func appendSeries(_ labels: Labels) throws {
        let series = SeriesSamples(
            labels: labels, times: [Self.time(taken)], values: [.float(Double(taken))])
        let report = try required(directory).database.append([series], at: Self.time(taken))
        try #require(report.appended == 1, "\(report)")
        taken += 1
    }

    /// Text that does not get much smaller.
    private static func noise(_ seed: Int) -> String {
        var generator = SeededGenerator(seed: UInt64(seed))
        let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
        return String((0..<3_500).map { _ in generator.pick(letters) })
    }

    /// Starts a copy, and looks at what is there and what is said to be missing.
    private func check(_ copy: Copy) throws {
        defer { try? FileManager.default.removeItem(atPath: copy.path) }
        let directory = try open(copy.path, observed: false)
        let found = try samples(directory.database, copy.note)
        let missing = copy.acknowledged.subtracting(found).filter { $0 > model.expired }
        #expect(
            missing.isEmpty, "\(copy.note): \(missing.sorted()) were acknowledged and are gone: \(directory.report)")
        let beyond = found.subtracting(0..<taken)
        #expect(beyond.isEmpty, "\(copy.note): \(beyond.sorted()) never came")
        if !copy.mayBeDamaged {
            let isWhole = directory.report.damaged.isEmpty && directory.report.framesUnusable == 0
            #expect(isWhole, "\(copy.note): \(directory.report)")
        }
    }

    /// The numbers of the samples in a database, whose values are right.
    private func samples(_ database: Database, _ note: String) throws -> Set<Int> {
        var found: Set<Int> = []
        for (labels, samples) in try StoreFixture.contents(database).samples {
            for (time, bits) in samples {
                let number = Int((time - Self.time(0)) / (Int64(StoreModel.interval) * 60_000))
                let isRight = Self.time(number) == time && Double(bitPattern: bits) == Double(number)
                #expect(isRight, "\(note): \(labels) has \(Double(bitPattern: bits)) at \(time)")
                found.insert(number)
            }
        }
        return found
    }

    /// A process that is not killed has everything.
    private func checkMemory() throws {
        let found = try samples(required(directory).database, note)
        let missing = Set(0..<taken).subtracting(lost).subtracting(found).filter { $0 > model.expired }
        #expect(missing.isEmpty, "\(note): \(missing.sorted()) are gone without a kill")
    }
}

extension StoreModel.Step {
    var isArchive: Bool { if case .archive = self { true } else { false } }
}
