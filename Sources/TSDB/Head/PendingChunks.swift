import Model

/// The queue of sealed chunks that wait for the archive.
struct PendingChunks {
    var chunks: [PendingChunk] = []
    /// The present when the oldest of them was first seen.
    var since: Timestamp?
}

/// A sealed chunk in the queue, with what the archive stores beside it.
struct PendingChunk {
    let chunk: SealedChunk
    let key: GroupKey
    let slot: Int
}
