import FoundationEssentials
import Model

/// The machine's clock.
struct SystemClock: WallClock {
    func now() -> Timestamp { Timestamp(Date().timeIntervalSince1970 * 1000) }

    func sleep(until deadline: Timestamp) async throws {
        let rest = deadline.minusClamped(now())
        if rest > 0 { try await Task.sleep(for: .milliseconds(rest)) } else { try Task.checkCancellation() }
    }

    func realTime(until deadline: Timestamp) -> Duration? { .milliseconds(max(0, deadline.minusClamped(now()))) }
}
