extension TimeWindow {
    /// First millisecond of the year 1.
    private static let firstPrintable: Timestamp = -62_135_596_800_000
    /// Last millisecond of the year 9999.
    private static let lastPrintable: Timestamp = 253_402_300_799_999

    /// Both ends for a sentence: `2026-11-30T10:00:00Z to 2026-11-30T11:00:00Z`. Damage of unknown extent reaches to the
    /// ends of the type; those are "the beginning" and "the end of time".
    package var span: String {
        let start = start < Self.firstPrintable ? "the beginning" : RFC3339.text(min(start, Self.lastPrintable))
        let end = end > Self.lastPrintable ? "the end of time" : RFC3339.text(max(end, Self.firstPrintable))
        return "\(start) to \(end)"
    }

    /// The window with both ends inside the years 1 to 9999, which every reader of RFC 3339 takes.
    package var printable: TimeWindow {
        func bounded(_ time: Timestamp) -> Timestamp { min(max(time, Self.firstPrintable), Self.lastPrintable) }
        return TimeWindow(after: bounded(start), through: bounded(end))
    }
}
