private import Glibc
package import Model

/// Times as the person at the terminal reads them: in the zone of the environment (`TZ`, else the system's), which is
/// always named. Data for programs keep RFC 3339 in UTC.
package enum LocalTime {
    /// Milliseconds of a day.
    private static let day: Milliseconds = 86_400_000

    /// The moments that are shown as local time: of years with four digits. Others are shown in RFC 3339's form.
    static let shown: ClosedRange<Timestamp> = 0...253_402_300_799_999

    /// What clocks and calendars show at a moment.
    private struct Fields {
        var date: (year: Int, month: Int, day: Int)
        var clock: (hour: Int, minute: Int, second: Int)
        /// The zone's short name; empty where it has none.
        var zone: String
        /// Distance from UTC in seconds.
        var offset: Int
    }

    /// `20:41:09 UTC`, with the date in front when it is not the day of `now`.
    package static func text(_ time: Timestamp, now: Timestamp) -> String {
        guard shown.contains(time) else { return RFC3339.text(time) }
        let isToday = date(time) == date(now)
        return (isToday ? "" : date(time) + " ") + clock(time) + " " + zone(at: time)
    }

    /// `20:41:09`
    package static func clock(_ time: Timestamp) -> String {
        let clock = fields(time).clock
        return "\(two(clock.hour)):\(two(clock.minute)):\(two(clock.second))"
    }

    /// `2026-11-30`
    package static func date(_ time: Timestamp) -> String {
        let date = fields(time).date
        return "\(date.year)-\(two(date.month))-\(two(date.day))"
    }

    /// The zone's short name such as `CET`, or its distance from UTC such as `+05:30`.
    package static func zone(at time: Timestamp) -> String {
        let fields = fields(time)
        if fields.zone.first?.isLetter == true { return fields.zone == "GMT" ? "UTC" : fields.zone }
        let minutes = abs(fields.offset) / 60
        return (fields.offset < 0 ? "-" : "+") + two(minutes / 60) + ":" + two(minutes % 60)
    }

    /// The moment of a local date and time; `nil` when there is none: a 30th of February, an hour of 25.
    package static func timestamp(
        _ date: (year: Int, month: Int, day: Int), _ clock: (hour: Int, minute: Int, second: Int)
    ) -> Timestamp? {
        guard (1970...9999).contains(date.year), (1...12).contains(date.month), date.day >= 1,
            date.day <= Int(RFC3339.daysInMonth(Int64(date.year), Int64(date.month))),
            (0...23).contains(clock.hour), (0...59).contains(clock.minute), (0...59).contains(clock.second)
        else { return nil }
        var fields = unsafe tm()
        unsafe fields.tm_year = Int32(date.year - 1900)
        unsafe fields.tm_mon = Int32(date.month - 1)
        unsafe fields.tm_mday = Int32(date.day)
        unsafe fields.tm_hour = Int32(clock.hour)
        unsafe fields.tm_min = Int32(clock.minute)
        unsafe fields.tm_sec = Int32(clock.second)
        unsafe fields.tm_isdst = -1
        let seconds = unsafe mktime(&fields)
        return seconds == -1 ? nil : Timestamp(seconds) * 1000
    }

    /// The latest moment, `now` at most, at which clocks here show this time of day.
    package static func latest(
        _ clock: (hour: Int, minute: Int, second: Int), before now: Timestamp
    ) -> Timestamp? {
        for moment in [now, now.minusClamped(day)] {
            if let time = timestamp(fields(moment).date, clock), time <= now { return time }
        }
        return nil
    }

    /// What is shown at a moment; at one outside `shown`, what is shown at the nearest inside.
    private static func fields(_ time: Timestamp) -> Fields {
        var seconds = time_t(min(max(time, shown.lowerBound), shown.upperBound) / 1000)
        var found = unsafe tm()
        if unsafe localtime_r(&seconds, &found) == nil {
            return Fields(date: (1970, 1, 1), clock: (0, 0, 0), zone: "UTC", offset: 0)
        }
        return unsafe Fields(
            date: (Int(found.tm_year) + 1900, Int(found.tm_mon) + 1, Int(found.tm_mday)),
            clock: (Int(found.tm_hour), Int(found.tm_min), Int(found.tm_sec)),
            zone: found.tm_zone == nil ? "" : String(cString: found.tm_zone), offset: Int(found.tm_gmtoff))
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

/// How the times of one table are shown: only the time of day where all are of today, with the date otherwise. The zone
/// stands in the heading.
package struct TimeColumn {
    private let hasDate: Bool
    private let hasZone: Bool
    /// The heading of the column, with the zone: `time (UTC)`.
    package let heading: String

    /// A column for these times.
    package init(_ name: String = "time", of times: [Timestamp], now: Timestamp) {
        let ends = [times.min(), times.max()].compactMap { $0 }
        hasDate = ends.contains { LocalTime.date($0) != LocalTime.date(now) }
        let zones = Set(ends.map(LocalTime.zone))
        hasZone = zones.count > 1
        heading = zones.count == 1 ? "\(name) (\(zones.first ?? ""))" : name
    }

    /// A time as this column shows it.
    package func text(_ time: Timestamp) -> String {
        guard LocalTime.shown.contains(time) else { return RFC3339.text(time) }
        let clock = LocalTime.clock(time)
        let text = hasDate ? "\(LocalTime.date(time)) \(clock)" : clock
        return hasZone ? "\(text) \(LocalTime.zone(at: time))" : text
    }
}
