/// Scans a comment line, from the byte behind its `#`, for metadata.
struct MetadataScanner {
    let bytes: BodyBytes
    /// Offset of the next byte.
    var at: Int
    /// Offset of the line end.
    let end: Int

    private enum Keyword { case help, type, unit }

    /// Scans a line of text 0.0.4; `nil` for a comment without metadata.
    mutating func scanText(mode: ParsingMode) throws(LineError) -> Entry? {
        guard skipBlanks() > 0, let keyword = keyword(), keyword != .unit || mode == .lenient else { return nil }
        at += 4
        guard skipBlanks() > 0 else { return nil }
        let name = try name()
        var text = ByteRange(min(at + 1, end), end)
        if mode == .lenient { text = trimmed(text) }
        return try entry(keyword, name, text, format: .text, mode: mode)
    }

    /// Scans a line of OpenMetrics, where any comment but HELP, TYPE and UNIT is an error.
    mutating func scanOpenMetrics() throws(LineError) -> Entry {
        guard bytes.byte(at) == 0x20 else { throw .unexpectedComment }
        at += 1
        guard let keyword = keyword(), bytes.byte(at + 4) == 0x20 else { throw .unexpectedComment }
        at += 5
        let name = try name()
        guard at < end, bytes.byte(at) == 0x20 else { throw .expectedMetadataText }
        return try entry(keyword, name, ByteRange(at + 1, end), format: .openMetrics, mode: .strict)
    }

    private func entry(
        _ keyword: Keyword, _ name: ByteRange, _ text: ByteRange, format: ExpositionFormat, mode: ParsingMode
    ) throws(LineError) -> Entry {
        switch keyword {
        case .help:
            guard bytes.isValidUTF8(text) else { throw .invalidHelp }
            return .help(name: name, text: text)
        case .type:
            let word = bytes.excerpt(text)
            guard let type = MetricType(word: word, format: format, mode: mode) else { throw .invalidType(word) }
            return .type(name: name, type: type)
        case .unit:
            guard format == .text || isSuffix(text, of: name) else { throw .invalidUnit(bytes.excerpt(text)) }
            return .unit(name: name, text: text)
        }
    }

    /// Whether `name` ends in an underscore and the unit; an empty unit always fits.
    private func isSuffix(_ unit: ByteRange, of name: ByteRange) -> Bool {
        unit.count == 0
            || (name.count > unit.count && bytes.byte(name.end - unit.count - 1) == 0x5f
                && bytes.equals(name.end - unit.count, unit.start, length: unit.count))
    }

    private func keyword() -> Keyword? {
        if bytes.has("HELP", at: at) { return .help }
        if bytes.has("TYPE", at: at) { return .type }
        if bytes.has("UNIT", at: at) { return .unit }
        return nil
    }

    private mutating func name() throws(LineError) -> ByteRange {
        if bytes.byte(at) == 0x22 {
            var scanner = LabelScanner(bytes: bytes, rules: .openMetrics, at: at)
            let name = try scanner.scanQuoted(allowsLineFeed: false)
            at = scanner.at
            return name
        }
        let start = at
        guard ByteClass.isMetricStart(bytes.byte(at)) else { throw .expectedMetadataName }
        while ByteClass.isMetricPart(bytes.byte(at)) { at += 1 }
        return ByteRange(start, at)
    }

    private mutating func skipBlanks() -> Int {
        let start = at
        while at < end, ByteClass.isBlank(bytes.byte(at)) { at += 1 }
        return at - start
    }

    private func trimmed(_ range: ByteRange) -> ByteRange {
        var out = range
        while out.start < out.end, ByteClass.isBlank(bytes.byte(out.start)) { out.start += 1 }
        while out.start < out.end, ByteClass.isBlank(bytes.byte(out.end - 1)) { out.end -= 1 }
        return out
    }
}
