internal import NIOCore

/// An allocator of receive buffers that live no longer than a read. By default a channel keeps the buffer it reads into, which
/// would be the size of a whole answer for each target that waits for its next scrape.
///
/// A channel keeps as many buffers as it reads messages at a time, and reuses a buffer unless the next one may be larger. With
/// one message at a time and buffers that may always grow, it keeps only the first, small one.
struct ReceiveBuffers: RecvByteBufferAllocator {
    /// Messages that a channel with these buffers must read at a time.
    static let messagesPerRead: UInt = 1
    private static let first = 512
    private var sizes = AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 16_384, maximum: 262_144)
    private var hasRead = false

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        hasRead ? sizes.buffer(allocator: allocator) : allocator.buffer(capacity: Self.first)
    }

    mutating func record(actualReadBytes: Int) -> Bool {
        hasRead = true
        _ = sizes.record(actualReadBytes: actualReadBytes)
        return true
    }
}
