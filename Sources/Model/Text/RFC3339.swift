/// RFC 3339 times, without Foundation.
package enum RFC3339 {
    /// `2015-07-01T20:10:51.781Z`; milliseconds only where they are not zero. Years outside 0...9999 print as such.
    package static func text(_ time: Timestamp) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(24)
        append(time, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends that text.
    package static func append(_ time: Timestamp, to bytes: inout [UInt8]) {
        let days = floorDivide(time, 86_400_000)
        // Not `time - days * 86_400_000`: that product is below Int64.min for the times of the first day that has begun
        // before it.
        let rest = floorRemainder(time, 86_400_000)
        let (year, month, day) = civil(days)
        let fraction = rest % 1000
        pad(year, 4, &bytes)
        for (number, separator) in [(month, "-"), (day, "-"), (rest / 3_600_000, "T")] as [(Int64, Unicode.Scalar)] {
            bytes.append(UInt8(ascii: separator))
            pad(number, 2, &bytes)
        }
        for number in [rest / 60_000 % 60, rest / 1000 % 60] {
            bytes.append(UInt8(ascii: ":"))
            pad(number, 2, &bytes)
        }
        if fraction != 0 {
            bytes.append(UInt8(ascii: "."))
            pad(fraction, 3, &bytes)
        }
        bytes.append(UInt8(ascii: "Z"))
    }

    /// Parses a date and time with optional fraction (rounded to ms) and a zone; `nil` when it is none.
    package static func parse(_ text: String) -> Timestamp? {
        var scanner = Scanner(bytes: Array(text.utf8))
        guard let year = scanner.number(4), scanner.take("-"), let month = scanner.number(2), scanner.take("-"),
            let day = scanner.number(2), scanner.take("T") || scanner.take("t") || scanner.take(" "),
            let hour = scanner.number(2), scanner.take(":"), let minute = scanner.number(2), scanner.take(":"),
            let second = scanner.number(2), (1...12).contains(month), (1...daysInMonth(year, month)).contains(day),
            hour < 24, minute < 60, second < 61
        else { return nil }
        let fraction = scanner.take(".") ? scanner.fraction() : 0
        guard let fraction, let zone = scanner.zone(), scanner.atEnd else { return nil }
        let seconds = (days(year, month, day) * 24 + hour) * 3600 + minute * 60 + second - zone
        return seconds * 1000 + fraction
    }

    /// Days since 1970-01-01 of a date of the proleptic Gregorian calendar.
    package static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = floorDivide(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The date that is `days` after 1970-01-01: year, month 1...12, day 1...31.
    package static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// Length of a month of the proleptic Gregorian calendar.
    package static func daysInMonth(_ year: Int64, _ month: Int64) -> Int64 {
        let next = month == 12 ? days(year + 1, 1, 1) : days(year, month + 1, 1)
        return next - days(year, month, 1)
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }

    private static func floorRemainder(_ value: Int64, _ divisor: Int64) -> Int64 {
        let remainder = value % divisor
        return remainder < 0 ? remainder + divisor : remainder
    }

    private static func pad(_ value: Int64, _ width: Int, _ bytes: inout [UInt8]) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        var scale: UInt64 = 1
        for _ in 1..<width { scale *= 10 }
        while value.magnitude / 10 >= scale { scale *= 10 }
        while scale > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(value.magnitude / scale % 10))
            scale /= 10
        }
    }

    private struct Scanner {
        var bytes: [UInt8]
        var at = 0

        var atEnd: Bool { at == bytes.count }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard at < bytes.count, bytes[at] == UInt8(ascii: character) else { return false }
            at += 1
            return true
        }

        mutating func number(_ digits: Int) -> Int64? {
            guard at + digits <= bytes.count else { return nil }
            var value: Int64 = 0
            for byte in bytes[at..<(at + digits)] {
                guard byte >= 0x30, byte <= 0x39 else { return nil }
                value = value * 10 + Int64(byte - 0x30)
            }
            at += digits
            return value
        }

        /// Milliseconds, rounded half up.
        mutating func fraction() -> Int64? {
            var value: Int64 = 0
            var digits = 0
            while at < bytes.count, bytes[at] >= 0x30, bytes[at] <= 0x39 {
                if digits < 4 { value = value * 10 + Int64(bytes[at] - 0x30) }
                digits += 1
                at += 1
            }
            guard digits > 0 else { return nil }
            for _ in min(digits, 4)..<4 { value *= 10 }
            return (value + 5) / 10
        }

        /// Offset from UTC in seconds.
        mutating func zone() -> Int64? {
            if take("Z") || take("z") { return 0 }
            let sign: Int64
            if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
            guard let hours = number(2), take(":"), let minutes = number(2), hours < 24, minutes < 60 else {
                return nil
            }
            return sign * (hours * 3600 + minutes * 60)
        }
    }
}
