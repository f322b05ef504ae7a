import Exposition
import Model
import Testing

/// A line behind another one that begins with the same bytes: what the last body's template says of those bytes must hold
/// for every line that has them.
@Suite("Lines that begin alike") struct LinePairTests {
    static let lines = [
        "foo+5", "foo-5", "foo.5", "foo+Inf", "foo7", "foo7 3", "foo7 3 4", "foo 7", "foo  7", "foo\t7", "foo 7 3",
        "foo +7", "foo",
        "foo ", "foo:5", "foo:5 1", "fooNaN", "fooinf", "fooinf 1", "foo_5 1", "foo{}+1", "foo{}1", "foo{} 1",
        "foo {} 1",
        "foo{a=\"b\"}7", "foo{a=\"b\"} 7", "foo{a=\"b\"}7 3", "foo{a=\"b\"} 7 3", "foo{a=\"b\"}{", "foo{a=\"b\"}",
        "foo{a=\"b\",}7",
        "foo{a=\"b\" 7", "foo{a=\"b} 7\"} 8", "foo{a=\"b\n\"} 1", "{\"foo\"}5", "{\"foo\"} 5", "{\"foo\"",
        "{\"foo\",a=\"b\"} 5", "foo 5 ",
        " foo 5", "foo 5 # x", "foo # {} 1", "foo 1 # {t=\"x\"} 2", "foo 1 # {t=\"x\"} 2 4", "foo 1 3 # {t=\"x\"} 2",
        "foo 1 # {t=\"x\"",
        "foo 1#", "foo 1 #", "foo#1", "# TYPE foo counter", "# TYPE foo histogram", "# foo", "#foo 5", "# EOF",
        "# EOFx", "", " ",
        "foo 1e3", "foo 1e", "foo 0x1", "foo 123456789012345", "foo 1234567890123456", "foo 12345678901234567890",
        "foo {a=\"b\"} 2",
    ]

    /// The formats, each with and without times of the lines.
    static let readings: [(format: ExpositionFormat, honors: Bool)] = [
        (.text, true), (.text, false), (.openMetrics, true), (.openMetrics, false),
    ]

    @Test("every line behind every other one is read as if it were the first", arguments: 0..<4)
    func pairs(_ reading: Int) {
        let (format, honors) = Self.readings[reading]
        for first in Self.lines {
            for second in Self.lines {
                // Once as the whole body, once between lines that stay, and then the first one again.
                for (head, tail) in [("", ""), ("a 1\n", "\nz{b=\"c\"} 1")] {
                    let bodies = [first, second, first, second].map { line in
                        Array((head + line + tail + (format == .openMetrics ? "\n# EOF\n" : "\n")).utf8)
                    }
                    if let difference = Self.difference(bodies, format, honors) {
                        Issue.record("\(first.debugDescription), \(second.debugDescription): \(difference)")
                    }
                }
            }
        }
    }

    /// What reading the bodies in a row gives otherwise than reading each by itself, if anything.
    private static func difference(_ bodies: [[UInt8]], _ format: ExpositionFormat, _ honors: Bool) -> String? {
        var reader = BodyReader(BodyReader.Options(honorsTimestamps: honors), hashSeed: 1)
        var numbering = Numbering()
        for (index, body) in bodies.enumerated() {
            var fresh = BodyReader(BodyReader.Options(honorsTimestamps: honors), hashSeed: 1)
            let row = try? read(body, with: &reader, format: format, numbering: &numbering)
            let alone = try? read(body, with: &fresh, format: format, numbering: &numbering)
            // A text body whose predecessor ended with `# EOF` must end with it, too.
            if format == .text, row == nil, alone != nil, index > 0, isMarked(bodies[index - 1]) { continue }
            guard (row == nil) == (alone == nil) else { return "body \(index): only one is refused" }
            guard let row, let alone else { continue }
            let wanted = ReferenceReader(body, format: format, honorsTimestamps: honors, numbering: &numbering)
            let timed = reader.result.timed.map { "\($0.series) \($0.time) \($0.value.bitPattern)" }
            if cells(row) != wanted.values { return "body \(index): \(cells(row)), want \(wanted.values)" }
            if cells(alone) != wanted.values { return "body \(index) alone: \(cells(alone)), want \(wanted.values)" }
            if timed != wanted.timed { return "body \(index): \(timed), want \(wanted.timed)" }
            if reader.result.skippedLineCount != wanted.skipped.count { return "body \(index): skipped lines" }
            if reader.result.samples != wanted.samples { return "body \(index): samples" }
        }
        return nil
    }

    private static func isMarked(_ body: [UInt8]) -> Bool { body.suffix(6).elementsEqual("# EOF\n".utf8) }

    @Test("OpenMetrics that ends with its mark is whole, the second time as the first") func repeatedEnd() throws {
        var reader = BodyReader(hashSeed: 1)
        var numbering = Numbering()
        for _ in 0..<3 {
            let body = Array("a 1\n# EOF".utf8)
            let row = try read(body, with: &reader, format: .openMetrics, isComplete: false, numbering: &numbering)
            #expect(cells(row) == [0: (1.0).bitPattern])
        }
        #expect(reader.result.isRepetition)
    }
}
