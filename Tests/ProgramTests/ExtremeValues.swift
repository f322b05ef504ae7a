import Foundation
import Model
import RemoteWrite
import TestSupport

/// Texts and requests whose numbers lie at and beyond the ends of what types, limits and units hold.
enum ExtremeValues {
    private static let goodNumbers = [
        "0", "-0", "1", "-1", "0.5", "2", "100", "5e-324", "-5e-324", "1e308", "-1e308", "1.7976931348623157e308",
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
        "18446744073709551615", "18446744073709551616", "9e15", "-9e15", "8999999999999999", "-8999999999999999",
        "9223372036854775.807", "-9223372036854775.808", "9007199254740993", "9.2e9", "9199999999", "4294967296",
        "2147483648", "-2147483649", "340282366920938463463374607431768211456",
    ]
    private static let oddNumbers = [
        "NaN", "Inf", "-Inf", "+Inf", "1e400", "-1e400", "0x7fffffffffffffff", "1_000", "",
    ]
    private static let integers = [
        "0", "1", "-1", "2", "99", "100", "101", "65535", "65536", "2147483647", "2147483648", "-2147483649",
        "4294967296",
        "9223372036854775807", "-9223372036854775808", "9223372036854775806",
    ]
    private static let goodDurations = [
        "1ms", "1s", "15s", "5m", "1h", "6h", "1w", "292y", "291y364d", "106751d23h47m16s", "9223372036854ms",
        "9223372036s",
    ]
    private static let oddDurations = [
        "0s", "-1s", "293y", "9999999999y", "9223372036854775807ms", "1ns", "1h1h", "s", "00000000000000000001s",
        "0x10s", "",
    ]
    private static let goodTimes = [
        "-292273086-05-16T16:47:06Z", "292277025-08-18T07:12:54.999999999Z", "9999-12-31T23:59:59.999999999+00:00",
        "0000-01-01T00:00:00Z", "0000-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "1970-01-01T00:00:00Z",
        "8999999999999999", "-8999999999999999", "8999999999999.999", "-1", "0", "1e-320", "9223372036854.775",
    ]
    private static let oddTimes = [
        "292277026596-12-04T15:30:07Z", "9999-12-31T24:00:00Z", "now", "-292y", "-9999999999y", "-0s", "9e15", "-9e15",
        "NaN",
        "9223372036854775807",
    ]

    static let sizes = [
        "0", "1", "1B", "10MB", "1e30GB", "8EB", "4095TB", "4194303TB", "4194304TB", "9223372036854775807",
        "9223372036854775807TB", "-1MB", "1.5GB",
    ]
    static let ports = [
        "0", "-1", "1", "65535", "65536", "70000", "99999", "2147483648", "9223372036854775807", "1e3", "",
    ]

    /// Half a million of one letter.
    static let longText = String(repeating: "a", count: 1 << 19)

    /// Steps of subqueries: short ones would only make many evaluations.
    private static let steps = ["1s", "15s", "1h", "292y", "293y", "9999999999y", "0s", "-1s", "9223372036s"]

    /// Queries in which N, D and S stand for a number, a duration and a step.
    static let queries = [
        "N", "up", "up offset D", "up offset -D", "up @ N", "up[D]", "rate(up[D] offset D)", "up[D] @ N",
        "sum_over_time(up[D:S])", "max_over_time(vector(N)[D:S] @ N offset -D)", "vector(N) ^ N", "vector(N) % N",
        "vector(N) atan2 N", "predict_linear(up[D], N)", "double_exponential_smoothing(up[D], N, N)",
        "histogram_quantile(N, up)", "histogram_fraction(N, N, up)", "topk(N, up)", "bottomk(N, up)", "limitk(N, up)",
        "limit_ratio(N, up)", "quantile(N, up)", "quantile_over_time(N, up[D])", "round(vector(N), N)",
        "clamp(vector(N), N, N)", "year(vector(N))", "month(vector(N))", "day_of_year(vector(N))", "hour(vector(N))",
        "days_in_month(vector(N))", "day_of_week()", "minute(vector(N))", "timestamp(up offset D)",
        "vector(time()) * N",
        #"label_replace(up, "a", "$99999999999999999999", "b", "(.*)")"#, #"count_values("v", vector(N))"#,
        "absent_over_time(up[D])", "deriv(up[D])", "resets(up[D])", "up{a=~\"a{1000}{1000}\"}", "up{a=~\"(a|b){N}\"}",
        "vector(N) > bool N", "-vector(N)", "scalar(vector(N))", "changes(vector(time())[D:S])", "idelta(up[D])",
        #"histogram_quantile(0.5, label_replace(vector(3), "le", "1", "", "") or label_replace(vector(1), "le", "2", "#
            + #""", "") or label_replace(vector(4), "le", "+Inf", "", ""))"#,
    ]

    static func query(_ random: inout SeededGenerator) -> String {
        var text = ""
        for character in random.pick(queries) {
            switch character {
            case "N": text += number(&random)
            case "D": text += duration(&random)
            case "S": text += random.pick(steps)
            default: text.append(character)
            }
        }
        return text
    }

    static func number(_ random: inout SeededGenerator) -> String {
        random.chance(85) ? random.pick(goodNumbers) : random.pick(oddNumbers)
    }

    static func integer(_ random: inout SeededGenerator) -> String { random.pick(integers) }

    static func time(_ random: inout SeededGenerator) -> String {
        random.chance(90) ? random.pick(goodTimes) : random.pick(oddTimes)
    }

    static func duration(_ random: inout SeededGenerator) -> String {
        random.chance(90) ? random.pick(goodDurations) : random.pick(oddDurations)
    }

    /// A number that JSON allows, or a text with one that it does not.
    static func json(_ random: inout SeededGenerator) -> String {
        let text = number(&random)
        let isNumber = Double(text)?.isFinite == true && !text.hasPrefix("0x") && !text.hasPrefix("+")
        return isNumber ? text : "\"\(text)\""
    }

    /// An ordinary value four times in five: an object all of whose fields are wild is refused at the first of them.
    static func mostly(
        _ ordinary: String, or wild: (inout SeededGenerator) -> String, _ random: inout SeededGenerator
    ) -> String {
        random.chance(80) ? ordinary : wild(&random)
    }

    /// A time in milliseconds at or near an end, or near the present.
    static func timestamp(_ random: inout SeededGenerator) -> Timestamp {
        let ends: [Timestamp] = [
            .min, .min + 1, -9_223_372_036_854_775_000, -9_223_372_036_828_800_001, .earliest - 1, .earliest, -1, 0, 1,
            .latest, .latest + 1, .max - 1, .max,
        ]
        return random.chance(70)
            ? random.pick(ends, or: 0) : SystemTime.now - Int64.random(in: 0...1000, using: &random)
    }

    /// A remote-write body.
    static func writeBody(_ random: inout SeededGenerator) -> [UInt8] {
        let series = (0..<Int.random(in: 1...3, using: &random)).map { index in
            let times = (0..<Int.random(in: 1...4, using: &random)).map { _ in timestamp(&random) }
            let values = times.map { _ in SampleValue.float(Double(number(&random)) ?? .nan) }
            let label = random.chance(3) ? longText : number(&random)
            return SeriesSamples(
                labels: ["__name__": random.pick(["up", "x"]), "n": "\(index)", "t": label], times: times,
                values: values)
        }
        let body = WriteRequest(series: series).snappyBody()
        return random.chance(10) ? random.mutated(body) : body
    }

    /// A scrape body.
    static func scrapeBody(_ random: inout SeededGenerator) -> String {
        var text = ""
        for line in 0..<Int.random(in: 1...6, using: &random) {
            let labels =
                random.chance(30) ? "{le=\"\(number(&random))\"}" : random.chance(2) ? "{l=\"\(longText)\"}" : ""
            let time = random.chance(50) ? " \(random.chance(50) ? "\(timestamp(&random))" : number(&random))" : ""
            text += "m\(line % 3)\(labels) \(number(&random))\(time)\n"
        }
        return random.chance(50) ? text + "# EOF\n" : text
    }
}
