import Model

/// Functions of a time in UTC: of the vector's values, or of the step's time without an argument.
enum DateFunctions {
    /// The records.
    static let all: [FunctionRecord] = [
        record("minute") { $0.minute },
        record("hour") { $0.hour },
        record("day_of_week") { $0.dayOfWeek },
        record("day_of_month") { $0.day },
        record("day_of_year") { $0.dayOfYear },
        record("days_in_month") { $0.daysInMonth },
        record("month") { $0.month },
        record("year") { $0.year },
    ]

    private static func record(_ name: String, _ part: @escaping @Sendable (CivilTime) -> Int) -> FunctionRecord {
        let traits = FunctionTraits(stepDependence: .always)
        return FunctionRecord(name, [.vector], .vector, variadic: 1, traits: traits, does: computing(part))
    }

    private static func computing(_ part: @escaping @Sendable (CivilTime) -> Int) -> FunctionImplementation {
        .node { (evaluation, plan, grid) throws(QueryError) in
            if let argument = plan.arguments.first {
                let vector = try evaluation.vector(argument, over: grid)
                return try evaluation.mapped(vector) { (value: Double) in Double(part(CivilTime(seconds: value))) }
            }
            var out = SeriesVector(labels: SeriesLabels(ordered: [[]]), stepCount: grid.count)
            for step in 0..<grid.count {
                out.set(step, Double(part(CivilTime(seconds: Double(grid.time(step)) / 1000))))
            }
            return .vector(out)
        }
    }
}

/// A time of the proleptic Gregorian calendar in UTC, by Howard Hinnant's `civil_from_days`.
struct CivilTime: Sendable {
    /// The year, 0 and negative ones included.
    private(set) var year: Int
    /// 1...12
    private(set) var month: Int
    /// 1...31
    private(set) var day: Int
    /// 0...23
    let hour: Int
    /// 0...59
    let minute: Int
    /// 0 for Sunday.
    let dayOfWeek: Int
    private let dayNumber: Int

    /// Days from the first day that Go's time can name, in the year -292277022399, to the epoch.
    private static let daysBeforeEpoch: Int64 = 106_751_991_073_094
    private static let secondsBeforeEpoch: Int64 = 9_223_372_028_715_321_600

    /// A time in seconds since the epoch, cut to whole seconds. What no 64-bit number holds (NaN, infinities) counts as
    /// the smallest one, and times before Go's first day wrap around to its last ones, as they do in Prometheus.
    init(seconds: Double) {
        let total = Int64(exactly: seconds.rounded(.towardZero)) ?? .min
        let absolute = UInt64(bitPattern: total &+ Self.secondsBeforeEpoch)
        let days = Int(Int64(absolute / 86_400) - Self.daysBeforeEpoch)
        let rest = Int(absolute % 86_400)
        hour = rest / 3600
        minute = rest % 3600 / 60
        dayOfWeek = ((days + 4) % 7 + 7) % 7
        dayNumber = days
        // Count from 1 March of year 0, so that the leap day ends a year, in eras of 400 years.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    private var isLeapYear: Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    /// 28...31
    var daysInMonth: Int {
        switch month {
        case 2: isLeapYear ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// 1...366
    var dayOfYear: Int {
        let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334][month - 1]
        return before + day + (month > 2 && isLeapYear ? 1 : 0)
    }
}
