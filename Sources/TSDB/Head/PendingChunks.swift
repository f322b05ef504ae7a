import Model

/// Chunks on their way to the archive.
struct PendingChunks {
    var chunks: [PendingChunk] = []
    /// When the oldest of them was first seen.
    var since: Timestamp?
}

/// A sealed chunk that waits for the archive.
struct PendingChunk {
    let chunk: SealedChunk
    let key: GroupKey
    let slot: Int
}
