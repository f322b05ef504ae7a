/// How frames lie in a segment of the head log.
///
///     +------+-------+------------+------------+-------+
///     | 0xF7 | flags | length u32 | crc32c u32 | bytes |
///     +------+-------+------------+------------+-------+
///
/// Numbers are little endian. Flag 1: the bytes are compressed. The checksum is of the bytes as they lie there.
enum LogFrame {
    /// First bytes of every segment.
    static let magic: [UInt8] = Array("HALDLOG1".utf8)
    private static let mark: UInt8 = 0xf7
    private static let compressed: UInt8 = 1
    private static let headerSize = 10
    /// Frames above this size are compressed.
    private static let compressAbove = 1_024

    static func append(_ frame: [UInt8], to out: inout [UInt8]) {
        var flags: UInt8 = 0
        var bytes = frame
        if frame.count > compressAbove, let smaller = Zstandard.compress(frame, level: 1) {
            bytes = smaller
            flags = compressed
        }
        out.append(mark)
        out.append(flags)
        for number in [UInt32(bytes.count), CRC32C.checksum(bytes.span)] {
            for shift in [0, 8, 16, 24] as [UInt32] { out.append(UInt8(truncatingIfNeeded: number >> shift)) }
        }
        out += bytes
    }

    /// What was found at a place of a segment.
    enum Found {
        /// A whole frame, and where the next one begins.
        case frame([UInt8], next: Int)
        /// Damage; the next whole frame begins at `resume`, `nil` when there is none.
        case damage(resume: Int?)
    }

    static func read(_ segment: [UInt8], at place: Int) -> Found {
        if let (frame, next) = whole(segment, place) { return .frame(frame, next: next) }
        var next = place + 1
        while next + headerSize <= segment.count {
            if segment[next] == mark, whole(segment, next) != nil { return .damage(resume: next) }
            next += 1
        }
        return .damage(resume: nil)
    }

    private static func whole(_ segment: [UInt8], _ place: Int) -> (frame: [UInt8], next: Int)? {
        guard segment.count - place >= headerSize, segment[place] == mark, segment[place + 1] <= compressed else {
            return nil
        }
        func number(_ at: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 | UInt32(segment[at + $1]) << UInt32($1 * 8) }
        }
        let length = Int(number(place + 2))
        let start = place + headerSize
        guard length <= segment.count - start else { return nil }
        let bytes = Array(segment[start..<(start + length)])
        guard CRC32C.checksum(bytes.span) == number(place + 6) else { return nil }
        if segment[place + 1] & compressed == 0 { return (bytes, start + length) }
        guard let original = Zstandard.decompress(bytes, size: nil) else { return nil }
        return (original, start + length)
    }
}
