private import Glibc
import Model

/// The machine's clock.
struct SystemClock: WallClock {
    func now() -> Timestamp {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(time.tv_sec) * 1000 + Timestamp(time.tv_nsec) / 1_000_000
    }

    func sleep(until deadline: Timestamp) async throws {
        let rest = deadline - now()
        if rest > 0 { try await Task.sleep(for: .milliseconds(rest)) } else { try Task.checkCancellation() }
    }
}
