import NIOCore
import Synchronization

/// Closes connections beyond a number. The count is of the whole server.
final class ConnectionLimit: Sendable {
    private let count = Atomic<Int>(0)
    private let most: Int

    init(_ most: Int) { self.most = most }

    /// Takes a place for a new connection and gives it back when that ends; `false` when there is none.
    func admit(_ channel: any Channel) -> Bool {
        guard count.add(1, ordering: .relaxed).newValue <= most else {
            count.subtract(1, ordering: .relaxed)
            return false
        }
        channel.closeFuture.whenComplete { _ in self.count.subtract(1, ordering: .relaxed) }
        return true
    }
}
