package import Model
import Synchronization

extension Database: RowPublisher {
    package func add(_ subscriber: any RowSubscriber) {
        context.subscribers.add(subscriber, context.index.withLock { $0.view })
    }

    package func remove(_ subscriber: any RowSubscriber) { context.subscribers.remove(subscriber) }
}
