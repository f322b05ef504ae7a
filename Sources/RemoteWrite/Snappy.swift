private import CSnappy

/// Snappy's block format (no framing), as remote write uses it.
package enum Snappy {
    /// Decompresses a block of at most `bytesMax` bytes. The size that the block claims is checked before memory is
    /// taken for it.
    package static func decompress(_ block: [UInt8], bytesMax: Int) throws(RemoteWriteError) -> [UInt8] {
        var length = 0
        let known = unsafe block.withUnsafeBytes { raw in
            unsafe snappy_uncompressed_length(raw.assumingMemoryBound(to: CChar.self).baseAddress, raw.count, &length)
        }
        guard known == SNAPPY_OK else { throw .snappy("the body is not snappy-compressed") }
        guard length <= bytesMax else { throw .tooLarge(bytes: length, max: bytesMax) }
        var status = SNAPPY_OK
        let out = unsafe [UInt8](unsafeUninitializedCapacity: length) { target, count in
            var written = length
            status = unsafe block.withUnsafeBytes { raw in
                unsafe target.withMemoryRebound(to: CChar.self) { chars in
                    unsafe snappy_uncompress(
                        raw.assumingMemoryBound(to: CChar.self).baseAddress, raw.count, chars.baseAddress, &written)
                }
            }
            count = status == SNAPPY_OK ? written : 0
        }
        guard status == SNAPPY_OK else { throw .snappy("the compressed body is damaged") }
        return out
    }

    /// Compresses bytes into a block.
    package static func compress(_ bytes: [UInt8]) -> [UInt8] {
        let room = snappy_max_compressed_length(bytes.count)
        return unsafe [UInt8](unsafeUninitializedCapacity: room) { target, count in
            var written = room
            let status = unsafe bytes.withUnsafeBytes { raw in
                unsafe target.withMemoryRebound(to: CChar.self) { chars in
                    unsafe snappy_compress(
                        raw.assumingMemoryBound(to: CChar.self).baseAddress, raw.count, chars.baseAddress, &written)
                }
            }
            count = status == SNAPPY_OK ? written : 0
        }
    }
}
