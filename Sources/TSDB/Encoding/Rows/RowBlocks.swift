/// Storage of the bytes of open rows: an arena of blocks of a page that never grow. One growing array would leave a hole in the
/// heap each time it is moved, and hold unused capacity; and a query can hold blocks while rows come.
struct RowBlocks {
    /// Where the bytes of a row are: the number of the block above, the offset in it below. 2^20 blocks have a number; a group
    /// has at most 131,072 open rows, twice the largest `chunkRows`, so it never has so many.
    typealias Address = UInt32

    /// Bytes of a block: with what the array and the allocator add, a page.
    private static let blockBytes = 4_056
    /// A larger piece gets a block of its own, so that little is lost at the end of those that are filled.
    private static let sharedMax = blockBytes / 4
    private static let offsetBits: UInt32 = 12

    /// The blocks, in order of their first piece.
    private(set) var blocks: [[UInt8]] = []
    /// The block that is being filled.
    private var filling: Int?

    /// Adds the bytes of a row and returns their address.
    mutating func append(_ piece: [UInt8]) -> Address {
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
        return Address(block) << Self.offsetBits | Address(offset)
    }

    private mutating func add(room: Int) {
        var block: [UInt8] = []
        block.reserveCapacity(room)
        blocks.append(block)
    }

    /// Sets bits of a byte of a piece. For tests of what damage does.
    mutating func damage(_ address: Address, bits: UInt8) {
        blocks[Int(address >> Self.offsetBits)][Self.offset(of: address)] |= bits
    }

    /// The block of an address.
    @inline(__always)
    func block(of address: Address) -> [UInt8] { blocks[Int(address >> Self.offsetBits)] }

    /// The offset of an address in its block.
    @inline(__always)
    static func offset(of address: Address) -> Int { Int(address & (1 << offsetBits - 1)) }
}
