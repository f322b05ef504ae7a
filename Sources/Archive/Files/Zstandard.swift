private import CZstd

/// Compression of chunks and large frames.
enum Zstandard {
    /// More than any chunk or frame has, to bound what damaged data may ask for.
    static let sizeMax = 1 << 28

    /// The compressed form, `nil` when it would not be smaller.
    static func compress(_ bytes: [UInt8], level: Int32) -> [UInt8]? {
        let bound = ZSTD_compressBound(bytes.count)
        var size = 0
        let out = unsafe [UInt8](unsafeUninitializedCapacity: bound) { target, count in
            size = unsafe bytes.withUnsafeBytes { source in
                unsafe ZSTD_compress(target.baseAddress, bound, source.baseAddress, source.count, level)
            }
            count = ZSTD_isError(size) == 0 ? size : 0
        }
        return out.isEmpty || out.count >= bytes.count ? nil : out
    }

    /// The original of a compressed form, `nil` when it is damaged. `size` is the original's size, `nil` when the
    /// compressed form says it.
    static func decompress(_ bytes: [UInt8], size known: Int?) -> [UInt8]? {
        var size = known ?? 0
        if known == nil {
            let told = unsafe bytes.withUnsafeBytes { unsafe ZSTD_getFrameContentSize($0.baseAddress, $0.count) }
            guard told <= UInt64(sizeMax) else { return nil }
            size = Int(told)
        }
        guard size >= 0, size <= sizeMax else { return nil }
        let out = unsafe [UInt8](unsafeUninitializedCapacity: max(size, 1)) { target, count in
            let got = unsafe bytes.withUnsafeBytes { source in
                unsafe ZSTD_decompress(target.baseAddress, size, source.baseAddress, source.count)
            }
            count = ZSTD_isError(got) == 0 ? got : 0
        }
        return out.count == size ? out : nil
    }
}
