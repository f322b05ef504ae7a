import Model

/// A chunk that retention has dropped although samples outside of the archive still need the definitions of columns that
/// the archive has stored with it: the log has released them.
struct DroppedDefinition {
    /// Columns that are defined there.
    let columns: Int
    /// The part of the archive that must stay.
    let source: any ChunkSource
}

extension Optional<DroppedDefinition> {
    /// Notes chunks that were dropped. What was archived with the most columns has all definitions of the others; what was
    /// not archived has them in the log, so what is left (`chunks`, or the open samples with `pin`) goes on needing that.
    mutating func note(_ dropped: [SealedChunk], left chunks: [SealedChunk], open count: Int, _ pin: inout UInt64?) {
        for chunk in dropped {
            if let source = chunk.archivedIn {
                guard chunk.meta.columnCount >= self?.columns ?? 0 else { continue }
                self = DroppedDefinition(columns: chunk.meta.columnCount, source: source)
            } else if let segment = chunk.pinnedSegment {
                if let next = chunks.first(where: { $0.archivedIn == nil }) {
                    next.pin(segment)
                } else if count > 0 {
                    pin = Swift.min(pin ?? segment, segment)
                }
            }
        }
    }

    /// Forgets the chunk when the chunks that are left have its definitions, or when nothing needs them. In the latter case the
    /// next sample defines its column anew: `defined`, the columns whose definition is stored, is lowered to what is left.
    mutating func settle(_ chunks: [SealedChunk], open count: Int, _ defined: inout Int) {
        var left = 0
        var isArchived = count == 0
        for chunk in chunks {
            if chunk.archivedIn != nil { left = Swift.max(left, chunk.meta.columnCount) } else { isArchived = false }
        }
        if isArchived { defined = Swift.min(defined, left) }
        if let columns = self?.columns, isArchived || left >= columns { self = nil }
    }
}
