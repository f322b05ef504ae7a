import Console
import Model
import Testing

/// How tables fit into a terminal.
@Suite("Folding") struct FoldingTests {
    private static func table() -> Table {
        var table = Table([("name", .left), ("value", .right), ("reason", .left)])
        table.add(["request-success-rate", "91.20 %", "below the minimum that the Canary asks for, for the third time"])
        table.add(["latency", "80 ms", ""])
        return table
    }

    @Test("a table that fits, or that nobody looks at, is as it was") func fits() {
        #expect(Self.table().lines(fitting: 120) == Self.table().lines)
        #expect(Self.table().lines(fitting: nil) == Self.table().lines)
    }

    @Test("the last column's words go on below themselves") func wraps() {
        #expect(
            Self.table().lines(fitting: 60) == [
                "NAME                    VALUE  REASON",
                "request-success-rate  91.20 %  below the minimum that the",
                "                               Canary asks for, for the",
                "                               third time", "latency                 80 ms",
            ])
    }

    @Test("where that leaves too little, a row is a block with headings") func blocks() {
        #expect(
            Self.table().lines(fitting: 40) == [
                "request-success-rate", "  VALUE 91.20 %",
                "  REASON below the minimum that the", "    Canary asks for, for the third time",
                "latency", "  VALUE 80 ms",
            ])
    }

    @Test(
        "no line is wider than the terminal, whatever its width, unless a word is", arguments: [20, 30, 60, 100, 200])
    func bounds(width: Int) {
        for line in Self.table().lines(fitting: width) { #expect(line.count <= max(width, 22), "\(line)") }
    }
}

/// Times as people read them.
@Suite("Local time") struct LocalTimeTests {
    @Test("a local date and time leads to the moment that shows it") func roundTrip() throws {
        let time = try #require(LocalTime.timestamp((2026, 11, 30), (20, 40, 9)))
        #expect(LocalTime.date(time) == "2026-11-30")
        #expect(LocalTime.clock(time) == "20:40:09")
        #expect(LocalTime.text(time, now: time + 1000) == "20:40:09 \(LocalTime.zone(at: time))")
        #expect(LocalTime.text(time, now: time + 172_800_000).hasPrefix("2026-11-30 20:40:09 "))
    }

    @Test("a time of day is the last one before now") func latest() throws {
        let now = try #require(LocalTime.timestamp((2026, 11, 30), (12, 0, 0)))
        #expect(LocalTime.latest((11, 59, 0), before: now) == now - 60_000)
        let evening = try #require(LocalTime.latest((20, 40, 0), before: now))
        #expect(LocalTime.date(evening) == "2026-11-29")
    }

    @Test("what no calendar has is no time") func refused() {
        #expect(LocalTime.timestamp((2026, 2, 30), (1, 1, 1)) == nil)
        #expect(LocalTime.timestamp((2026, 13, 1), (1, 1, 1)) == nil)
        #expect(LocalTime.timestamp((2026, 1, 1), (24, 0, 0)) == nil)
        #expect(LocalTime.timestamp((2026, 1, 0), (1, 1, 1)) == nil)
    }

    @Test("times of one day have no date, and the heading has the zone") func column() throws {
        let now = try #require(LocalTime.timestamp((2026, 11, 30), (12, 0, 0)))
        let today = TimeColumn(of: [now - 5000, now], now: now)
        #expect(today.text(now) == "12:00:00")
        #expect(today.heading == "time (\(LocalTime.zone(at: now)))")
        let both = TimeColumn(of: [now - 86_400_000, now], now: now)
        #expect(both.text(now) == "2026-11-30 12:00:00")
        #expect(TimeColumn(of: [], now: now).heading == "time")
        #expect(LocalTime.text(.max, now: now) == RFC3339.text(.max))
    }
}
