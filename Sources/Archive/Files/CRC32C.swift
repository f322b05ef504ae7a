/// The Castagnoli checksum, eight bytes a step.
enum CRC32C {
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0x82f6_3b78 }
            tables[byte] = crc
        }
        for byte in 0..<256 {
            for step in 1..<8 {
                let before = tables[(step - 1) * 256 + byte]
                tables[step * 256 + byte] = before >> 8 ^ tables[Int(before & 0xff)]
            }
        }
        return tables
    }()

    /// The checksum of `bytes`. O(bytes).
    static func checksum(_ bytes: Span<UInt8>) -> UInt32 {
        let tables = Self.tables
        let table = tables.span
        var crc = ~UInt32(0)
        var at = 0
        while bytes.count &- at >= 8 {
            var low = UInt32(bytes[at]) | UInt32(bytes[at &+ 1]) &<< 8
            low |= UInt32(bytes[at &+ 2]) &<< 16 | UInt32(bytes[at &+ 3]) &<< 24
            low ^= crc
            crc = table[1792 &+ Int(low & 0xff)] ^ table[1536 &+ Int(low &>> 8 & 0xff)]
            crc ^= table[1280 &+ Int(low &>> 16 & 0xff)] ^ table[1024 &+ Int(low &>> 24)]
            crc ^= table[768 &+ Int(bytes[at &+ 4])] ^ table[512 &+ Int(bytes[at &+ 5])]
            crc ^= table[256 &+ Int(bytes[at &+ 6])] ^ table[Int(bytes[at &+ 7])]
            at &+= 8
        }
        while at < bytes.count {
            crc = crc &>> 8 ^ table[Int((crc ^ UInt32(bytes[at])) & 0xff)]
            at &+= 1
        }
        return ~crc
    }
}
