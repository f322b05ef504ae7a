import Archive
import Foundation
import Model
import Testing

/// Registrations and verdicts in a data directory.
@Suite("Verdict file") struct VerdictFileTests {
    static let name = AnalysisName(namespace: "test", name: "podinfo")
    static let other = AnalysisName(namespace: "prod", name: "podinfo")

    static func verdict(_ time: Timestamp, of name: AnalysisName = name, filler: Int = 400) -> StoredVerdict {
        let text = "{\"verdict\":\"pass\",\"value\":\(time),\"detail\":\"\(String(repeating: "x", count: filler))\"}"
        return StoredVerdict(name: name, time: time, verdict: Array(text.utf8), facts: Array("{}".utf8))
    }

    static func open(_ folder: TemporaryFolder, bytesMax: Int = 1 << 20) throws -> VerdictFile {
        try FileManager.default.createDirectory(atPath: folder.data, withIntermediateDirectories: true)
        return try VerdictFile(directory: folder.data, retention: 3_600_000, bytesMax: bytesMax)
    }

    @Test("registrations are kept, replaced, forgotten and found again") func registrations() throws {
        let folder = TemporaryFolder()
        let first = StoredRegistration(name: Self.name, body: [1, 2, 3], isYAML: true, registeredAt: 5)
        let second = StoredRegistration(name: Self.other, body: [], isYAML: false, registeredAt: 6)
        do {
            let file = try Self.open(folder)
            try file.keep(first)
            try file.keep(StoredRegistration(name: Self.other, body: [9], isYAML: true, registeredAt: 1))
            try file.keep(second)
            #expect(try file.registrations() == [second, first])
        }
        let file = try Self.open(folder)
        #expect(try file.registrations() == [second, first])
        try file.forget(Self.name)
        #expect(try file.registrations() == [second])
    }

    @Test("verdicts come and the status answers while the disk stalls in a flush") func stall() throws {
        let folder = TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.data, withIntermediateDirectories: true)
        let gate = StepGate()
        let file = try VerdictFile(directory: folder.data, retention: 3_600_000, observer: gate.observer)
        file.append(Self.verdict(1_000))
        gate.hold { _ in true }
        let ended = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
            #expect(throws: Never.self) { try file.flush() }
            ended.signal()
        }
        gate.waitUntilHeld()
        let times = (2...100).map { Timestamp($0) * 1000 }
        for time in times { file.append(Self.verdict(time)) }
        #expect(try file.newest(of: Self.name) == Self.verdict(100_000))
        #expect(file.statistics().verdicts == 100)
        gate.release()
        #expect(ended.wait(timeout: .now() + .seconds(120)) == .success)
        // What came meanwhile, blocks that were filled among it, is not taken for written.
        try file.flush()
        let all = [1_000] + times
        #expect(try file.verdicts(of: Self.name, in: .always, limit: 1000).map(\.time) == all)
        #expect(try VerdictFile.read(directory: folder.data, Self.name, in: .always, limit: 1000).map(\.time) == all)
    }

    @Test("verdicts are found again by time, flushed or not, over several blocks") func verdicts() throws {
        let folder = TemporaryFolder()
        let times = (1...200).map { Timestamp($0) * 1000 }
        do {
            let file = try Self.open(folder)
            for (index, time) in times.enumerated() {
                file.append(Self.verdict(time))
                file.append(Self.verdict(time, of: Self.other))
                if index % 7 == 0 { try file.flush() }
            }
            // Not later than the newest: left out.
            file.append(Self.verdict(200_000, filler: 1))
            #expect(try file.verdicts(of: Self.name, in: .always, limit: 1000) == times.map { Self.verdict($0) })
            try file.flush()
            #expect(file.statistics().verdicts == 400)
        }
        let file = try Self.open(folder)
        #expect(file.statistics().verdicts == 400)
        #expect(try file.newest(of: Self.name) == Self.verdict(200_000))
        #expect(try file.newest(of: AnalysisName(namespace: "", name: "")) == nil)
        let window = TimeWindow(after: 50_000, through: 120_000)
        let found = try file.verdicts(of: Self.name, in: window, limit: 1000)
        #expect(found == times.filter { window.contains($0) }.map { Self.verdict($0) })
        #expect(try file.verdicts(of: Self.name, in: window, limit: 3).map(\.time) == [51_000, 52_000, 53_000])
        file.append(Self.verdict(201_000))
        #expect(try file.verdicts(of: Self.name, in: .always, limit: 1000).count == 201)
        #expect(
            try VerdictFile.read(directory: folder.data, Self.name, in: .always, limit: 1000).count == 200)
    }

    @Test("a clock that was set back loses no verdict, old or new") func setBack() throws {
        let folder = TemporaryFolder()
        var times: [Timestamp] = []
        func play(_ file: VerdictFile) throws {
            for index in 0..<150 {
                // Over and over the same hour, at other moments of it.
                let time = 10_000_000 + Timestamp(index % 50) * 60_000 + Timestamp(times.count)
                file.append(Self.verdict(time))
                times.append(time)
                if index % 7 == 0 { try file.flush() }
            }
            let expected = times.sorted()
            #expect(try file.verdicts(of: Self.name, in: .always, limit: 10_000).map(\.time) == expected)
            #expect(try file.verdicts(of: Self.name, in: .always, limit: 5).map(\.time) == Array(expected.prefix(5)))
            let window = TimeWindow(after: 10_500_000, through: 11_500_000)
            #expect(
                try file.verdicts(of: Self.name, in: window, limit: 10_000).map(\.time)
                    == expected.filter { window.contains($0) })
            try file.flush()
        }
        for _ in 0..<2 { try play(try Self.open(folder)) }
        let file = try Self.open(folder)
        #expect(try file.verdicts(of: Self.name, in: .always, limit: 10_000).map(\.time) == times.sorted())
        // A late one under a clock that runs on is none of a clock set back.
        let newest = try #require(times.max())
        file.append(Self.verdict(newest - 9_999))
        #expect(try file.verdicts(of: Self.name, in: .always, limit: 10_000).count == times.count)
    }

    @Test("much alike, they take few bytes") func compression() throws {
        let folder = TemporaryFolder()
        let file = try Self.open(folder)
        for time in 1...6400 { file.append(Self.verdict(Timestamp(time) * 1000)) }
        try file.flush()
        try file.expire(now: 0)
        let stored = TemporaryFolder.size(folder.data + "/" + VerdictFile.fileName)
        #expect(stored < 6400 * 40, "\(stored) bytes")
    }

    @Test("written one by one they take no more than written together") func parts() throws {
        var sizes: [Int] = []
        for step in [1, 640] {
            let folder = TemporaryFolder()
            let file = try Self.open(folder)
            for time in 1...640 {
                file.append(Self.verdict(Timestamp(time) * 1000))
                if time % step == 0 { try file.flush() }
            }
            try file.expire(now: 0)
            let found = try VerdictFile.read(directory: folder.data, Self.name, in: .always, limit: 1000)
            #expect(found == (1...640).map { Self.verdict(Timestamp($0) * 1000) })
            #expect(file.statistics().verdicts == 640)
            sizes.append(TemporaryFolder.size(folder.data + "/" + VerdictFile.fileName))
        }
        #expect(sizes[0] <= sizes[1] + 65_536, "\(sizes)")
    }

    @Test("what is older than the retention goes") func retention() throws {
        let folder = TemporaryFolder()
        let file = try Self.open(folder)
        for second in 1...7200 { file.append(Self.verdict(Timestamp(second) * 1000)) }
        try file.flush()
        try file.expire(now: 7_200_000)
        let left = try file.verdicts(of: Self.name, in: .always, limit: 10_000)
        let oldest = try #require(left.first?.time)
        // Whole blocks go, so at most one block is older.
        #expect(oldest > 3_600_000 - 64_000 && oldest <= 3_601_000)
        #expect(left.last?.time == 7_200_000)
        #expect(file.statistics().verdicts == left.count)
    }

    @Test("what is too large loses its oldest, and that is counted") func sizeLimit() throws {
        let folder = TemporaryFolder()
        let file = try Self.open(folder, bytesMax: 20_000)
        var generator = SystemRandomNumberGenerator()
        for second in 1...640 {
            let noise = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
            file.append(
                StoredVerdict(name: Self.name, time: Timestamp(second) * 1000, verdict: noise, facts: []))
        }
        try file.flush()
        try file.expire(now: 640_000)
        let left = try file.verdicts(of: Self.name, in: .always, limit: 10_000)
        #expect(left.count > 300 && left.count < 640)
        #expect(left.last?.time == 640_000)
        #expect(file.statistics().droppedForSize == 640 - left.count)
        #expect(left.count * 32 <= 20_000)
    }

    @Test("a damaged file is put aside and a new one begun", arguments: [0, 1]) func damage(_ kind: Int) throws {
        let folder = TemporaryFolder()
        do {
            let file = try Self.open(folder)
            try file.keep(StoredRegistration(name: Self.name, body: [1], isYAML: true, registeredAt: 5))
        }
        let path = folder.data + "/" + VerdictFile.fileName
        var bytes = try TemporaryFolder.bytes(path)
        if kind == 0 { bytes = Array("not a database at all, but long enough to be read".utf8) }
        for index in bytes.indices.dropFirst(kind == 0 ? bytes.count : 24) { bytes[index] = 0x5a }
        try TemporaryFolder.write(bytes, path)
        let file = try Self.open(folder)
        #expect(file.putAside == path + ".damaged-1")
        #expect(FileManager.default.fileExists(atPath: path + ".damaged-1"))
        #expect(try file.registrations().isEmpty)
        file.append(Self.verdict(1000))
        try file.flush()
        #expect(try file.newest(of: Self.name)?.time == 1000)
    }

    @Test("a block that doesn't match its checksum is left out, and the rest is read") func damagedBlock() throws {
        let folder = TemporaryFolder()
        do {
            let file = try Self.open(folder)
            for second in 1...192 { file.append(Self.verdict(Timestamp(second) * 1000)) }
            try file.flush()
        }
        #expect(try VerdictFile.read(directory: folder.data, Self.name, in: .always, limit: 1000).count == 192)
        // The compressed text of the first block holds its first value in clear.
        let path = folder.data + "/" + VerdictFile.fileName
        var bytes = try TemporaryFolder.bytes(path)
        let clear = Array("\"value\":1000".utf8)
        let index = try #require(bytes.indices.first { bytes[$0...].starts(with: clear) })
        bytes[index + 9] = UInt8(ascii: "7")
        try TemporaryFolder.write(bytes, path)
        let left = try VerdictFile.read(directory: folder.data, Self.name, in: .always, limit: 1000)
        #expect(left.map(\.time) == (65...192).map { Timestamp($0) * 1000 })
    }
}

extension TemporaryFolder {
    static func size(_ path: String) -> Int {
        ((try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? NSNumber)?.intValue ?? 0
    }
}
