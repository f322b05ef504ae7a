import Foundation
import Model
import Testing

@testable import Archive

/// Registrations and verdicts that a disk, a crash or a person has taken: it is said, at this start and the next ones.
@Suite("Lost verdicts") struct VerdictLossTests {
    /// What happens to the files.
    enum Loss: CaseIterable {
        case logRemoved
        case logEmptied
        case logCut
        case logFlipped
        case logFirstFlipped
        case fileRemoved
        case fileEmptied
        case allRemoved
        case allEmptied
        case rolledBack

        func apply(_ folder: String, older: String) throws {
            let file = folder + "/" + VerdictFile.fileName
            let log = file + "-wal"
            func change(_ path: String, _ body: (inout [UInt8]) -> Void) throws {
                var bytes = try TemporaryFolder.bytes(path)
                body(&bytes)
                try TemporaryFolder.write(bytes, path)
            }
            switch self {
            case .logRemoved: try FileManager.default.removeItem(atPath: log)
            case .logEmptied: try change(log) { $0 = [] }
            case .logCut: try change(log) { $0.removeLast($0.count / 3) }
            case .logFlipped: try change(log) { $0[$0.count * 2 / 3] ^= 1 }
            case .logFirstFlipped: try change(log) { $0[40] ^= 1 }
            case .fileRemoved: try FileManager.default.removeItem(atPath: file)
            case .fileEmptied: try change(file) { $0 = [] }
            case .allRemoved, .allEmptied:
                for name in try FileManager.default.contentsOfDirectory(atPath: folder)
                where name.hasPrefix("verdicts") {
                    if self == .allEmptied { try change(folder + "/" + name) { $0 = [] } }
                    if self == .allRemoved { try FileManager.default.removeItem(atPath: folder + "/" + name) }
                }
            case .rolledBack:
                for name in try FileManager.default.contentsOfDirectory(atPath: folder)
                where name.hasPrefix("verdicts") { try FileManager.default.removeItem(atPath: folder + "/" + name) }
                for name in try FileManager.default.contentsOfDirectory(atPath: older) where name.hasPrefix("verdicts")
                {
                    try FileManager.default.copyItem(atPath: older + "/" + name, toPath: folder + "/" + name)
                }
            }
        }
    }

    private static let name = VerdictFileTests.name
    private static let registration = StoredRegistration(
        name: name, body: Array(repeating: 0x61, count: 500), isYAML: true, registeredAt: 900)
    private static let retention: Milliseconds = 3_600_000

    private static func open(_ path: String) throws -> VerdictFile {
        try VerdictFile(directory: path, retention: retention)
    }

    /// What a kill leaves of a registration and two flushes of verdicts, and what there was before the second one.
    private let folder = TemporaryFolder()
    private let killed: String
    private let older: String

    init() throws {
        try FileManager.default.createDirectory(atPath: folder.data, withIntermediateDirectories: true)
        let file = try Self.open(folder.data)
        try file.keep(Self.registration)
        for second in 1...10 { file.append(VerdictFileTests.verdict(Timestamp(second) * 1_000)) }
        try file.flush()
        older = try folder.copy("older")
        for second in 11...20 { file.append(VerdictFileTests.verdict(Timestamp(second) * 1_000)) }
        try file.flush()
        killed = try folder.copy("killed")
        withExtendedLifetime(file) {}
    }

    @Test("a kill loses nothing, and nothing is reported", arguments: [false, true]) func kill(isOlder: Bool) throws {
        let copy = try folder.copy("copy", of: isOlder ? older : killed)
        for _ in 1...2 {
            #expect(try VerdictReader(directory: copy).statistics().damage == nil)
            let file = try Self.open(copy)
            #expect(file.statistics().damage == nil)
            #expect(try file.registrations() == [Self.registration])
            let verdicts = try file.verdicts(of: Self.name, in: .always, limit: 1_000)
            #expect(verdicts.count == (isOlder ? 10 : 20))
        }
    }

    @Test("a registration is in the file itself when it is kept") func checkpoint() throws {
        try FileManager.default.createDirectory(atPath: folder.path + "/one", withIntermediateDirectories: true)
        let file = try Self.open(folder.path + "/one")
        try file.keep(Self.registration)
        let copy = try folder.copy("copy", of: folder.path + "/one")
        try? FileManager.default.removeItem(atPath: "\(copy)/\(VerdictFile.fileName)-wal")
        let again = try Self.open(copy)
        #expect(try again.registrations() == [Self.registration] && again.statistics().damage == nil)
        withExtendedLifetime(file) {}
    }

    @Test("each loss is said, and stays said until its time is over", arguments: Loss.allCases)
    func lost(loss: Loss) throws {
        let copy = try folder.copy("copy", of: killed)
        try loss.apply(copy, older: older)
        let listing = try DamageSoakTests.listing(copy)
        let reader = try VerdictReader(directory: copy)
        let read = try #require(reader.statistics().damage, "\(loss)")
        #expect(read.window.end >= 20_000 && read.reason.contains("\(copy)/\(VerdictFile.fileName)"), "\(read)")
        #expect(try DamageSoakTests.listing(copy) == listing)
        for start in 1...3 {
            let file = try Self.open(copy)
            let damage = try #require(file.statistics().damage, "\(loss), start \(start)")
            #expect(damage.window.contains(20_000) && damage.reason.contains(copy), "\(damage)")
            if start == 2 { try file.expire(now: 60_000) }
            // What is taken anew is no reason to forget it.
            file.append(VerdictFileTests.verdict(Timestamp(30 + start) * 1_000))
            try file.flush()
        }
        let file = try Self.open(copy)
        try file.expire(now: 60_000 + Self.retention)
        #expect(file.statistics().damage == nil)
        #expect(try Self.open(copy).statistics().damage == nil)
    }

    @Test("any changed byte of a registration is noticed, and the others are kept") func registrationBytes() throws {
        let other = StoredRegistration(name: VerdictFileTests.other, body: [1, 2], isYAML: false, registeredAt: 5)
        do { try Self.open(killed).keep(other) }
        let changes = [
            "body = CAST('b' || substr(body, 2) AS BLOB)", "yaml = 0", "registered = 901", "name = 'podinfp'",
            "namespace = 'tess'",
        ]
        for change in changes {
            let copy = try folder.copy("copy", of: killed)
            try SQLiteConnection.open("\(copy)/\(VerdictFile.fileName)", .write)
                .run("UPDATE canary SET \(change) WHERE namespace = 'test'")
            #expect(try VerdictReader(directory: copy).statistics().damage?.reason.contains("podinf") == true)
            for _ in 1...2 {
                let file = try Self.open(copy)
                #expect(file.statistics().damage != nil, "\(change)")
                #expect(try file.registrations() == [other], "\(change)")
            }
            let file = try Self.open(copy)
            try file.keep(Self.registration)
            #expect(try file.registrations() == [other, Self.registration])
        }
        let copy = try folder.copy("copy", of: killed)
        try SQLiteConnection.open("\(copy)/\(VerdictFile.fileName)", .write)
            .run("DELETE FROM canary WHERE namespace = 'test'")
        #expect(try Self.open(copy).statistics().damage?.reason.contains("1 of 2") == true)
    }

    @Test("a damaged block of verdicts is said when it is read") func block() throws {
        let path = "\(killed)/\(VerdictFile.fileName)"
        try SQLiteConnection.open(path, .write).run("UPDATE verdict_block SET crc = crc + 1 WHERE first = 1000")
        let file = try Self.open(killed)
        #expect(try file.verdicts(of: Self.name, in: .always, limit: 1_000).count == 10)
        #expect(file.statistics().damage?.window == TimeWindow(after: 999, through: 10_000))
    }

    @Test("a file that is removed or replaced under the server takes no registration and no verdict")
    func removed() throws {
        let path = "\(folder.data)/\(VerdictFile.fileName)"
        let file = try Self.open(folder.data)
        try FileManager.default.removeItem(atPath: path)
        file.append(VerdictFileTests.verdict(90_000))
        for _ in 1...2 {
            #expect(throws: StorageError.self) { try file.keep(Self.registration) }
            #expect(throws: StorageError.self) { try file.flush() }
            try TemporaryFolder.write([], path)
        }
    }

    @Test("a file that can't be used keeps nobody from reading the rest, and is named") func unusable() throws {
        let path = "\(killed)/\(VerdictFile.fileName)"
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        let reader = try VerdictReader(directory: killed)
        #expect(try reader.registrations().isEmpty)
        #expect(reader.statistics().damage?.reason.contains(path) == true)
        #expect {
            _ = try reader.verdicts(of: Self.name, in: .always, limit: 1)
        } throws: {
            guard case .io(let doing, _) = $0 as? StorageError else { return false }
            return doing.contains(path)
        }
    }

    @Test("a file of the format before is taken over as it is") func older1() throws {
        let path = "\(killed)/\(VerdictFile.fileName)"
        try FileManager.default.removeItem(atPath: "\(killed)/\(VerdictNote.name)")
        try SQLiteConnection.open(path, .write).run(
            "DROP TABLE change; DROP TABLE canary_check; DROP TABLE canary_aside; PRAGMA user_version = 1")
        #expect(try VerdictReader(directory: killed).registrations() == [Self.registration])
        for _ in 1...2 {
            let file = try Self.open(killed)
            #expect(try file.registrations() == [Self.registration] && file.statistics().damage == nil)
        }
    }
}
