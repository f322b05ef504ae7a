package import Model

/// A clock that runs `speed` times faster than the real one, from a given start. Intervals, windows and timestamps keep
/// their nominal sizes; only the waiting is shorter.
package struct ScaledClock: WallClock {
    private let start: Timestamp
    private let origin: ContinuousClock.Instant
    private let speed: Double

    /// The highest speed that makes sense: a virtual second in ten real microseconds.
    package static let speedMax: Double = 100_000

    /// A clock that shows `start` now. `speed` is clamped to 0.001...``speedMax``.
    package init(start: Timestamp, speed: Double) {
        self.start = start
        self.speed = speed.isFinite ? min(max(speed, 0.001), ScaledClock.speedMax) : 1
        origin = ContinuousClock.now
    }

    package func now() -> Timestamp { start + Milliseconds(elapsed * 1_000 * speed) }

    package func sleep(until deadline: Timestamp) async throws {
        // The result of rounding to whole milliseconds may be a hair early, hence the loop.
        while true {
            try Task.checkCancellation()
            let left = deadline.minusClamped(now())
            if left <= 0 { return }
            try await Task.sleep(for: .seconds(min(Double(left) / 1_000 / speed, 3_600)))
        }
    }

    package func realTime(until deadline: Timestamp) -> Duration? {
        .seconds(min(Double(max(0, deadline.minusClamped(now()))) / 1_000 / speed, 3_600))
    }

    /// Real seconds since the clock was made.
    private var elapsed: Double {
        let (seconds, attoseconds) = (ContinuousClock.now - origin).components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}
