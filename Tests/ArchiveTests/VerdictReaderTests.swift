import Foundation
import Model
import TSDB
import Testing

@testable import Archive

/// Registrations and verdicts of snapshots and of directories that are only read.
@Suite("Verdict reader") struct VerdictReaderTests {
    private static let registration = StoredRegistration(
        name: VerdictFileTests.name, body: [1, 2], isYAML: true, registeredAt: .min)

    @Test("a snapshot has registrations and verdicts, and reading it changes nothing", arguments: [false, true])
    func snapshot(isKilled: Bool) throws {
        let folder = TemporaryFolder()
        let directory = try DataDirectory.open(folder.data, now: StoreFixture.start)
        var copy = ""
        do {
            let file = try VerdictFile(directory: folder.data, retention: 3_600_000)
            try file.keep(Self.registration)
            for second in 1...100 { file.append(VerdictFileTests.verdict(Timestamp(second) * 1000)) }
            try file.flush()
            // What a kill leaves has its newest pages in the write-ahead log.
            copy =
                isKilled
                ? try folder.copy("killed")
                : "\(folder.data)/snapshots/\(try directory.snapshot(skippingHead: false, at: StoreFixture.start))"
        }
        let before = try DamageSoakTests.listing(copy)
        let reader = try VerdictReader(directory: copy)
        #expect(try reader.registrations() == [Self.registration])
        let want = (1...100).map { VerdictFileTests.verdict(Timestamp($0) * 1000) }
        #expect(try reader.verdicts(of: VerdictFileTests.name, in: .always, limit: 1000) == want)
        #expect(try reader.verdicts(of: VerdictFileTests.name, in: .always, limit: 2) == Array(want.prefix(2)))
        #expect(try reader.newest(of: VerdictFileTests.name) == want.last)
        #expect(try reader.newest(of: VerdictFileTests.other) == nil)
        #expect(reader.statistics().verdicts == 100)
        #expect(throws: StorageError.self) { try reader.keep(Self.registration) }
        #expect(throws: StorageError.self) { try reader.forget(VerdictFileTests.name) }
        reader.append(VerdictFileTests.verdict(500_000))
        try reader.flush()
        try reader.expire(now: .max)
        #expect(try reader.newest(of: VerdictFileTests.name) == want.last)
        #expect(try DamageSoakTests.listing(copy) == before)
        // The copy is as good as the original for a server that goes on with it.
        let file = try VerdictFile(directory: copy, retention: .max)
        #expect(try file.registrations() == [Self.registration])
        #expect(try file.verdicts(of: VerdictFileTests.name, in: .always, limit: 1000) == want)
    }

    @Test("a directory without verdicts has none, and beside its writer they are read where they are") func live()
        throws
    {
        let folder = TemporaryFolder()
        let directory = try DataDirectory.open(folder.data, now: StoreFixture.start)
        #expect(try VerdictReader(directory: folder.data).registrations().isEmpty)
        let file = try VerdictFile(directory: folder.data, retention: 3_600_000)
        try file.keep(Self.registration)
        let reader = try VerdictReader(directory: folder.data)
        #expect(try reader.registrations() == [Self.registration])
        withExtendedLifetime((directory, file)) {}
    }
}
