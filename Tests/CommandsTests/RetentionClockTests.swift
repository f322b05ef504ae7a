import Model
import Testing

@testable import Commands

/// What retention deletes by while the wall clock jumps.
@Suite("Retention clock") struct RetentionClockTests {
    private static let start: Timestamp = 1_788_253_200_000
    private static let day: Milliseconds = 86_400_000

    @Test("a clock that runs is believed") func running() {
        var clock = RetentionClock(newestSample: Self.start, uptime: 0)
        for second in Timestamp(0)..<5_000 {
            let now = Self.start + second * 1_000
            #expect(clock.time(now: now, uptime: second * 1_000) == now)
        }
    }

    @Test("a jump ahead counts after a quarter of an hour, and not when it is mended before", arguments: [true, false])
    func jump(isMended: Bool) {
        var clock = RetentionClock(newestSample: nil, uptime: 0)
        _ = clock.time(now: Self.start, uptime: 0)
        for second in Timestamp(1)...2_000 {
            let isAhead = second >= 10 && !(isMended && second >= 900)
            let now = Self.start + second * 1_000 + (isAhead ? Self.day : 0)
            let time = clock.time(now: now, uptime: second * 1_000)
            let isBelieved = second >= 10 + 900
            #expect(time == (isMended || !isBelieved ? Self.start + second * 1_000 : now), "after \(second) s")
        }
    }

    @Test("a start long after the newest sample deletes nothing for a quarter of an hour") func start() {
        var clock = RetentionClock(newestSample: Self.start - Self.day, uptime: 0)
        #expect(clock.time(now: Self.start, uptime: 1_000) == Self.start - Self.day + 1_000)
        #expect(clock.time(now: Self.start + 899_000, uptime: 900_000) == Self.start - Self.day + 900_000)
        #expect(clock.time(now: Self.start + 900_000, uptime: 901_000) == Self.start + 900_000)
    }

    @Test("a clock set back is followed") func back() {
        var clock = RetentionClock(newestSample: Self.start, uptime: 0)
        _ = clock.time(now: Self.start, uptime: 0)
        #expect(clock.time(now: Self.start - Self.day, uptime: 1_000) == Self.start - Self.day)
        // Coming back to the right time is a jump ahead like any other.
        #expect(clock.time(now: Self.start + 2_000, uptime: 2_000) == Self.start - Self.day + 1_000)
    }
}
