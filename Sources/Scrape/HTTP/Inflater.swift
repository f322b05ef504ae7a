private import CDeflate

/// Inflates gzip into a buffer of its own, within a limit. One caller at a time.
///
/// Safe although it holds a pointer: the pointer is held by this value alone and lives exactly as long.
@safe struct Inflater: ~Copyable {
    /// Why a body can't be inflated.
    enum Failure: Error, Equatable {
        /// It is damaged, cut off, or no gzip.
        case damaged
        /// It grows beyond the limit.
        case tooLarge
        /// No memory for the decompressor.
        case noMemory
    }

    private let handle: OpaquePointer?
    private var output: [UInt8] = []
    /// Bytes of `output` that the last body filled.
    private var filled = 0
    /// Bytes beyond which the buffer is freed after use.
    private static let keptBytes = 4 << 20

    init() { unsafe handle = libdeflate_alloc_decompressor() }

    deinit { unsafe libdeflate_free_decompressor(handle) }

    /// Inflates all members of `input` and calls `body` with the result. O(output).
    mutating func inflate<Result>(
        _ input: UnsafeRawBufferPointer, limit: Int, _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(Failure) -> Result {
        filled = 0
        defer { if output.count > Self.keptBytes { output = [] } }
        var at = 0
        repeat {
            at += try unsafe member(UnsafeRawBufferPointer(rebasing: input[at...]), limit: limit)
        } while at < input.count
        return unsafe output.withUnsafeBytes { unsafe body(UnsafeRawBufferPointer(rebasing: $0[..<filled])) }
    }

    /// Grows the output and keeps its filled part.
    private mutating func grow(to count: Int) {
        var larger = [UInt8](repeating: 0, count: count)
        larger.replaceSubrange(0..<filled, with: output[..<filled])
        output = larger
    }

    /// The last four bytes of a gzip member as a number: its size before compression, if that is below 4 GiB.
    private static func claimedSize(_ input: UnsafeRawBufferPointer) -> Int {
        guard input.count >= 4 else { return 0 }
        return Int(UInt32(littleEndian: unsafe input.loadUnaligned(fromByteOffset: input.count - 4, as: UInt32.self)))
    }

    /// Inflates one gzip member behind the filled part of the output. Returns the member's compressed size.
    private mutating func member(_ input: UnsafeRawBufferPointer, limit: Int) throws(Failure) -> Int {
        guard let handle = unsafe handle else { throw .noMemory }
        // Deflate's ratio is at most 1032 to 1, so a small body can't make this reserve much.
        let ceiling = min(limit, filled + input.count * 1032 + 64) + 1
        // A member ends with its inflated size. That may be wrong, or another member's, so it is only the first guess. A
        // sixteenth more is for the next body.
        let claimed = unsafe Self.claimedSize(input)
        var wanted = min(ceiling, max(output.count, filled + claimed + claimed / 16 + 256))
        while true {
            if output.count < wanted { grow(to: wanted) }
            var used = 0
            var made = 0
            let start = filled
            let status = unsafe output.withUnsafeMutableBytes { out in
                unsafe libdeflate_gzip_decompress_ex(
                    handle, input.baseAddress, input.count, out.baseAddress.map { unsafe $0 + start },
                    out.count - start, &used, &made)
            }
            if status == LIBDEFLATE_SUCCESS {
                guard used > 0 else { throw .damaged }
                filled += made
                guard filled <= limit else { throw .tooLarge }
                return used
            }
            guard status == LIBDEFLATE_INSUFFICIENT_SPACE else { throw .damaged }
            guard output.count < ceiling else { throw .tooLarge }
            wanted = min(ceiling, output.count * 2)
        }
    }
}
