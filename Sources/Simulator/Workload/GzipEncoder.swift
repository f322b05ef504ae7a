private import CDeflate

/// Compresses whole bodies to gzip, fast rather than small, as the proxy does.
///
/// Safe although it holds a pointer: the pointer is held by this value alone and lives exactly as long.
@safe struct GzipEncoder: ~Copyable {
    private let handle: OpaquePointer?
    private var scratch: [UInt8] = []

    init() { unsafe handle = libdeflate_alloc_compressor(1) }

    deinit { unsafe libdeflate_free_compressor(handle) }

    /// One gzip member; `nil` when there is no memory for the compressor.
    mutating func compress(_ bytes: [UInt8]) -> ArraySlice<UInt8>? {
        guard let handle = unsafe handle else { return nil }
        let room = unsafe libdeflate_gzip_compress_bound(handle, bytes.count)
        if scratch.count < room { scratch = Array(repeating: 0, count: room) }
        let size = unsafe bytes.withUnsafeBytes { input in
            unsafe scratch.withUnsafeMutableBytes { output in
                unsafe libdeflate_gzip_compress(
                    handle, input.baseAddress, input.count, output.baseAddress, output.count)
            }
        }
        return scratch[..<size]
    }
}
