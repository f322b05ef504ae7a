import Model
private import Synchronization
import TSDB

/// The head log: numbered files to which frames are appended. Any thread may append; frames wait in memory for
/// `flush`, which the owner calls every second and a remote write before it is answered.
final class SegmentLog: HeadLog {
    private struct State: ~Copyable {
        var file: PosixFile
        var segment: UInt64
        /// Frames that are not written yet.
        var buffer: [UInt8] = []
        /// Bytes of the current file, the buffer included.
        var size: Int
        /// Files that still exist, the current one included, with the bytes of the finished ones.
        var sizes: [UInt64: Int]
        var bytesWritten = 0
        /// Frames were given up because too much waited. What they held is only in memory until the owner has stored it.
        var hasGivenUp = false
    }

    private let folder: String
    private let state: Mutex<State>
    /// Frames are written early when so many bytes wait.
    private static let bufferMax = 1 << 18
    /// When so many bytes could not be written, they are given up.
    private let backlogMax: Int

    /// Begins a new file after `segments` (number and size of those that exist).
    init(folder: String, after segments: [UInt64: Int], backlogMax: Int) throws(ArchiveError) {
        self.folder = folder
        self.backlogMax = backlogMax
        let segment = (segments.keys.max() ?? 0) + 1
        let file = try Self.begin(folder, segment)
        var sizes = segments
        sizes[segment] = 0
        state = Mutex(State(file: file, segment: segment, size: LogFrame.magic.count, sizes: sizes))
    }

    private static func begin(_ folder: String, _ segment: UInt64) throws(ArchiveError) -> PosixFile {
        let file = try PosixFile(path(folder, segment), writing: true, create: true)
        try file.write(LogFrame.magic)
        return file
    }

    static func path(_ folder: String, _ segment: UInt64) -> String {
        let digits = String(segment)
        return folder + "/" + String(repeating: "0", count: max(0, 10 - digits.count)) + digits + ".log"
    }

    /// Numbers of the files in a folder, rising.
    static func segments(in folder: String) throws(ArchiveError) -> [UInt64] {
        try PosixFolder.names(folder).compactMap { $0.hasSuffix(".log") ? UInt64($0.dropLast(4)) : nil }.sorted()
    }

    func append(_ frame: [UInt8]) throws(StorageError) -> UInt64 {
        state.withLock { state in
            if state.buffer.count > backlogMax {
                state.size -= state.buffer.count
                state.buffer = []
                state.hasGivenUp = true
            }
            let before = state.buffer.count
            LogFrame.append(frame, to: &state.buffer)
            state.size += state.buffer.count - before
            // A failure shows at the next flush; the frames stay. After one, only flushing tries again.
            if state.buffer.count >= Self.bufferMax, before < Self.bufferMax { try? Self.write(&state) }
            return state.segment
        }
    }

    private static func write(_ state: inout State) throws(ArchiveError) {
        if state.buffer.isEmpty { return }
        try state.file.write(state.buffer)
        state.bytesWritten += state.buffer.count
        state.buffer.removeAll(keepingCapacity: state.buffer.count <= bufferMax)
    }

    /// Writes what waits.
    func write() throws(StorageError) {
        try locked { state throws(ArchiveError) in try Self.write(&state) }
    }

    /// Throws as long as frames are given up, too: the caller's may be among them.
    func flush() throws(StorageError) {
        try locked { state throws(ArchiveError) in
            try Self.write(&state)
            if state.hasGivenUp {
                throw .io(
                    doing: "writing \(state.file.path)", reason: "frames that waited too long are being stored anew")
            }
        }
    }

    /// Whether frames were given up; asking counts as their owner's promise to store anew what they held.
    func takeGivenUp() -> Bool {
        state.withLock { state in
            defer { state.hasGivenUp = false }
            return state.hasGivenUp
        }
    }

    /// Frames were given up and could not be stored anew yet.
    func noteGivenUp() { state.withLock { $0.hasGivenUp = true } }

    /// Writes what waits and marks the end of the file.
    func finish() throws(StorageError) {
        try locked { state throws(ArchiveError) in
            if state.hasGivenUp { return }
            state.buffer += LogFrame.end
            try Self.write(&state)
        }
    }

    /// All files as they are when everything taken so far is written.
    func segmentsNow() throws(ArchiveError) -> [SegmentReader.Segment] {
        let result: Result<[SegmentReader.Segment], ArchiveError> = state.withLock { state in
            do throws(ArchiveError) {
                try Self.write(&state)
                return .success(try SegmentReader.open(folder))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    var currentSegment: UInt64 { state.withLock { $0.segment } }

    /// Bytes of all files.
    var totalBytes: Int { state.withLock { $0.sizes.values.reduce($0.size, +) } }

    /// Bytes written since the start.
    var bytesWritten: Int { state.withLock { $0.bytesWritten } }

    /// Bytes that wait to be written.
    var waitingBytes: Int { state.withLock { $0.buffer.count } }

    /// Files that exist.
    var fileCount: Int { state.withLock { $0.sizes.count } }

    /// Begins a new file when the current one has reached `size`.
    func rotate(above size: Int) throws(StorageError) {
        try locked { state throws(ArchiveError) in
            guard state.size >= size else { return }
            // The end goes in one write with the rest, so that it is never there twice.
            let waiting = state.buffer.count
            state.buffer += LogFrame.end
            do throws(ArchiveError) { try Self.write(&state) } catch {
                state.buffer.removeLast(state.buffer.count - waiting)
                throw error
            }
            let file = try Self.begin(folder, state.segment + 1)
            state.sizes[state.segment] = state.size
            state.segment += 1
            state.sizes[state.segment] = 0
            state.file = file
            state.size = LogFrame.magic.count
        }
    }

    func release(before segment: UInt64) throws(StorageError) {
        try locked { state throws(ArchiveError) in
            for old in state.sizes.keys.sorted() where old < min(segment, state.segment) {
                try PosixFolder.remove(Self.path(folder, old))
                state.sizes[old] = nil
            }
        }
    }

    private func locked(_ body: (inout State) throws(ArchiveError) -> Void) throws(StorageError) {
        let result: Result<Void, ArchiveError> = state.withLock { state in
            do throws(ArchiveError) {
                try body(&state)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        do { try result.get() } catch { throw error.storageError }
    }
}
