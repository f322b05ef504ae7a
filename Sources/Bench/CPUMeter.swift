private import Glibc
import Synchronization

/// CPU time of the whole process over many short pieces of work, without what reading the clock takes.
final class CPUMeter: Sendable {
    private static let overhead = calibrated()

    private let total = Mutex((seconds: 0.0, count: 0))

    /// Seconds of all pieces so far.
    package var seconds: Double { total.withLock { $0.seconds } }

    /// Pieces so far.
    package var count: Int { total.withLock { $0.count } }

    /// Does the work and adds what it took.
    package func measure<Value>(_ work: () throws -> Value) rethrows -> Value {
        let before = Self.now()
        let value = try work()
        add(Self.now() - before)
        return value
    }

    /// Likewise for work that waits for nothing.
    package func measure<Value>(_ work: () async throws -> Value) async rethrows -> Value {
        let before = Self.now()
        let value = try await work()
        add(Self.now() - before)
        return value
    }

    private func add(_ seconds: Double) {
        total.withLock { total in
            total.seconds += max(0, seconds - Self.overhead)
            total.count += 1
        }
    }

    /// CPU seconds that the process has taken.
    package static func now() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// The median of what two readings are apart.
    private static func calibrated() -> Double {
        let times = (0..<1001).map { _ in
            let before = now()
            return now() - before
        }
        return times.sorted()[500]
    }
}
