import Foundation
import TestSupport

@testable import Archive

/// What a disk or a crash may do to a file.
enum Damage: CustomStringConvertible {
    case truncated(to: Int)
    case flipped(bits: [Int])
    case zeroed(Range<Int>)
    case scrambled(Range<Int>, seed: UInt64)
    /// The last write reached the disk only in part: its length is there, its end is not.
    case torn(from: Int)
    /// The file is gone.
    case removed
    /// A number of an hour file's tables is another one.
    case changed(sql: String)

    /// Something for a file of `size` bytes.
    static func random(_ path: String, _ generator: inout SeededGenerator) throws -> Damage {
        let size = try TemporaryFolder.bytes(path).count
        guard size > 0 else { return .truncated(to: 0) }
        switch Int.random(in: 0..<16, using: &generator) {
        case 10, 11: return .removed
        case 12: return .flipped(bits: [Int.random(in: 0..<(min(size, 200) * 8), using: &generator)])
        case 13: return .zeroed(0..<size)
        case 14: return .truncated(to: min(size, 8))
        case 15 where path.hasSuffix(".sqlite"):
            let places = [
                "manifest SET first_chunk", "manifest SET chunks", "manifest SET rows", "manifest SET samples",
                "chunk SET first", "chunk SET last", "chunk SET rows", "chunk SET samples", "label_batch SET columns",
            ]
            let number = generator.pick([Int64.min, -1, 0, 1, Int64.max / 2, Int64.max])
            return .changed(sql: "UPDATE \(generator.pick(places)) = \(number)")
        case 0, 1: return .truncated(to: Int.random(in: 0..<size, using: &generator))
        case 2: return .torn(from: max(0, size - Int.random(in: 1...min(size, 600), using: &generator)))
        case 3: return .zeroed(sector(size, &generator))
        case 4: return .scrambled(sector(size, &generator), seed: generator.next())
        default:
            let count = Int.random(in: 1...3, using: &generator)
            return .flipped(bits: (0..<count).map { _ in Int.random(in: 0..<(size * 8), using: &generator) })
        }
    }

    private static func sector(_ size: Int, _ generator: inout SeededGenerator) -> Range<Int> {
        let length = generator.chance(50) ? 512 : Int.random(in: 1...4096, using: &generator)
        let start = Int.random(in: 0..<size, using: &generator) / 512 * 512
        return start..<min(size, start + length)
    }

    func apply(to path: String) throws {
        if case .changed(let sql) = self { return try SQLiteConnection.open(path, .write).run(sql) }
        if case .removed = self { return try FileManager.default.removeItem(atPath: path) }
        var bytes = try TemporaryFolder.bytes(path)
        switch self {
        case .removed, .changed: return
        case .truncated(let size): bytes.removeSubrange(size...)
        case .flipped(let bits): for bit in bits { bytes[bit / 8] ^= 1 << UInt8(bit % 8) }
        case .zeroed(let range): for index in range { bytes[index] = 0 }
        case .scrambled(let range, let seed):
            var generator = SeededGenerator(seed: seed)
            for index in range { bytes[index] = UInt8.random(in: 0...255, using: &generator) }
        case .torn(let start): for index in start..<bytes.count { bytes[index] = 0 }
        }
        try TemporaryFolder.write(bytes, path)
    }

    var description: String {
        switch self {
        case .removed: "removed"
        case .changed(let sql): sql
        case .truncated(let size): "cut off at \(size)"
        case .flipped(let bits): "bits flipped: \(bits)"
        case .zeroed(let range): "zeroed \(range)"
        case .scrambled(let range, let seed): "scrambled \(range) by seed \(seed)"
        case .torn(let start): "zeroed from \(start)"
        }
    }
}
