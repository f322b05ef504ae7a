import Exposition
import Foundation
import Model
import Testing

/// The bodies of this repository, read line by line and by way of the template.
@Suite("Bodies in the tree")
struct BodyFileTests {
    @Test("Every body file has its expectations, and the other way round")
    func complete() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: BodyFile.folder.path)
        #expect(Set(files) == Set(BodyFile.all.map(\.name)))
        #expect(files.count >= 6)
    }

    @Test("The parser reads every line and nothing else", arguments: BodyFile.all)
    func parser(_ file: BodyFile) throws {
        let body = try file.bytes()
        let document = Document(body, format: file.format, mode: .strict, keepsCreated: true)
        #expect((document.error == nil) == file.badLines.isEmpty, "\(document.error.map { "\($0)" } ?? "no error")")
        guard file.badLines.isEmpty else { return try strict(file, body) }
        let samples = document.entries.filter { $0.kind == "sample" }
        #expect(samples.count == file.samples)
        #expect(Set(samples.map(\.labels)).count == file.series)
        #expect(samples.allSatisfy { $0.labels.allSatisfy { !$0.value.isEmpty } })
        #expect(samples.count { $0.hasExemplar } == file.exemplars)
        #expect(document.entries.count { $0.kind == "type" } == file.families)
        for wanted in file.values {
            let found = samples.filter { wanted.matches($0.labels) }
            #expect(found.count == 1, "\(wanted)")
            #expect(
                found.allSatisfy { Self.isSame($0.value, wanted.value) && $0.timestamp == wanted.time }, "\(wanted)")
        }
    }

    /// A strict reader refuses the body at its first bad line.
    private func strict(_ file: BodyFile, _ body: [UInt8]) throws {
        var reader = BodyReader(BodyReader.Options(mode: .strict), hashSeed: 1)
        var numbering = Numbering(dropsNothing: true)
        do throws(BodyError) {
            _ = try read(body, with: &reader, format: file.format, numbering: &numbering)
            Issue.record("\(file) was not refused")
        } catch {
            guard case .line(let number, _) = error else {
                Issue.record("\(file): \(error)")
                return
            }
            #expect(number == file.badLines.first)
        }
    }

    @Test("The reader gives the same series without a template and with one", arguments: BodyFile.all)
    func template(_ file: BodyFile) throws {
        let body = try file.bytes()
        var reader = BodyReader(hashSeed: 1)
        var numbering = Numbering(dropsNothing: true)
        for scrape in 0..<3 {
            let row = try read(body, with: &reader, format: file.format, numbering: &numbering)
            #expect(reader.result.isRepetition == (scrape > 0 && file.badLines.isEmpty))
            #expect(reader.result.samples == file.samples)
            #expect(reader.result.duplicates == file.samples - file.series)
            #expect(reader.result.skippedLines.map(\.number) == file.badLines)
            let cells = cells(row)
            #expect(cells.count + reader.result.timed.count == file.series)
            for wanted in file.values { check(wanted, numbering, cells, reader.result) }
        }
        #expect(reader.metadata.count == file.families)
        for (family, type) in file.types { #expect(reader.metadata[ExactText(family)]?.type == type, "\(family)") }
        for (family, help) in file.help { #expect(reader.metadata[ExactText(family)]?.help == help, "\(family)") }
        for (family, unit) in file.units { #expect(reader.metadata[ExactText(family)]?.unit == unit, "\(family)") }
    }

    private func check(_ wanted: ExpectedSample, _ numbering: Numbering, _ cells: [Int: UInt64], _ result: BodyResult) {
        if let time = wanted.time {
            let numbers = numbering.timed.filter { wanted.matches($0.key) }.map(\.value)
            let found = result.timed.filter { numbers.contains($0.series) }
            #expect(found.map(\.time) == [time], "\(wanted)")
            #expect(found.allSatisfy { Self.isSame($0.value, wanted.value) }, "\(wanted)")
        } else {
            let found = numbering.columns.filter { wanted.matches($0.key) }.compactMap { cells[$0.value] }
            #expect(found.count == 1, "\(wanted)")
            #expect(found.allSatisfy { Self.isSame(Double(bitPattern: $0), wanted.value) }, "\(wanted)")
        }
    }

    @Test("A Linkerd body that is cut short is refused once the end is known", arguments: BodyFile.all.prefix(2))
    func truncated(_ file: BodyFile) throws {
        let body = try file.bytes()
        var reader = BodyReader(hashSeed: 1)
        var numbering = Numbering(dropsNothing: true)
        _ = try read(body, with: &reader, numbering: &numbering)
        let half = body[..<(body.count / 2)]
        let end = (half.lastIndex(of: UInt8(ascii: "\n")) ?? 0) + 1
        #expect(throws: BodyError.missingEnd) {
            try read(Array(half[..<end]), with: &reader, isComplete: false, numbering: &numbering)
        }
    }

    /// The same bits, or both not a number.
    private static func isSame(_ got: Double?, _ wanted: Double) -> Bool {
        guard let got else { return false }
        return got.isNaN ? wanted.isNaN : got.bitPattern == wanted.bitPattern
    }
}
