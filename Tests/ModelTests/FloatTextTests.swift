import Foundation
import Model
import TestSupport
import Testing

@Suite("FloatText") struct FloatTextTests {
    @Test(
        "the API's form switches to exponents outside 1e-6 to 1e21",
        arguments: [
            (0.0, "0"), (-0.0, "-0"), (1, "1"), (1.5, "1.5"), (-2.25, "-2.25"), (1e-6, "0.000001"), (9.9e-7, "9.9e-07"),
            (1e20, "100000000000000000000"), (1e21, "1e+21"), (123_456_789.125, "123456789.125"), (1e-300, "1e-300"),
            (.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (0.1, "0.1"),
            (Double.leastNonzeroMagnitude, "5e-324"),
        ])
    func json(value: Double, text: String) { #expect(FloatText.json(value) == text) }

    @Test(
        "plain never uses an exponent",
        arguments: [
            (1e21, "1000000000000000000000"), (1e-7, "0.0000001"), (1.5e3, "1500"), (-1e22, "-10000000000000000000000"),
        ])
    func plain(value: Double, text: String) { #expect(FloatText.plain(value) == text) }

    @Test(
        "exponent form has a sign and two digits",
        arguments: [(1.0, "1e+00"), (0.00015, "1.5e-04"), (-2e100, "-2e+100")])
    func exponent(value: Double, text: String) { #expect(FloatText.exponent(value) == text) }

    @Test(
        "le and quantile values look like floats",
        arguments: [
            (1.0, "1.0"), (0, "0.0"), (0.5, "0.5"), (1000, "1000.0"), (.infinity, "+Inf"), (1e21, "1e+21"),
            (0.00001, "1e-05"), (50000, "50000.0"),
        ])
    func openMetrics(value: Double, text: String) { #expect(FloatText.openMetrics(value) == text) }

    @Test(
        "fixed rounds the exact binary value, ties to even",
        arguments: [
            (0.125, 2, "0.12"), (0.375, 2, "0.38"), (2.5, 0, "2"), (3.5, 0, "4"), (69.174999, 2, "69.17"),
            (1.005, 2, "1.00"),
            (99.995, 2, "100.00"), (-1.5, 1, "-1.5"), (1e22, 2, "10000000000000000000000.00"), (0, 2, "0.00"),
            (.infinity, 2, "+Inf"), (999.999, 2, "1000.00"), (Double.leastNonzeroMagnitude, 3, "0.000"),
        ])
    func fixed(value: Double, places: Int, text: String) { #expect(FloatText.fixed(value, places: places) == text) }

    @Test("fixed agrees with printf on random values") func fixedAgainstPrintf() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<5000 {
            let value = Double(bitPattern: generator.next())
            guard value.isFinite, value.magnitude < 1e30 else { continue }
            #expect(FloatText.fixed(value, places: 3) == String(format: "%.3f", value), "\(value)")
        }
    }

    @Test("fixed is the same by whole numbers and by the exact expansion") func fixedQuickly() {
        var generator = SeededGenerator(seed: 8)
        for _ in 0..<5000 {
            // Many of these lie exactly halfway, and their neighbours next to it.
            let scale = Double(1 << Int.random(in: 0...12, using: &generator))
            var value = Double(Int.random(in: -3_000_000...3_000_000, using: &generator)) / scale
            if generator.chance(50) { value = generator.chance(50) ? value.nextUp : value.nextDown }
            let places = Int.random(in: 0...7, using: &generator)
            #expect(
                FloatText.fixed(value, places: places) == FloatText.fixedExactly(value, places: places), "\(value)")
        }
    }

    @Test("JSON numbers are the shortest digits in plain layout") func jsonAsPlain() {
        var generator = SeededGenerator(seed: 9)
        for _ in 0..<5000 {
            let value = Double.random(in: -1...1, using: &generator) * generator.pick([1e-2, 1, 100, 1e6, 1e14, 1e17])
            #expect(FloatText.json(value) == FloatText.plain(value) || value.magnitude < 1e-6, "\(value)")
        }
        for value in [0.001, 1, 100, 99.5, 1e14, 999_999_999_999_999, 1e15] {
            #expect(FloatText.json(value) == FloatText.plain(value))
        }
    }

    @Test("every form reads back as the same value") func roundTrip() {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<5000 {
            let value = Double(bitPattern: generator.next())
            guard value.isFinite else { continue }
            for text in [
                FloatText.json(value), FloatText.plain(value), FloatText.exponent(value), FloatText.shortest(value),
            ] {
                #expect(Double(text) == value, "\(text)")
            }
        }
    }
}
