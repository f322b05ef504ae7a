package import Model

/// Gathers what the TYPE, HELP and UNIT lines of one body say, by family name.
package struct MetadataCollector: Sendable {
    /// What is known by family name, in no particular order.
    package private(set) var families: [String: MetricMetadata] = [:]
    /// Families kept at most; more are left out, so that a hostile body costs no more than this.
    package static let familiesMax = 20_000

    private let resolvesQuotes: Bool

    /// Nothing known. The format decides which escapes a HELP text has.
    package init(format: ExpositionFormat) { resolvesQuotes = format == .openMetrics }

    /// Takes the entry in; samples and comments say nothing here.
    package mutating func add(_ entry: Entry, of bytes: BodyBytes) {
        switch entry {
        case .type(let name, let type): update(name, bytes) { $0.type = type.rawValue }
        case .help(let name, let text):
            let help = LabelBuilder.unescape(bytes, text, quotes: resolvesQuotes)
            update(name, bytes) { $0.help = help }
        case .unit(let name, let text):
            let unit = bytes.text(text)
            update(name, bytes) { $0.unit = unit }
        case .sample, .comment: break
        }
    }

    private mutating func update(_ name: ByteRange, _ bytes: BodyBytes, _ change: (inout MetricMetadata) -> Void) {
        let family = LabelBuilder.unescape(bytes, name)
        guard families[family] != nil || families.count < Self.familiesMax else { return }
        change(&families[family, default: MetricMetadata(type: MetricType.unknown.rawValue, help: "", unit: "")])
    }
}
