import Exposition
import Model

/// A body read entry by entry, for comparing.
struct Document {
    struct Entry: Equatable {
        var kind: String
        var name: String?
        var text: String?
        var series: String?
        var value: Double?
        var timestamp: Timestamp?
        var hasExemplar = false
        var labels = Labels()
    }

    var entries: [Entry] = []
    var error: LineError?

    /// Reads until the end or the first error. `_created` lines of families that have a start time are left out
    /// unless `keepsCreated`.
    init(_ body: [UInt8], format: ExpositionFormat, mode: ParsingMode = .strict, keepsCreated: Bool = false) {
        unsafe body.withUnsafeBytes { raw in
            let bytes = unsafe BodyBytes(raw)
            var parser = ExpositionParser(bytes, format: format, mode: mode)
            var family = ""
            do throws(LineError) {
                while let entry = try parser.next() {
                    if case .type(let name, _) = entry { family = bytes.text(name) }
                    let shown = try Self.show(entry, parser)
                    let hasStart = [.counter, .summary, .histogram].contains(parser.currentType)
                    if hasStart, !keepsCreated, shown.labels.metricName == family + "_created" { continue }
                    entries.append(shown)
                }
            } catch {
                self.error = error
            }
        }
    }

    private static func show(_ entry: Exposition.Entry, _ parser: ExpositionParser) throws(LineError) -> Entry {
        let bytes = parser.bytes
        switch entry {
        case .sample(let sample):
            return Entry(
                kind: "sample", series: bytes.text(sample.series), value: sample.suffix.value,
                timestamp: sample.suffix.timestamp, hasExemplar: sample.suffix.exemplar != nil,
                labels: try parser.labels())
        case .type(let name, let type):
            return Entry(kind: "type", name: bytes.text(name), text: type.rawValue)
        case .help(let name, _):
            var collector = MetadataCollector(format: parser.format)
            collector.add(entry, of: bytes)
            return Entry(kind: "help", name: bytes.text(name), text: collector.families.values.first?.help)
        case .unit(let name, let text): return Entry(kind: "unit", name: bytes.text(name), text: bytes.text(text))
        case .comment(let text): return Entry(kind: "comment", text: bytes.text(text))
        }
    }
}
