import Model
import TSDB
import TestSupport
import Testing

@testable import Archive

@Suite("Reading the head log from a position") struct HeadLogReaderTests {
    private let folder = TemporaryFolder()

    private func log(_ options: ArchiveOptions = ArchiveOptions()) throws -> (log: SegmentLog, path: String) {
        let path = folder.data + "-log"
        try PosixFolder.make(path)
        return (SegmentLog(folder: path, after: [:], options), path)
    }

    private func frame(_ number: Int, size: Int = 20) -> [UInt8] {
        Array("frame \(number) ".utf8) + (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ number &* 17) }
    }

    /// Everything behind the reader's position.
    private func rest(_ reader: HeadLogReader, maxBytes: Int) throws -> (frames: [[UInt8]], isReleased: Bool) {
        var frames: [[UInt8]] = []
        var isReleased = false
        while let batch = try reader.read(maxBytes: maxBytes) {
            frames += batch.frames
            isReleased = isReleased || batch.isReleased
            #expect(batch.damagedBytes == 0)
            #expect(batch.next == reader.position)
        }
        return (frames, isReleased)
    }

    @Test("all frames in order, over closed files and the growing one", arguments: [1, 40, 100, 1 << 20])
    func order(_ maxBytes: Int) throws {
        let (log, _) = try log()
        let reader = HeadLogReader(log, from: .oldest)
        #expect(try reader.read(maxBytes: maxBytes) == nil, "nothing is written yet")
        var wanted: [[UInt8]] = []
        var found: [[UInt8]] = []
        for number in 0..<60 {
            wanted.append(frame(number, size: number % 7 == 0 ? 3_000 : 20))
            _ = try log.append(wanted[number])
            if number % 5 == 0 { try log.write() }
            if number % 13 == 12 { try log.rotate(above: 0) }
            if number % 4 == 0 {
                let (frames, isReleased) = try rest(reader, maxBytes: maxBytes)
                found += frames
                #expect(!isReleased)
            }
        }
        try log.write()
        found += try rest(reader, maxBytes: maxBytes).frames
        #expect(found == wanted)
        #expect(try reader.read(maxBytes: maxBytes) == nil)
        let again = try rest(HeadLogReader(log, from: .oldest), maxBytes: maxBytes)
        #expect(again.frames == wanted && !again.isReleased)
    }

    @Test("a read is bounded, and another reader goes on from any position") func positions() throws {
        let (log, _) = try log()
        let wanted = (0..<200).map { frame($0) }
        for (number, frame) in wanted.enumerated() {
            _ = try log.append(frame)
            if number % 50 == 49 { try log.rotate(above: 0) }
        }
        try log.write()
        var position = LogPosition.oldest
        var found: [[UInt8]] = []
        while let batch = try HeadLogReader(log, from: position).read(maxBytes: 128) {
            #expect((1...4).contains(batch.frames.count), "frames of about 40 bytes")
            #expect(position < batch.next)
            found += batch.frames
            position = batch.next
        }
        #expect(found == wanted)
    }

    @Test("what was released is said once, and reading goes on behind it") func released() throws {
        let (log, _) = try log()
        for number in 0..<30 {
            _ = try log.append(frame(number))
            if number % 10 == 9 { try log.rotate(above: 0) }
        }
        let reader = HeadLogReader(log, from: .oldest)
        let first = try #require(try reader.read(maxBytes: 1))
        #expect(first.frames == [frame(0)])
        try log.release(before: 3)
        // The file that is open is read to its end although it is gone.
        var frames: [[UInt8]] = []
        var released: [Bool] = []
        while let batch = try reader.read(maxBytes: 1 << 20) {
            frames += batch.frames
            released.append(batch.isReleased)
        }
        #expect(frames == (1..<10).map { frame($0) } + (20..<30).map { frame($0) })
        #expect(released == [false, true])
        let again = HeadLogReader(log, from: first.next)
        let batch = try #require(try again.read(maxBytes: 1 << 20))
        #expect(batch.isReleased && batch.frames == (20..<30).map { frame($0) })
        // Who asks for no position in particular misses nothing.
        #expect(try HeadLogReader(log, from: .oldest).read(maxBytes: 1 << 20)?.isReleased == false)
    }

    @Test("damage in a file is passed over and counted") func damaged() throws {
        let (log, path) = try log()
        for number in 0..<10 { _ = try log.append(frame(number)) }
        try log.rotate(above: 0)
        _ = try log.append(frame(10))
        try log.write()
        let file = LogFileName.path(path, 1)
        var bytes = try TemporaryFolder.bytes(file)
        let size = (bytes.count - FrameEnvelope.magic.count - FrameEnvelope.end.count) / 10
        bytes[FrameEnvelope.magic.count + size * 4 + 15] ^= 1
        try TemporaryFolder.write(bytes, file)
        for maxBytes in [1, 100, 1 << 20] {
            let reader = HeadLogReader(log, from: .oldest)
            var frames: [[UInt8]] = []
            var damagedBytes = 0
            while let batch = try reader.read(maxBytes: maxBytes) {
                frames += batch.frames
                damagedBytes += batch.damagedBytes
            }
            #expect(frames == (0..<11).filter { $0 != 4 }.map { frame($0) })
            #expect(damagedBytes == size)
        }
    }

    @Test("a directory gives the frames of its store, and says when they are in the archive instead") func directory()
        throws
    {
        let fixture = StoreFixture(rows: 12)
        let directory = try DataDirectory.open(folder.data, database: fixture.options, now: fixture.time(0))
        try fixture.append(0..<6, to: directory.database)
        try directory.database.flush()
        let reader = try #require(directory.readLog())
        let before = try rest(reader, maxBytes: 200)
        #expect(before.frames.count > 12 && !before.isReleased)
        try fixture.append(6..<12, to: directory.database)
        try directory.database.flush()
        let position = reader.position
        #expect(try rest(reader, maxBytes: 200).frames.count >= 12)
        let log = try #require(directory.log)
        try log.rotate(above: 0)
        directory.database.seal(now: fixture.time(12), all: true)
        try directory.database.archive(now: fixture.time(12), force: true)
        try fixture.append(12..<13, to: directory.database)
        try directory.database.flush()
        try directory.database.releaseLog()
        let later = try #require(directory.readLog(from: position))
        #expect(try rest(later, maxBytes: 200).isReleased)
    }
}
