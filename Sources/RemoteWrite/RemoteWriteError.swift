/// Why a remote-write message could not be read.
package enum RemoteWriteError: Error, Sendable, Equatable {
    /// The body is no snappy block.
    case snappy(String)
    /// The message would be longer than allowed.
    case tooLarge(bytes: Int, max: Int)
    /// The protobuf is cut off or not of the message's form; `offset` is where in the decompressed bytes.
    case protobuf(String, offset: Int)
}

extension RemoteWriteError: CustomStringConvertible {
    /// One sentence for the sender.
    package var description: String {
        switch self {
        case .snappy(let reason): "snappy: \(reason)"
        case .tooLarge(let bytes, let max): "the message has \(bytes) bytes after decompression, \(max) are allowed"
        case .protobuf(let reason, let offset): "proto: \(reason) at byte \(offset)"
        }
    }
}
