/// The envelope of a frame in a file of the head log (docs/format.md, "Head log"): mark, flags, length, checksum. What is in it
/// is `TSDB.FrameContent`.
///
///     +------+-------+------------+------------+-------+
///     | 0xF7 | flags | length u32 | check u32  | bytes |
///     +------+-------+------------+------------+-------+
///
/// Numbers are little endian. Flags 1: the bytes are compressed; 2: the file ends here. The check is the CRC-32C of the
/// bytes as they lie there, xor the flags.
enum FrameEnvelope {
    /// First bytes of every segment.
    static let magic: [UInt8] = Array("haldlog3".utf8)
    /// Those of the format before, which no flipped bit makes of the present ones.
    static let olderMagic: [UInt8] = Array("HALDLOG2".utf8)
    static let mark: UInt8 = 0xf7
    private static let compressed: UInt8 = 1
    private static let ending: UInt8 = 2
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
        put(bytes, flags: flags, into: &out)
    }

    private static func put(_ bytes: [UInt8], flags: UInt8, into out: inout [UInt8]) {
        out.append(mark)
        out.append(flags)
        for number in [UInt32(bytes.count), checksum(bytes, flags)] {
            for shift in [0, 8, 16, 24] as [UInt32] { out.append(UInt8(truncatingIfNeeded: number >> shift)) }
        }
        out += bytes
    }

    /// A frame without content, the last one of a file that was finished.
    static let end: [UInt8] = {
        var out: [UInt8] = []
        put([], flags: ending, into: &out)
        return out
    }()

    /// A whole frame.
    struct Whole {
        var content: [UInt8]
        /// It says that the file ends behind it.
        var isEnd: Bool
        /// Where the next one begins.
        var next: Int
    }

    /// Bytes of the frame whose header lies at an offset; `nil` when no header does, or the file is too short for it.
    static func claimedSize(_ segment: [UInt8], _ offset: Int) -> Int? {
        guard segment.count - offset >= headerSize, segment[offset] == mark, segment[offset + 1] <= ending else {
            return nil
        }
        let size = headerSize + Int(number(segment, offset + 2))
        return size <= segment.count - offset ? size : nil
    }

    /// Whether the bytes from an offset on are the beginning of a frame that a crash cut off.
    static func isCutOff(_ segment: [UInt8], _ offset: Int) -> Bool {
        let left = segment.count - offset
        guard segment[offset] == mark, left < 2 || segment[offset + 1] <= ending else { return false }
        return left < headerSize || headerSize + Int(number(segment, offset + 2)) > left
    }

    /// The frame at an offset, `nil` when no whole one is there.
    static func whole(_ segment: [UInt8], _ offset: Int) -> Whole? {
        guard let size = claimedSize(segment, offset) else { return nil }
        let bytes = Array(segment[(offset + headerSize)..<(offset + size)])
        let flags = segment[offset + 1]
        guard checksum(bytes, flags) == number(segment, offset + 6) else { return nil }
        if flags == compressed {
            guard let original = Zstandard.decompress(bytes, size: nil) else { return nil }
            return Whole(content: original, isEnd: false, next: offset + size)
        }
        return Whole(content: bytes, isEnd: flags == ending, next: offset + size)
    }

    private static func number(_ segment: [UInt8], _ at: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(segment[at + $1]) << UInt32($1 * 8) }
    }

    /// The flags take part, so that a flipped one is seen.
    private static func checksum(_ bytes: [UInt8], _ flags: UInt8) -> UInt32 {
        CRC32C.checksum(bytes.span) ^ UInt32(flags)
    }
}
