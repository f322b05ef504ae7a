package import Model

/// Where sealed chunks go. Called by `Database.archive` from one thread at a time.
package protocol ChunkArchive: AnyObject, Sendable {
    /// Stores all blocks durably, or none. The answer has a location per block, in order.
    func store(_ blocks: [SealedBlock]) throws(StorageError) -> [ChunkLocation]

    /// Gives back the space of chunks that ended before `cutoff`, but for those of the sources in `needed`: what is not
    /// archived yet needs the label sets that are stored there. Chunks that were read from may stay readable.
    func expire(before cutoff: Timestamp, keeping needed: [any ChunkSource]) throws(StorageError)

    /// Space is given back in units of this much time, counted from the epoch.
    var granularity: Milliseconds { get }
}

/// Where a stored chunk can be read again. Any thread.
package protocol ChunkSource: AnyObject, Sendable {
    /// The chunk's bytes, checked against their checksum.
    func load(_ id: Int64) throws(StorageError) -> [UInt8]
}

/// A stored chunk.
package struct ChunkLocation: Sendable {
    /// Who reads it.
    package let source: any ChunkSource
    /// Which one it is there.
    package let id: Int64
    /// Bytes it takes.
    package let storedBytes: Int

    /// A location.
    package init(source: any ChunkSource, id: Int64, storedBytes: Int) {
        self.source = source
        self.id = id
        self.storedBytes = storedBytes
    }
}

/// The two kinds of series groups.
package enum GroupKind: UInt8, Sendable {
    /// Rows with a shared time.
    case rows = 0
    /// Series with times of their own.
    case series = 1
}

/// What an archive must keep of a chunk besides its bytes.
package struct ChunkMeta: Sendable, Equatable {
    /// The group's number, unique within a data directory.
    package var group: UInt64
    /// Rows or series with times of their own.
    package var kind: GroupKind
    /// Time of the oldest sample or row.
    package var first: Timestamp
    /// Time of the newest sample or row.
    package var last: Timestamp
    /// Rows, or series of a series chunk.
    package var rowCount: Int
    /// Columns of the group when the chunk was sealed.
    package var columnCount: Int
    /// Samples.
    package var sampleCount: Int
    /// Log frames of the group below this number are covered by this chunk and the ones before it.
    package var endSequence: UInt64

    /// What is known of a chunk.
    package init(
        group: UInt64, kind: GroupKind, first: Timestamp, last: Timestamp, rowCount: Int, columnCount: Int,
        sampleCount: Int, endSequence: UInt64
    ) {
        self.group = group
        self.kind = kind
        self.first = first
        self.last = last
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.sampleCount = sampleCount
        self.endSequence = endSequence
    }
}

/// A chunk on its way to the archive.
package struct SealedBlock: Sendable {
    /// What it is.
    package let meta: ChunkMeta
    /// Its group's key.
    package let key: GroupKey
    /// The chunk.
    package let bytes: [UInt8]
    /// The label sets of a range of the group's columns, encoded for `DatabaseRecovery.define`.
    package let labels: @Sendable (Range<Int>) -> [UInt8]
}
