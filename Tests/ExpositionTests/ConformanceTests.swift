import Exposition
import Foundation
import Model
import Testing

@Suite(
    "Prometheus's own exposition cases",
    .enabled(if: SharedFiles.areThere, "needs the folder shared beside the repository"))
struct ConformanceTests {
    @Test("accepts, refuses and reads every case as Prometheus does", arguments: ["text", "openmetrics"])
    func cases(file: String) throws {
        let corpus = try ExpositionCorpus(file)
        #expect(corpus.cases.count > 20)
        for (number, one) in corpus.cases.enumerated() {
            let body = one.body
            let format: ExpositionFormat = one.format == "text" ? .text : .openMetrics
            let document = Document(body, format: format)
            let note = Comment(rawValue: "case \(number): \(one.input ?? one.inputBase64 ?? "") -> \(document)")
            #expect((document.error == nil) == one.expect.ok, note)
            guard one.expect.ok, let wanted = one.expect.entries, document.error == nil else { continue }
            #expect(document.entries.count == wanted.count, note)
            for (got, want) in zip(document.entries, wanted) { compare(got, want, note) }
        }
    }

    private func compare(_ got: Document.Entry, _ want: ExpositionCorpus.Entry, _ note: Comment) {
        #expect(got.kind == want.kind, note)
        if let name = want.name { #expect(got.name == name, note) }
        if let text = want.help ?? want.type ?? want.unit ?? want.text { #expect(got.text == text, note) }
        if let series = want.series { #expect(got.series == series, note) }
        if let value = want.value { #expect(got.value?.bitPattern == value.bits, note) }
        if want.value != nil { #expect(got.timestamp == want.timestamp, note) }
        if let labels = want.labels, !labels.values.contains("?") { #expect(got.labels == Labels(labels), note) }
        #expect(got.hasExemplar == (want.exemplars != nil), note)
    }

    @Test("reads whole expositions of real servers")
    func files() throws {
        for (file, samples, types) in [("alltypes.5mfs.om.txt", 53, 5), ("alltypes.237mfs.nometa.prom.txt", 1857, 0)] {
            let body = try SharedFiles.data("corpora/exposition/files/\(file)")
            let document = Document(
                Array(body), format: file.contains(".om.") ? .openMetrics : .text, keepsCreated: true)
            #expect(document.error == nil)
            #expect(document.entries.filter { $0.kind == "sample" }.count == samples)
            #expect(document.entries.filter { $0.kind == "type" }.count == types)
        }
    }

    @Test("reads the Linkerd sample bodies without a skipped line", arguments: [("inbound", 506), ("outbound", 709)])
    func linkerd(side: String, samples: Int) throws {
        let body = Array(try SharedFiles.data("data/linkerd-proxy-\(side).prom"))
        for mode in [ParsingMode.strict, .lenient] {
            let document = Document(body, format: .text, mode: mode)
            #expect(document.error == nil)
            let found = document.entries.filter { $0.kind == "sample" }
            #expect(found.count == samples)
            #expect(Set(found.map(\.labels)).count == samples)
            for entry in found {
                let bound = entry.labels["le"]
                #expect(bound.isEmpty || bound == "+Inf" || bound.contains("."))
                #expect(entry.labels.allSatisfy { !$0.value.isEmpty })
            }
        }
    }
}
