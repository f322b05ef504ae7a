import Model
import Testing

/// Windows in sentences and in JSON.
@Suite("Text of time windows") struct TimeWindowTextTests {
    @Test(
        "ends beyond every calendar have words",
        arguments: [
            (0, 3_600_000, "1970-01-01T00:00:00Z to 1970-01-01T01:00:00Z"),
            (.min, 0, "the beginning to 1970-01-01T00:00:00Z"),
            (.min + 1, 0, "the beginning to 1970-01-01T00:00:00Z"),
            (0, .max, "1970-01-01T00:00:00Z to the end of time"),
            (.min, .max, "the beginning to the end of time"),
            (.min, .min, "the beginning to 0001-01-01T00:00:00Z"),
            (.max, .max, "9999-12-31T23:59:59.999Z to the end of time"),
        ] as [(Timestamp, Timestamp, String)])
    func span(_ start: Timestamp, _ end: Timestamp, _ want: String) {
        let window = TimeWindow(after: start, through: end)
        #expect(window.span == want)
        let printable = window.printable
        #expect(RFC3339.text(printable.start).utf8.count >= 20 && RFC3339.text(printable.end).utf8.count >= 20)
        #expect(RFC3339.parse(RFC3339.text(printable.start)) == printable.start)
    }
}
