import Exposition
import Model
import TestSupport
import Testing

@Suite("Exposition readers under random input (Fuzz)")
struct ExpositionFuzzTests {
    private static let alphabet =
        Array("ab_:{}\"\\,= \t\n#0123456789.eE+-NIinfTYPEHLUNIT\u{0}\u{7f}".utf8) + [0xc3, 0xff]
    private static let pieces = [
        "# TYPE a counter\n", "# HELP a b\\n\n", "# UNIT a_seconds seconds\n", "# EOF\n", "a_total", "_bucket",
        "{le=\"1\"}",
        "{\"a.b\",c=\"d\"}", " 1\n", " NaN", " # {trace=\"x\"} 1 2\n", "\r\n", " 1700000000000\n", "_created 1\n",
        " 1e400", " 0x1p-2", "=\"\\", "\\\"", "st@1", "{", "}", "\n\n",
    ]

    private static func body(_ random: inout TestSupport.SeededGenerator, _ seed: UInt64) -> [UInt8] {
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            return (0..<Int.random(in: 0...400, using: &random)).map { _ in random.pick(alphabet, or: 0) }
        case 1:
            var text = ""
            for _ in 0..<Int.random(in: 1...20, using: &random) { text += random.pick(pieces) }
            return Array(text.utf8)
        default:
            // Few generators, since making one costs more than reading its body.
            var generator = BodyGenerator(seed: seed >> 5)
            return random.mutated(generator.body(), changes: 12, pieces: Self.pieces)
        }
    }

    @Test("Fuzz: the text parser takes any bytes")
    func text() async throws { try await Self.parse("exposition text", .text) }

    @Test("Fuzz: the OpenMetrics parser takes any bytes")
    func openMetrics() async throws { try await Self.parse("exposition openmetrics", .openMetrics) }

    private static func parse(_ target: String, _ format: ExpositionFormat) async throws {
        let report = try await FuzzBudget(executions: 1_000).run(target) { random, seed in
            let body = Self.body(&random, seed)
            _ = Document(body, format: format)
            _ = Document(body, format: format, mode: .lenient, keepsCreated: true)
        }
        #expect(report.slowest < 20, "seed \(report.slowestSeed)")
    }

    @Test("Fuzz: the template reader takes any bodies in a row, and reads them as the naive one does")
    func template() async throws {
        let report = try await FuzzBudget(executions: 150).run("exposition template") { random, seed in
            let honors = random.chance(50)
            var reader = BodyReader(BodyReader.Options(honorsTimestamps: honors), hashSeed: 1)
            var numbering = Numbering()
            let format = random.pick([ExpositionFormat.text, .text, .openMetrics], or: .text)
            var body = Self.body(&random, seed)
            for scrape in 0..<4 {
                if scrape > 0 {
                    body =
                        random.chance(70)
                        ? random.mutated(body, changes: 6, pieces: Self.pieces) : Self.body(&random, seed)
                }
                guard let row = try? read(body, with: &reader, format: format, numbering: &numbering) else { continue }
                let wanted = ReferenceReader(body, format: format, honorsTimestamps: honors, numbering: &numbering)
                let timed = reader.result.timed.map { "\($0.series) \($0.time) \($0.value.bitPattern)" }
                if cells(row) != wanted.values || timed != wanted.timed
                    || reader.result.skippedLineCount != wanted.skipped.count
                {
                    Issue.record(
                        "seed \(seed), scrape \(scrape): \(String(decoding: body, as: UTF8.self).debugDescription)")
                }
            }
        }
        #expect(report.slowest < 20, "seed \(report.slowestSeed)")
    }
}
