import FoundationEssentials
package import Model

/// The machine's clock.
package struct SystemClock: WallClock {
    /// The clock of the system.
    package init() {}

    package func now() -> Timestamp { Timestamp(Date().timeIntervalSince1970 * 1000) }

    package func sleep(until deadline: Timestamp) async throws {
        let rest = deadline.minusClamped(now())
        if rest > 0 { try await Task.sleep(for: .milliseconds(rest)) } else { try Task.checkCancellation() }
    }

    package func realTime(until deadline: Timestamp) -> Duration? {
        .milliseconds(max(0, deadline.minusClamped(now())))
    }
}
