/// Bytes of open rows, in blocks that never grow: one array that does would leave a hole in the heap each time, and have
/// room that nothing uses.
struct RowBlocks {
    /// Where the bytes of a row are: the number of the block above, the place in it below. 2^20 blocks have a number; a group
    /// has at most 131,072 open rows, twice the largest `chunkRows`, so it never has so many.
    typealias Place = UInt32

    /// Bytes of a block: with what the array and the allocator add, a page.
    private static let blockBytes = 4_056
    /// A larger piece gets a block of its own, so that little is lost at the end of those that are filled.
    private static let sharedMax = blockBytes / 4
    private static let placeBits: UInt32 = 12

    /// The blocks, in order of their first piece.
    private(set) var blocks: [[UInt8]] = []
    /// The block that is being filled.
    private var filling: Int?

    /// Keeps a piece and tells where.
    mutating func append(_ piece: [UInt8]) -> Place {
        var block = blocks.count
        if piece.count > Self.sharedMax {
            add(room: piece.count)
        } else if let filling, blocks[filling].count + piece.count <= Self.blockBytes {
            block = filling
        } else {
            add(room: Self.blockBytes)
            filling = block
        }
        let offset = blocks[block].count
        blocks[block] += piece
        return Place(block) << Self.placeBits | Place(offset)
    }

    private mutating func add(room: Int) {
        var block: [UInt8] = []
        block.reserveCapacity(room)
        blocks.append(block)
    }

    /// Sets bits of a byte of a piece. For tests of what damage does.
    mutating func damage(_ place: Place, bits: UInt8) {
        blocks[Int(place >> Self.placeBits)][Self.offset(of: place)] |= bits
    }

    /// The block of a place.
    @inline(__always)
    func block(of place: Place) -> [UInt8] { blocks[Int(place >> Self.placeBits)] }

    /// Where in its block a place is.
    @inline(__always)
    static func offset(of place: Place) -> Int { Int(place & (1 << placeBits - 1)) }
}
