package import Model

/// Collects the metadata of one body: what its TYPE, HELP and UNIT lines say, by family name.
package struct MetadataCollector: Sendable {
    /// The metadata by family name.
    package private(set) var families: [ExactText: MetricMetadata] = [:]
    /// Families kept at most; further ones are left out. With `bytesMax` this bounds what a hostile body costs.
    package static let familiesMax = 20_000
    /// Bytes of names and texts kept at most; further ones are left out.
    package static let bytesMax = 1 << 20
    /// Bytes of one HELP or UNIT text kept.
    package static let textBytesMax = 4_096

    private let resolvesQuotes: Bool
    private var bytesKept = 0

    /// A collector without metadata. The format decides which escapes a HELP text has.
    package init(format: ExpositionFormat) { resolvesQuotes = format == .openMetrics }

    /// Adds an entry of the body. Samples and comments hold no metadata.
    package mutating func add(_ entry: Entry, of bytes: BodyBytes) {
        switch entry {
        case .type(let name, let type): update(name, bytes) { $0.type = type.rawValue }
        case .help(let name, let text):
            let help = LabelBuilder.unescape(bytes, cut(text), quotes: resolvesQuotes)
            update(name, bytes, adding: help.utf8.count) { $0.help = help }
        case .unit(let name, let text):
            let unit = bytes.text(cut(text))
            update(name, bytes, adding: unit.utf8.count) { $0.unit = unit }
        case .sample, .comment: break
        }
    }

    private func cut(_ text: ByteRange) -> ByteRange {
        ByteRange(text.start, min(text.end, text.start + Self.textBytesMax))
    }

    private mutating func update(
        _ name: ByteRange, _ bytes: BodyBytes, adding text: Int = 0, _ change: (inout MetricMetadata) -> Void
    ) {
        guard name.count <= Self.textBytesMax else { return }
        let family = ExactText(LabelBuilder.unescape(bytes, name))
        let isNew = families[family] == nil
        let added = text + (isNew ? family.text.utf8.count : 0)
        guard !isNew || families.count < Self.familiesMax, bytesKept + added <= Self.bytesMax else { return }
        bytesKept += added
        change(&families[family, default: MetricMetadata(type: MetricType.unknown.rawValue, help: "", unit: "")])
    }
}
