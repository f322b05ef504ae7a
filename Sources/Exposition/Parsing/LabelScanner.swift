/// Scans the labels between the braces of a series or an exemplar.
struct LabelScanner {
    /// The differences between text, OpenMetrics and exemplars.
    struct Rules {
        /// Whether blanks and tabs may stand between tokens, and the comma between labels may be missing.
        var allowsBlanks: Bool
        /// Whether a value may hold a line feed.
        var allowsLineFeed: Bool
        /// Whether a quoted metric name may stand among the labels.
        var allowsName: Bool

        static let text = Rules(allowsBlanks: true, allowsLineFeed: true, allowsName: true)
        static let openMetrics = Rules(allowsBlanks: false, allowsLineFeed: false, allowsName: true)
        static let exemplar = Rules(allowsBlanks: false, allowsLineFeed: false, allowsName: false)
    }

    /// Labels of one line at most, far more than the store takes of a series. Prometheus has no such limit.
    static let labelsMax = 1_024

    let bytes: BodyBytes
    let rules: Rules
    /// Offset of the next byte: at first the one behind `{`, at the end the one behind `}`.
    var at: Int

    /// Scans through the closing brace. O(bytes).
    mutating func scan(into series: inout SeriesRanges) throws(LineError) {
        while true {
            skipBlanks()
            if bytes.byte(at) == 0x7d {
                at += 1
                return
            }
            let isQuoted = bytes.byte(at) == 0x22
            let name = try isQuoted ? scanQuoted(allowsLineFeed: true) : scanName()
            skipBlanks()
            let next = bytes.byte(at)
            if isQuoted, rules.allowsName, next == 0x2c || next == 0x7d {
                guard series.name == nil else { throw .nameAlreadySet }
                series.name = name
                if next == 0x2c { at += 1 }
                continue
            }
            guard next == 0x3d else { throw .expectedEqual }
            guard name.count > 0 else { throw .emptyName }
            at += 1
            skipBlanks()
            guard bytes.byte(at) == 0x22 else { throw .expectedLabelValue }
            let value = try scanQuoted(allowsLineFeed: rules.allowsLineFeed)
            guard series.pairs.count < Self.labelsMax else { throw .tooManyLabels }
            series.pairs.append(SeriesRanges.Pair(name: name, value: value))
            skipBlanks()
            if bytes.byte(at) == 0x2c {
                at += 1
            } else if !rules.allowsBlanks, bytes.byte(at) != 0x7d {
                throw .expectedComma
            }
        }
    }

    private mutating func skipBlanks() {
        guard rules.allowsBlanks else { return }
        while bytes.byte(at) == 0x20 || bytes.byte(at) == 0x09 { at += 1 }
    }

    /// `[A-Za-z_][A-Za-z0-9_]*`
    private mutating func scanName() throws(LineError) -> ByteRange {
        let start = at
        guard ByteClass.isLabelStart(bytes.byte(at)) else { throw .expectedLabelName }
        while ByteClass.isLabelPart(bytes.byte(at)) { at += 1 }
        return ByteRange(start, at)
    }

    /// Scans a double-quoted string, in which a backslash escapes the next byte. Returns the range between the quotes.
    mutating func scanQuoted(allowsLineFeed: Bool) throws(LineError) -> ByteRange {
        at += 1
        let start = at
        var isASCII = true
        while true {
            let byte = bytes.byte(at)
            switch byte {
            case 0x22:
                let inside = ByteRange(start, at)
                at += 1
                guard isASCII || bytes.isValidUTF8(inside) else { throw .invalidUTF8 }
                return inside
            case 0x5c:
                guard at + 1 < bytes.count, bytes.byte(at + 1) != 0x0a else { throw .unterminatedString }
                at += 1
                if bytes.byte(at) >= 0x80 { isASCII = false }
            case 0x0a:
                guard allowsLineFeed else { throw .unterminatedString }
            case 0:
                guard at < bytes.count else { throw .unterminatedString }
            default:
                if byte >= 0x80 { isASCII = false }
            }
            at += 1
        }
    }
}

/// Classes of bytes.
enum ByteClass {
    /// `[A-Za-z_]`
    @inline(__always)
    static func isLabelStart(_ byte: UInt8) -> Bool {
        (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a) || byte == 0x5f
    }

    /// `[A-Za-z0-9_]`
    @inline(__always)
    static func isLabelPart(_ byte: UInt8) -> Bool { isLabelStart(byte) || (byte >= 0x30 && byte <= 0x39) }

    /// `[A-Za-z_:]`
    @inline(__always)
    static func isMetricStart(_ byte: UInt8) -> Bool { isLabelStart(byte) || byte == 0x3a }

    /// `[A-Za-z0-9_:]`
    @inline(__always)
    static func isMetricPart(_ byte: UInt8) -> Bool { isLabelPart(byte) || byte == 0x3a }

    /// Blank or tab.
    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
