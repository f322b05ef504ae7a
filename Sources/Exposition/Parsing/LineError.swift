private import Model

/// Why one line of an exposition can't be read.
package enum LineError: Error, Sendable, Hashable {
    /// The line begins with none of: a metric name, `{`, `#`.
    case unexpectedStart(UInt8)
    /// HELP, TYPE or UNIT without a metric name.
    case expectedMetadataName
    /// HELP, TYPE or UNIT without a text.
    case expectedMetadataText
    /// A HELP text that is not UTF-8.
    case invalidHelp
    /// A TYPE that the format does not know.
    case invalidType(String)
    /// A UNIT that is not a suffix of the metric name.
    case invalidUnit(String)
    /// A comment that OpenMetrics does not allow.
    case unexpectedComment
    /// Inside braces: neither a label name nor `}`.
    case expectedLabelName
    /// More labels than `LabelScanner.labelsMax`.
    case tooManyLabels
    /// A label name without `=`.
    case expectedEqual
    /// No quoted value after `=`.
    case expectedLabelValue
    /// OpenMetrics wants a comma between labels.
    case expectedComma
    /// A quoted string that does not end.
    case unterminatedString
    /// A quoted string that is not UTF-8.
    case invalidUTF8
    /// An empty quoted name.
    case emptyName
    /// A second metric name inside braces.
    case nameAlreadySet
    /// A label set without metric name.
    case nameMissing
    /// The same label name twice.
    case duplicateLabel(String)
    /// No value after the series.
    case expectedValue
    /// A value that is no number, or too large for one.
    case invalidNumber(String)
    /// A timestamp that is none.
    case invalidTimestamp(String)
    /// Further text after the last field of the line.
    case trailingText
    /// OpenMetrics: the body ends inside this line.
    case unexpectedEnd
    /// OpenMetrics: something follows `# EOF`.
    case dataAfterEnd
}

extension LineError: CustomStringConvertible {
    /// What was wanted and what was found.
    package var description: String {
        switch self {
        case .unexpectedStart(let byte):
            "expected a metric name, \"{\" or \"#\", found \(Self.shown(byte))"
        case .expectedMetadataName: "expected a metric name after HELP, TYPE or UNIT"
        case .expectedMetadataText: "expected a text after the metric name of HELP, TYPE or UNIT"
        case .invalidHelp: "the HELP text is not valid UTF-8"
        case .invalidType(let word): "invalid metric type \(GoQuote.quoted(word))"
        case .invalidUnit(let unit): "unit \(GoQuote.quoted(unit)) is not a suffix of the metric name"
        case .unexpectedComment: "OpenMetrics allows no comment but HELP, TYPE, UNIT and EOF"
        case .expectedLabelName: "expected a label name or \"}\""
        case .tooManyLabels: "the series has more than \(LabelScanner.labelsMax) labels"
        case .expectedEqual: "expected \"=\" after the label name"
        case .expectedLabelValue: "expected a label value in double quotes"
        case .expectedComma: "expected \",\" or \"}\" after a label value"
        case .unterminatedString: "a double quote is not closed"
        case .invalidUTF8: "a quoted text is not valid UTF-8"
        case .emptyName: "a quoted name is empty"
        case .nameAlreadySet: "the metric name is given twice"
        case .nameMissing: "the metric name is missing"
        case .duplicateLabel(let name): "label name \(GoQuote.quoted(name)) is not unique"
        case .expectedValue: "expected a value after the series"
        case .invalidNumber(let text): "\(GoQuote.quoted(text)) is not a number"
        case .invalidTimestamp(let text): "\(GoQuote.quoted(text)) is not a timestamp"
        case .trailingText: "unexpected text after the last field"
        case .unexpectedEnd: "the body ends inside this line"
        case .dataAfterEnd: "unexpected data after # EOF"
        }
    }

    private static func shown(_ byte: UInt8) -> String {
        byte > 0x20 && byte < 0x7f
            ? GoQuote.quoted(String(Character(Unicode.Scalar(byte)))) : "byte 0x" + String(byte, radix: 16)
    }
}
