import Model

/// The key of an hour file, which has the chunks that end in its hour and begin at most `reach` hours before that hour. The
/// file's name says both, so that the range that is missing is known when the file can't be read.
struct HourKey: Hashable {
    private static let prefix = "hour-"
    private static let suffix = ".sqlite"
    private static let asideMark = ".damaged-"
    /// Milliseconds of an hour.
    static let length: Milliseconds = 3_600_000

    /// Hours since the epoch.
    let hour: Int64
    /// A power of two, 1 for all but slow scrapes and late samples; 0 for any number of hours.
    let reach: Int64

    /// The file for a chunk.
    init(first: Timestamp, last: Timestamp) {
        hour = Self.hour(of: last)
        let (back, overflow) = hour.subtractingReportingOverflow(Self.hour(of: first))
        var reach: Int64 = 1
        while reach < back, reach < 1 << 16 { reach *= 2 }
        self.reach = overflow || back > reach ? 0 : reach
    }

    /// The file of this name, and whether it was put aside as damaged; `nil` for another name.
    static func parse(_ name: String) -> (key: HourKey, isAside: Bool)? {
        guard name.hasPrefix(prefix), let end = name.firstRange(of: suffix) else { return nil }
        let tail = name[end.upperBound...]
        guard tail.isEmpty || (tail.hasPrefix(asideMark) && Int(tail.dropFirst(asideMark.count)) != nil) else {
            return nil
        }
        let numbers = name[..<end.lowerBound].dropFirst(prefix.count).split(
            separator: "~", omittingEmptySubsequences: false)
        guard numbers.count <= 2, let first = numbers.first, let hour = Int64(first) else { return nil }
        let reach = numbers.count == 1 ? 1 : Int64(numbers[1]) ?? -1
        guard reach >= 0 else { return nil }
        let key = HourKey(hour: hour, reach: reach)
        // `hour-007.sqlite` would be opened as another file.
        guard key.name == name[..<end.upperBound] else { return nil }
        return (key, !tail.isEmpty)
    }

    private init(hour: Int64, reach: Int64) {
        self.hour = hour
        self.reach = reach
    }

    /// The file's name.
    var name: String { Self.prefix + String(hour) + (reach == 1 ? "" : "~\(reach)") + Self.suffix }

    /// Hours since the epoch, rounded down.
    static func hour(of time: Timestamp) -> Int64 {
        let (hours, rest) = time.quotientAndRemainder(dividingBy: length)
        return rest < 0 ? hours - 1 : hours
    }

    /// The name of the file when it is put aside as damaged.
    func asideName(_ number: Int) -> String { name + Self.asideMark + String(number) }

    /// Last millisecond of the hour, or of all time.
    var end: Timestamp {
        let (start, overflow) = hour.multipliedReportingOverflow(by: Self.length)
        return overflow || start > .max - Self.length ? .max : start + (Self.length - 1)
    }

    /// The times that its chunks may have.
    var window: TimeWindow {
        let (firstHour, isBeyond) = hour.subtractingReportingOverflow(reach)
        let (first, overflow) = firstHour.multipliedReportingOverflow(by: Self.length)
        let start = reach == 0 || isBeyond || overflow || first == .min ? .min : first - 1
        return TimeWindow(after: start, through: end)
    }
}
