package import Model
package import NIOCore
private import Synchronization

/// The bodies of a ``Workload`` at the present second, compressed and not, made before they are asked for. Every
/// scraper that asks within one second gets the same bytes.
package final class PreparedBodies: Sendable {
    /// One proxy's body.
    package struct Body: Sendable {
        /// As text.
        package var plain: ByteBuffer
        /// As gzip; `nil` where bodies are not compressed.
        package var gzip: ByteBuffer?
    }

    /// What the workload is like.
    package let options: WorkloadOptions
    private let compresses: Bool
    private let clock: any WallClock
    private let current: Mutex<[Body]>

    /// The bodies of tick 0, compressed where `compresses`.
    package init(_ options: WorkloadOptions, compresses: Bool, clock: any WallClock) {
        self.options = options
        self.compresses = compresses
        self.clock = clock
        var maker = Maker(options, compresses: compresses)
        current = Mutex(maker.bodies(tick: 0))
    }

    /// The present body of a target; `nil` when there is no such target.
    package func body(target: Int) -> Body? {
        current.withLock { $0.indices.contains(target) ? $0[target] : nil }
    }

    /// Makes the bodies of each second ahead of it, and shows them when it comes, until the task is cancelled. A second
    /// that passes while bodies are made is left out.
    package func run() async {
        var maker = Maker(options, compresses: compresses)
        while !Task.isCancelled {
            let tick = Int((clock.now() - options.start) / 1_000) + 1
            let bodies = maker.bodies(tick: tick)
            do { try await clock.sleep(until: options.start + Timestamp(tick) * 1_000) } catch { return }
            current.withLock { $0 = bodies }
        }
    }

    private struct Maker: ~Copyable {
        private var workload: Workload
        private var encoder = GzipEncoder()
        private let compresses: Bool

        init(_ options: WorkloadOptions, compresses: Bool) {
            workload = Workload(options)
            self.compresses = compresses
        }

        mutating func bodies(tick: Int) -> [Body] {
            var bodies: [Body] = []
            for target in 0..<workload.options.targets {
                let text = workload.body(target: target, tick: max(0, tick))
                let gzip = compresses ? encoder.compress(text).map { ByteBuffer(bytes: $0) } : nil
                bodies.append(Body(plain: ByteBuffer(bytes: text), gzip: gzip))
            }
            return bodies
        }
    }
}
