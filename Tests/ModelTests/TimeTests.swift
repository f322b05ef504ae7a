import Foundation
import Model
import TestSupport
import Testing

@Suite("Times and durations") struct TimeTests {
    @Test(
        "RFC 3339 both ways",
        arguments: [
            ("2015-07-01T20:10:51.781Z", 1_435_781_451_781), ("1970-01-01T00:00:00Z", 0),
            ("1969-12-31T23:59:59.999Z", -1),
            ("2000-02-29T12:00:00Z", 951_825_600_000), ("2026-11-21T00:00:00Z", 1_795_219_200_000),
        ])
    func rfc3339(text: String, time: Timestamp) {
        #expect(RFC3339.parse(text) == time)
        #expect(RFC3339.text(time) == text)
    }

    @Test(
        "any time has a text, and a date at the ends of the type",
        arguments: [
            (Int64.min, "-292275055-05-16T16:47:04.192Z"), (Int64.min + 1, "-292275055-05-16T16:47:04.193Z"),
            (-9_223_372_036_828_800_001, "-292275055-05-16T23:59:59.999Z"),
            (-9_223_372_036_828_800_000, "-292275055-05-17T00:00:00Z"), (.max, "292278994-08-17T07:12:55.807Z"),
        ])
    func ends(time: Timestamp, text: String) { #expect(RFC3339.text(time) == text) }

    @Test("sums, differences and products stop at the ends of the type") func clamped() {
        #expect(Int64.max.plusClamped(1) == .max && Int64.min.plusClamped(-1) == .min)
        #expect(Int64.max.minusClamped(-1) == .max && Int64.min.minusClamped(1) == .min)
        #expect(Int64(0).minusClamped(.min) == .max && Int64(3).minusClamped(1) == 2)
        #expect(Int64.max.timesClamped(by: -2) == .min && Int64.min.timesClamped(by: -1) == .max)
        #expect(Int64(saturating: 1e300) == .max && Int64(saturating: -.infinity) == .min)
        #expect(Int(saturating: .nan) == 0 && Int32(saturating: 2147483647.5) == .max && UInt8(saturating: -0.5) == 0)
        #expect(Int64(saturating: 0x1p63) == .max && Int64(saturating: -0x1p63) == .min && Int64(saturating: 2.9) == 2)
        #expect(PrometheusDuration.text(.min).hasPrefix("-") && PrometheusDuration.text(-90_000) == "-1m30s")
        #expect(Int64.min.clamped == .earliest && Int64.max.clamped == .latest && Int64(5).clamped == 5)
    }

    @Test(
        "zones and fractions",
        arguments: [
            ("2015-07-01T20:10:51.781+01:00", 1_435_777_851_781), ("2015-07-01t20:10:51z", 1_435_781_451_000),
            ("2015-07-01T20:10:51.7815Z", 1_435_781_451_782), ("2015-07-01T20:10:51-00:30", 1_435_783_251_000),
        ])
    func zones(text: String, time: Timestamp) { #expect(RFC3339.parse(text) == time) }

    @Test(
        "what is no time is refused",
        arguments: [
            "", "2015", "2015-13-01T00:00:00Z", "2015-02-29T00:00:00Z", "2015-07-01T24:00:00Z", "2015-07-01T20:10:51",
            "2015-07-01T20:10:51.Z", "2015-07-01T20:10:51ZZ",
        ])
    func refused(text: String) { #expect(RFC3339.parse(text) == nil) }

    @Test("dates agree with Foundation's calendar") func againstFoundation() throws {
        let formatter = ISO8601DateFormatter()
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<500 {
            let seconds = Int64.random(in: -2_000_000_000...8_000_000_000, using: &generator)
            let text = formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
            #expect(RFC3339.text(seconds * 1000) == text)
        }
    }

    @Test(
        "durations both ways",
        arguments: [
            ("1h30m", 5_400_000), ("500ms", 500), ("1d", 86_400_000), ("1w", 604_800_000), ("1y", 31_536_000_000),
            ("0s", 0),
            ("1m1s1ms", 61_001),
        ])
    func durations(text: String, milliseconds: Milliseconds) throws {
        #expect(try PrometheusDuration.parse(text) == milliseconds)
        #expect(PrometheusDuration.text(milliseconds) == text)
    }

    @Test(
        "weeks and years print only when exact",
        arguments: [(8 * 86_400_000, "8d"), (14 * 86_400_000, "2w"), (90_000, "1m30s")])
    func inexact(milliseconds: Int, text: String) {
        #expect(PrometheusDuration.text(Milliseconds(milliseconds)) == text)
    }

    @Test(
        "what is no duration is refused, and says why",
        arguments: [
            ("1", "not a valid duration string: \"1\""), ("m", "not a valid duration string: \"m\""),
            ("1m1h", "not a valid duration string: \"1m1h\""), ("1m1m", "not a valid duration string: \"1m1m\""),
            ("-1m", "not a valid duration string: \"-1m\""), ("abc", "not a valid duration string: \"abc\""),
            ("1x", "unknown unit \"x\" in duration \"1x\""), ("1.5h", "unknown unit \".\" in duration \"1.5h\""),
            ("300y", "duration out of range"), ("9223372036854775807ms", "duration out of range"),
            ("", "empty duration string"),
        ])
    func refusedDurations(text: String, reason: String) {
        do {
            _ = try PrometheusDuration.parse(text)
            Issue.record("\(text) was taken")
        } catch {
            #expect(error.description == reason)
        }
    }

    @Test("windows are open on the left and closed on the right") func windows() {
        let window = TimeWindow(after: 10, through: 20)
        #expect(!window.contains(10) && window.contains(11) && window.contains(20) && !window.contains(21))
        #expect(window.overlaps(TimeWindow(after: 19, through: 30)))
        #expect(!window.overlaps(TimeWindow(after: 20, through: 30)))
        #expect(TimeWindow(after: 5, through: 5).isEmpty)
    }
}
