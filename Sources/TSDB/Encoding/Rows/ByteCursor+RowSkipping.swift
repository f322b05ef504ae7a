/// Skipping of encoded cells without decoding them, eight bytes at a time (SIMD within a register): the ends of varint
/// tokens are found by their high bits.
extension ByteCursor {
    /// Passes over the mask and the tokens of 64 columns.
    @inline(__always)
    mutating func skipWord(_ bytes: Span<UInt8>) throws(DecodeError) {
        let used = try byte(bytes)
        if used == 0 { return }
        let maskBytes = used.nonzeroBitCount
        var tokens = 0
        if let next = eight(bytes) {
            tokens = (next &<< UInt64(64 &- maskBytes &* 8)).nonzeroBitCount
            try skip(maskBytes)
        } else {
            for _ in 0..<maskBytes { tokens += try byte(bytes).nonzeroBitCount }
        }
        try skipTokens(tokens, bytes)
    }

    /// Passes over tokens and what follows them, eight bytes at a time where none of them has anything behind it.
    mutating func skipTokens(_ count: Int, _ bytes: Span<UInt8>) throws(DecodeError) {
        let high: UInt64 = 0x8080_8080_8080_8080
        var count = count
        while count > 0 {
            guard let next = eight(bytes) else {
                try CellCodec.skip(bytes, &self)
                count &-= 1
                continue
            }
            // The last byte of each token, and tokens of one byte that say that more follows (`raw` and `xor`).
            var ends = ~next & high
            let starts = ends &<< 8 | 0x80
            let odd = (next & 0xfdfd_fdfd_fdfd_fdfd) ^ 0x0101_0101_0101_0101
            let isOdd = ~((odd & ~high) &+ ~high | odd | ~high)
            if isOdd & starts != 0 || ends == 0 {
                try CellCodec.skip(bytes, &self)
                count &-= 1
                continue
            }
            let tokens = ends.nonzeroBitCount
            if tokens <= count {
                count &-= tokens
                try skip(8 &- ends.leadingZeroBitCount >> 3)
                continue
            }
            for _ in 1..<count { ends &= ends &- 1 }
            return try skip(ends.trailingZeroBitCount >> 3 &+ 1)
        }
    }

    /// The next eight bytes, the first one lowest; `nil` near the end.
    @inline(__always)
    private func eight(_ bytes: Span<UInt8>) -> UInt64? {
        guard remaining >= 8 else { return nil }
        // A cursor never goes beyond its bytes.
        return unsafe UInt64(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self))
    }
}
