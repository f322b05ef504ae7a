import Exposition
import Foundation
import Model
import TestSupport
import Testing

@Suite(
    "Prometheus's own exposition cases by the template path",
    .enabled(if: SharedFiles.areThere, "needs the folder shared beside the repository"))
struct TemplateConformanceTests {
    /// What a body says, series by their labels.
    private struct Reading: Equatable {
        var values: [Labels: UInt64] = [:]
        var timed: [Labels: [String]] = [:]

        /// Sample by sample with the full parser; `nil` when a line is wrong.
        init?(_ body: [UInt8], _ format: ExpositionFormat) {
            let document = Document(body, format: format, keepsCreated: true)
            guard document.error == nil else { return nil }
            for entry in document.entries where entry.kind == "sample" {
                let bits = entry.value?.bitPattern ?? 0
                if let time = entry.timestamp {
                    timed[entry.labels, default: []].append("\(time) \(bits)")
                } else if values[entry.labels] == nil {
                    values[entry.labels] = bits
                }
            }
        }

        /// Through a reader with all it remembers; `nil` when it refuses the body.
        init?(_ body: [UInt8], _ format: ExpositionFormat, _ reader: inout BodyReader, _ numbering: inout Numbering) {
            guard let row = try? read(body, with: &reader, format: format, numbering: &numbering) else { return nil }
            let cells = cells(row)
            for (labels, column) in numbering.columns { if let bits = cells[column] { values[labels] = bits } }
            let names = Dictionary(uniqueKeysWithValues: numbering.timed.map { ($0.value, $0.key) })
            for sample in reader.result.timed {
                guard let labels = names[sample.series] else { return nil }
                timed[labels, default: []].append("\(sample.time) \(sample.value.bitPattern)")
            }
        }
    }

    /// The body with its lines in another order, some of them left out or repeated; the last line stays the last, as
    /// OpenMetrics wants it.
    private static func altered(_ body: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var lines = body.split(separator: 0x0a, omittingEmptySubsequences: false)
        let tail = Array(lines.suffix(2))
        lines.removeLast(min(2, lines.count))
        lines.shuffle(using: &random)
        if lines.count > 2 { lines.removeLast() }
        if let first = lines.first { lines.append(first) }
        return Array((lines + tail).joined(separator: [0x0a]))
    }

    private static func check(_ body: [UInt8], _ format: ExpositionFormat, seed: Int, _ note: Comment) {
        var random = SeededGenerator(seed: UInt64(seed))
        let wanted = Reading(body, format)
        for _ in 0..<3 {
            var reader = BodyReader(BodyReader.Options(mode: .strict), hashSeed: 1)
            var numbering = Numbering(dropsNothing: true)
            let other = altered(body, &random)
            // First without a template, then with its own; then with that of another body, and its own again.
            for one in [body, body, other, body, body, other, other, body] {
                let wanted = one == body ? wanted : Reading(one, format)
                #expect(Reading(one, format, &reader, &numbering) == wanted, note)
            }
        }
    }

    @Test("reads every case as the full parser does", arguments: ["text", "openmetrics"])
    func cases(file: String) throws {
        for (number, one) in try ExpositionCorpus(file).cases.enumerated() {
            let note = Comment(rawValue: "case \(number): \(one.input ?? one.inputBase64 ?? "")")
            Self.check(one.body, one.format == "text" ? .text : .openMetrics, seed: number, note)
        }
    }

    @Test(
        "reads whole expositions of real servers and proxies as the full parser does",
        arguments: [
            "corpora/exposition/files/alltypes.5mfs.om.txt", "corpora/exposition/files/alltypes.237mfs.nometa.prom.txt",
            "data/linkerd-proxy-inbound.prom", "data/linkerd-proxy-outbound.prom",
        ])
    func files(path: String) throws {
        let body = Array(try SharedFiles.data(path))
        let format: ExpositionFormat = path.contains(".om.") ? .openMetrics : .text
        #expect(Reading(body, format)?.values.isEmpty == false)
        Self.check(body, format, seed: 1, Comment(rawValue: path))
    }
}
