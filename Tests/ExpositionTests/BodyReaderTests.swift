import Exposition
import Foundation
import Model
import Testing

@Suite("Reading bodies with a template")
struct BodyReaderTests {
    @Test("gives the same as the full parser on bodies that change in every way", arguments: 1...60)
    func differential(seed: Int) {
        var generator = BodyGenerator(seed: UInt64(seed))
        let honors = seed % 3 != 0
        var reader = BodyReader(BodyReader.Options(honorsTimestamps: honors), hashSeed: 1)
        var numbering = Numbering()
        for scrape in 0..<30 {
            if !scrape.isMultiple(of: 3) { generator.mutate() }
            let body = generator.body()
            let note = Comment(rawValue: "seed \(seed), scrape \(scrape)")
            guard let row = try? read(body, with: &reader, numbering: &numbering) else {
                Issue.record("the body was refused", sourceLocation: #_sourceLocation)
                continue
            }
            let wanted = ReferenceReader(body, format: .text, honorsTimestamps: honors, numbering: &numbering)
            #expect(cells(row) == wanted.values, note)
            #expect(reader.result.samples == wanted.samples, note)
            #expect(reader.result.dropped == wanted.dropped, note)
            #expect(reader.result.duplicates == wanted.duplicates, note)
            #expect(reader.result.skippedLineCount == wanted.skipped.count, note)
            let shown = reader.result.skippedLines.map(\.number)
            #expect(shown == Array(wanted.skipped.prefix(BodyResult.skippedLinesKept)), note)
            let timed = reader.result.timed.map { "\($0.series) \($0.time) \($0.value.bitPattern)" }
            #expect(timed == wanted.timed, note)
        }
    }

    @Test(
        "follows a Linkerd body through changed values without parsing a label",
        .enabled(if: SharedFiles.areThere, "needs the folder shared beside the repository"))
    func repetition() throws {
        let body = Array(try SharedFiles.data("data/linkerd-proxy-outbound.prom"))
        var reader = BodyReader(hashSeed: 1)
        var numbering = Numbering()
        let first = try read(body, with: &reader, numbering: &numbering)
        #expect(!reader.result.isRepetition)
        #expect(reader.result.samples == 709)
        #expect(reader.keptBytes < 709 * 150)
        #expect(reader.metadata["response_latency_ms"]?.type == "histogram")
        #expect(reader.metadata["process_start_time_seconds"]?.unit == "seconds")
        let second = try read(body, with: &reader, numbering: &numbering)
        #expect(reader.result.isRepetition)
        #expect(cells(first) == cells(second))
        let text = String(decoding: body, as: UTF8.self)
        let changed = Array(text.replacingOccurrences(of: "} 0\n", with: "} 12345\n").utf8)
        let third = try read(changed, with: &reader, numbering: &numbering)
        #expect(reader.result.isRepetition)
        let wanted = ReferenceReader(changed, format: .text, honorsTimestamps: true, numbering: &numbering)
        #expect(cells(third) == wanted.values)
    }

    @Test("shares label lists between lines of different names, and reads them in any order")
    func splitLines() throws {
        let labels = (0..<12).map { "label_number_\($0)=\"a value of some length\"" }.joined(separator: ",")
        func body(_ shift: Int, reversed: Bool = false) -> [UInt8] {
            var lines: [String] = []
            for status in [200, 404, 503] {
                let list = "\(labels),status=\"\(status)\""
                for bound in ["1", "10", "+Inf"] { lines.append("x_ms_bucket{\(list),le=\"\(bound)\"} \(shift)") }
                lines += ["x_ms_sum{\(list)} \(shift)", "x_ms_count{\(list)} \(shift + 1)", "y_total{\(list)} 7"]
                // A brace in a value, and a line shorter than what it could share.
                lines.append("z{path=\"/{id}/\",\(list)} \(status)")
                lines.append("short{a=\"{\"} \(status + shift)")
            }
            if reversed { lines.reverse() }
            return Array((lines.joined(separator: "\n") + "\n").utf8)
        }
        var reader = BodyReader(hashSeed: 1)
        var numbering = Numbering()
        for (index, bytes) in [body(1), body(2), body(3, reversed: true), body(4, reversed: true), body(5)].enumerated()
        {
            let row = try read(bytes, with: &reader, numbering: &numbering)
            let wanted = ReferenceReader(bytes, format: .text, honorsTimestamps: true, numbering: &numbering)
            #expect(cells(row) == wanted.values, "body \(index)")
            #expect(reader.result.isRepetition == [1, 3].contains(index), "body \(index)")
            #expect(reader.keptBytes < bytes.count / 4, "body \(index)")
        }
    }

    @Test("shares the label list of a destination with lines far above")
    func distantLines() throws {
        let names = ["requests_total", "open_connections", "read_bytes_total", "write_bytes_total", "errors_total"]
        func body(_ value: Int, destinations: [Int]) -> [UInt8] {
            var lines: [String] = []
            for name in names {
                for number in destinations {
                    let host = "destination-\(number).a-name-space.svc.cluster.local"
                    let labels = (0..<6).map { "label_\($0)=\"\(host)-of-\($0)-\(number * 7 % 5)\"" }.joined(
                        separator: ",")
                    lines.append("\(name){direction=\"outbound\",\(labels),tls=\"true\"} \(value + number)")
                }
            }
            return Array((lines.joined(separator: "\n") + "\n").utf8)
        }
        var reader = BodyReader(hashSeed: 1)
        var numbering = Numbering()
        let bodies = [
            body(1, destinations: [0, 1, 2, 3, 4, 5]), body(222, destinations: [0, 1, 2, 3, 4, 5]),
            body(3, destinations: [0, 1, 2, 9, 4, 5]), body(4, destinations: [5, 9, 1, 2]),
            body(55, destinations: [5, 9, 1, 2]),
        ]
        for (index, bytes) in bodies.enumerated() {
            let row = try read(bytes, with: &reader, numbering: &numbering)
            let wanted = ReferenceReader(bytes, format: .text, honorsTimestamps: true, numbering: &numbering)
            #expect(cells(row) == wanted.values, "body \(index)")
            #expect(reader.result.isRepetition == [1, 4].contains(index), "body \(index)")
            // The lists once, and some twenty bytes for each line.
            #expect(reader.keptBytes < bytes.count / names.count + 45 * reader.result.samples, "body \(index)")
        }
    }

    @Test("keeps the column of a series when its line moves, vanishes and returns")
    func columns() throws {
        var reader = BodyReader(hashSeed: 1)
        var numbering = Numbering()
        for (body, wanted) in [
            ("a 1\nb 2\n", [0: 1.0, 1: 2]), ("b 3\na 4\n", [0: 4, 1: 3]), ("b 5\n", [1: 5]),
            ("a 6\nc 7\n", [0: 6, 2: 7]),
            ("a 6\nc 7", [0: 6, 2: 7]),
        ] {
            let row = try read(Array(body.utf8), with: &reader, numbering: &numbering)
            #expect(cells(row) == wanted.mapValues(\.bitPattern), "\(body)")
        }
    }

    @Test("metadata of canonically equal names are two")
    func canonicallyEqualNames() throws {
        var reader = BodyReader(hashSeed: 1)
        var numbering = Numbering()
        let (one, two) = ("caf\u{e9}", "cafe\u{301}")
        let body = "# TYPE \"\(one)\" counter\n{\"\(one)\"} 1\n# TYPE \"\(two)\" gauge\n{\"\(two)\"} 2\n"
        _ = try read(Array(body.utf8), with: &reader, numbering: &numbering)
        #expect(reader.metadata[ExactText(one)]?.type == "counter" && reader.metadata[ExactText(two)]?.type == "gauge")
    }

    @Test("reads a known line anew when the TYPE before it changed")
    func typeContext() throws {
        var reader = BodyReader(hashSeed: 1)
        var numbering = Numbering()
        _ = try read(Array("# TYPE x histogram\nx_bucket{le=\"1\"} 1\n".utf8), with: &reader, numbering: &numbering)
        _ = try read(Array("# TYPE x counter\nx_bucket{le=\"1\"} 1\n".utf8), with: &reader, numbering: &numbering)
        #expect(Set(numbering.columns.keys.map { $0["le"] }) == ["1.0", "1"])
        #expect(reader.metadata["x"]?.type == "counter")
    }

    @Test("knows the TYPE of a line even where the TYPE line itself is read anew each time")
    func typeBehindBlanks() throws {
        var reader = BodyReader(hashSeed: 1)
        var numbering = Numbering()
        for body in [
            " \n# TYPE x histogram\nx_bucket{le=\"1\"} 1\n", "x_bucket{le=\"1\"} 1\n", "y 1\nx_bucket{le=\"1\"} 1\n",
        ] {
            let row = try read(Array(body.utf8), with: &reader, numbering: &numbering)
            let wanted = ReferenceReader(
                Array(body.utf8), format: .text, honorsTimestamps: true, numbering: &numbering)
            #expect(cells(row) == wanted.values)
        }
        #expect(Set(numbering.columns.keys.map { $0["le"] }) == ["1.0", "1", ""])
    }

    @Test("reads OpenMetrics bodies and their own times")
    func openMetrics() throws {
        var reader = BodyReader(hashSeed: 1)
        var numbering = Numbering()
        for value in [1.0, 2, 3] {
            let body = "# TYPE x counter\nx_total \(value) 5.5 # {a=\"b\"} 1\ny \(value)\n# EOF\n"
            let row = try read(Array(body.utf8), with: &reader, format: .openMetrics, numbering: &numbering)
            #expect(cells(row) == [0: value.bitPattern])
            #expect(reader.result.timed.map(\.time) == [5500])
            #expect(reader.result.timed.map(\.value) == [value])
        }
    }

    @Test(
        "refuses bodies that were cut off or are something else",
        arguments: [
            ("a 1\nb 2", BodyError.unfinishedLine),
            (
                "<!DOCTYPE html>\n<p>no</p>\n",
                .notExposition(first: .unexpectedStart(0x3c), excerpt: "<!DOCTYPE html>\n<p>no</p>\n")
            ),
            (
                "{\"status\":\"ok\"}", .notExposition(first: .expectedEqual, excerpt: "{\"status\":\"ok\"}")
            ),
        ])
    func refused(body: String, error: BodyError) {
        var reader = BodyReader(hashSeed: 1)
        var numbering = Numbering()
        #expect(throws: error) {
            _ = try read(Array(body.utf8), with: &reader, isComplete: false, numbering: &numbering)
        }
    }

    @Test("reads texts with UNIT lines and no end mark, whatever else their comments say")
    func units() throws {
        for body in [
            "# HELP a_seconds a\n# TYPE a_seconds gauge\n# UNIT a_seconds seconds\na_seconds 1\n",
            "# UNIT tests are elsewhere\na_seconds 1\n", "# UNIT\na_seconds 1\n",
        ] {
            var reader = BodyReader(hashSeed: 1)
            var numbering = Numbering()
            for _ in 0..<2 {
                let row = try read(Array(body.utf8), with: &reader, numbering: &numbering)
                #expect(cells(row) == [0: 1.0.bitPattern], "\(body)")
            }
        }
    }

    @Test("takes a missing end mark as cut off once, and then as another program")
    func lostEndMark() throws {
        var reader = BodyReader(hashSeed: 1)
        var numbering = Numbering()
        _ = try read(Array("a 1\n# EOF\n".utf8), with: &reader, isComplete: false, numbering: &numbering)
        #expect(throws: BodyError.missingEnd) {
            _ = try read(Array("a 1\n".utf8), with: &reader, isComplete: false, numbering: &numbering)
        }
        _ = try read(Array("a 1\n".utf8), with: &reader, isComplete: false, numbering: &numbering)
        _ = try read(Array("a 1\n# EOF\n".utf8), with: &reader, numbering: &numbering)
        // The transport vouches for it.
        _ = try read(Array("a 1\n".utf8), with: &reader, numbering: &numbering)
    }

    @Test("skips bad lines and says which")
    func skipping() throws {
        var reader = BodyReader(hashSeed: 1)
        var numbering = Numbering()
        let body = "a 1\nb{ 2\nc 3\nd{x=\"1\",x=\"2\"} 4\n\ne 5 6 7\nf 8\n"
        let row = try read(Array(body.utf8), with: &reader, numbering: &numbering)
        #expect(cells(row).count == 3)
        #expect(reader.result.skippedLineCount == 3)
        #expect(reader.result.skippedLines.map(\.number) == [2, 4, 6])
        var strict = BodyReader(BodyReader.Options(mode: .strict), hashSeed: 1)
        #expect(throws: BodyError.line(number: 2, .expectedLabelName)) {
            _ = try read(Array(body.utf8), with: &strict, numbering: &numbering)
        }
    }

    @Test("keeps no more of a body than it says, however many lines there are")
    func keptLines() throws {
        var reader = BodyReader(hashSeed: 1)
        var numbering = Numbering()
        let body = Array((String(repeating: "#\n", count: 450_000) + "a 1\n").utf8)
        for _ in 0..<2 {
            let row = try read(body, with: &reader, numbering: &numbering)
            #expect(cells(row) == [0: 1.0.bitPattern])
            #expect(reader.keptBytes <= 400_000 * 20)
        }
    }

    @Test("keeps no more metadata than it says")
    func keptMetadata() throws {
        var reader = BodyReader(hashSeed: 1)
        var numbering = Numbering()
        let long = String(repeating: "x", count: 10_000)
        let body = (0..<400).map { "# HELP m\($0) \(long)\n" }.joined() + "# HELP \(long) text\na 1\n"
        _ = try read(Array(body.utf8), with: &reader, numbering: &numbering)
        #expect(reader.metadata["m0"]?.help.utf8.count == 4_096)
        #expect(reader.metadata.count == 255)
        #expect(reader.metadata.reduce(0) { $0 + $1.key.text.utf8.count + $1.value.help.utf8.count } <= 1 << 20)
    }

    @Test("words about bad lines stay short")
    func longWords() throws {
        let long = String(repeating: "1", count: 5_000)
        for line in [
            "a \(long)x", "a 1 \(long)", "# TYPE a \(long)", "a{l\(long)=\"1\",l\(long)=\"2\"} 1",
            "a{" + (0..<1_100).map { "l\($0)=\"1\"" }.joined(separator: ",") + "} 1",
        ] {
            var reader = BodyReader(hashSeed: 1)
            var numbering = Numbering()
            _ = try read(Array("ok 1\n\(line)\n".utf8), with: &reader, numbering: &numbering)
            #expect(reader.result.skippedLineCount == 1, "\(line.prefix(20))")
            #expect((reader.result.skippedLines.first?.reason.utf8.count ?? 1_000) < 200, "\(line.prefix(20))")
        }
    }
}
