import Console
import Model
import Testing

@testable import Commands

/// Times and servers as people write them on the command line.
@Suite("Times on the command line") struct CommandTimeTests {
    private static let now: Timestamp = LocalTime.timestamp((2026, 11, 30), (21, 0, 0)) ?? 0

    @Test(
        "local times, with a date or the last one of today",
        arguments: [
            ("20:40", (2026, 11, 30), (20, 40, 0)), ("20:40:09", (2026, 11, 30), (20, 40, 9)),
            ("21:30", (2026, 11, 29), (21, 30, 0)), ("2026-11-30 20:40", (2026, 11, 30), (20, 40, 0)),
            ("2026-11-30T20:40:09", (2026, 11, 30), (20, 40, 9)), ("2026-11-30", (2026, 11, 30), (0, 0, 0)),
        ] as [(String, (Int, Int, Int), (Int, Int, Int))])
    func local(text: String, date: (Int, Int, Int), clock: (Int, Int, Int)) throws {
        let wanted = LocalTime.timestamp((date.0, date.1, date.2), (clock.0, clock.1, clock.2))
        #expect(try CommandTime.parse(text, option: "--time", now: Self.now) == wanted)
    }

    @Test(
        "what is no time is refused with what is",
        arguments: ["25:00", "20", "20:", "2026-02-30", "yesterday", "1:2:3:4"])
    func refused(text: String) throws {
        if text == "20" {
            #expect(try CommandTime.parse(text, option: "--time", now: Self.now) == 20_000)
        } else {
            let error = #expect(throws: CommandError.self) {
                try CommandTime.parse(text, option: "--time", now: Self.now)
            }
            #expect(error?.description.contains("20:40") == true)
        }
    }

    @Test("--since is a duration before now, or a time; not beside --start") func since() throws {
        #expect(try CommandTime.since("12h", now: Self.now) == Self.now - 43_200_000)
        #expect(try CommandTime.since("20:40", now: Self.now) == Self.now - 1_200_000)
        #expect(try CommandTime.start("-5m", since: nil, now: Self.now) == Self.now - 300_000)
        #expect(try CommandTime.start(nil, since: nil, now: Self.now) == nil)
        #expect(throws: CommandError.self) { try CommandTime.start("-5m", since: "5m", now: Self.now) }
    }

    @Test("a server is a URL or HOST:PORT") func server() {
        #expect(ServerOptions.url("127.0.0.1:9090") == "http://127.0.0.1:9090")
        #expect(ServerOptions.url("haldane") == "http://haldane")
        #expect(ServerOptions.url("https://haldane:1") == "https://haldane:1")
    }
}
