import TestSupport
import Testing

@testable import TSDB

@Suite("Blocks of open rows") struct RowBlocksTests {
    @Test("every piece stays where it was put, whatever comes behind it or is done to a copy", arguments: 0..<20)
    func pieces(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var blocks = RowBlocks()
        var kept: [(index: RowBlocks.Address, piece: [UInt8])] = []
        var copies: [(blocks: RowBlocks, count: Int)] = []
        func check(_ blocks: RowBlocks, _ count: Int) {
            for (index, piece) in kept.prefix(count) {
                let offset = RowBlocks.offset(of: index)
                #expect(blocks.block(of: index)[offset..<offset + piece.count].elementsEqual(piece))
            }
        }
        for _ in 0..<300 {
            let longest = Int.random(in: 0..<10, using: &random) == 0 ? 9_000 : 400
            let count = Int.random(in: 0..<longest, using: &random)
            let piece = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            kept.append((blocks.append(piece), piece))
            if Int.random(in: 0..<40, using: &random) == 0 { copies.append((blocks, kept.count)) }
        }
        check(blocks, kept.count)
        for (copy, count) in copies { check(copy, count) }
    }

    @Test("little room is left over: of rows as targets send them, and of rows that fill a block of their own")
    func room() {
        for (bytes, most) in [(240, 1.15), (1_000, 1.4), (1_100, 1.1), (5_000, 1.1)] {
            var blocks = RowBlocks()
            for _ in 0..<1_000 { _ = blocks.append(Array(repeating: 1, count: bytes)) }
            let room = blocks.blocks.reduce(0) { $0 + $1.capacity + 48 }
            #expect(Double(room) < Double(bytes * 1_000) * most, "\(bytes)")
        }
    }
}
