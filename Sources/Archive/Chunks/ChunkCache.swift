private import Synchronization

/// Chunks that were read lately, up to a number of bytes; what was not used for longest goes first.
final class ChunkCache: Sendable {
    /// Which chunk of which file. Files have numbers that never come again, as their addresses do.
    struct Key: Hashable {
        var file: UInt64
        var id: Int64
    }

    private static let lastFile = Atomic<UInt64>(0)

    /// A number for a file that no other one of this process has.
    static func newFile() -> UInt64 { lastFile.add(1, ordering: .relaxed).newValue }

    private struct State {
        var entries: [Key: (bytes: [UInt8], used: UInt64)] = [:]
        var size = 0
        var clock: UInt64 = 0
    }

    private let state = Mutex(State())
    private let sizeMax: Int

    init(bytes: Int) { sizeMax = bytes }

    func find(_ key: Key) -> [UInt8]? {
        state.withLock { state in
            guard let found = state.entries[key] else { return nil }
            state.clock += 1
            state.entries[key]?.used = state.clock
            return found.bytes
        }
    }

    /// Keeps a chunk, unless it alone is more than a quarter of the cache.
    func keep(_ bytes: [UInt8], _ key: Key) {
        if bytes.count > sizeMax / 4 { return }
        state.withLock { state in
            if state.entries[key] != nil { return }
            state.clock += 1
            state.entries[key] = (bytes, state.clock)
            state.size += bytes.count
            if state.size <= sizeMax { return }
            // Makes room for a while at once, so that the search for the oldest is rare.
            for (key, entry) in state.entries.sorted(by: { $0.value.used < $1.value.used }) {
                if state.size <= sizeMax * 3 / 4 { break }
                state.size -= entry.bytes.count
                state.entries[key] = nil
            }
        }
    }

    func removeAll(file: UInt64) {
        state.withLock { state in
            for (key, entry) in state.entries where key.file == file {
                state.size -= entry.bytes.count
                state.entries[key] = nil
            }
        }
    }

    /// Bytes kept at the moment.
    var size: Int { state.withLock { $0.size } }
}
