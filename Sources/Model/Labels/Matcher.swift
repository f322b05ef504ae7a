/// One label matcher of a selector. An absent label has the value "".
package struct Matcher: Sendable, Hashable {
    /// The four ways to match.
    package enum Kind: String, Sendable, Hashable {
        /// `=`: the value has exactly these bytes.
        case equal = "="
        /// `!=`: it has not.
        case notEqual = "!="
        /// `=~`: RE2 matches the whole value.
        case regex = "=~"
        /// `!~`: it does not.
        case notRegex = "!~"
    }

    /// How to match.
    package let kind: Kind
    /// Which label.
    package let name: String
    /// The value or pattern as written.
    package let value: String
    private let pattern: ValuePattern

    /// A matcher; throws when a pattern does not compile.
    package init(_ kind: Kind, _ name: String, _ value: String) throws(RegularExpressionError) {
        self.kind = kind
        self.name = name
        self.value = value
        switch kind {
        case .equal, .notEqual: pattern = .literals([value])
        case .regex, .notRegex: pattern = try ValuePattern(regex: value)
        }
    }

    /// An equality matcher, which can't fail.
    package init(name: String, equals value: String) {
        kind = .equal
        self.name = name
        self.value = value
        pattern = .literals([value])
    }

    /// Whether the matcher is one of the two negative kinds.
    package var isNegative: Bool { kind == .notEqual || kind == .notRegex }

    /// Whether `candidate` passes.
    package func matches(_ candidate: String) -> Bool { pattern.matches(candidate) != isNegative }

    /// Whether a series without the label passes.
    package var matchesEmpty: Bool { matches("") }

    /// The complete list of values that a positive matcher accepts, if it is a plain list. An index can look
    /// these up instead of testing every value.
    package var acceptedValues: [String]? {
        guard !isNegative, case .literals(let values) = pattern else { return nil }
        return values
    }

    /// The text every accepted value begins with; empty when nothing is known or the matcher is negative.
    package var acceptedPrefix: String {
        guard !isNegative, case .prefixed(let prefix, _) = pattern else { return "" }
        return prefix
    }

    /// Same kind, name and text.
    package static func == (left: Matcher, right: Matcher) -> Bool {
        left.kind == right.kind && left.name.equalsByBytes(right.name) && left.value.equalsByBytes(right.value)
    }

    /// Hash of kind, name and text.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        hasher.combine(Label(name, value))
    }
}

extension Matcher: CustomStringConvertible {
    /// `name="value"`, the name quoted where it must be.
    package var description: String {
        let shown = LabelName.isLegacyValid(name) ? name : GoQuote.quoted(name)
        return "\(shown)\(kind.rawValue)\(GoQuote.quoted(value))"
    }
}

/// What a pattern accepts, with the cheap cases taken out before RE2: most patterns in use are a literal, a list
/// of literals (`a|b|c`), or a literal with `.*` or `.+` behind it.
private enum ValuePattern: Sendable {
    case literals([String])
    /// A value must begin with `prefix`; `regex` then decides, `nil` when any rest will do.
    case prefixed(String, RegularExpression?)
    /// A value must begin with `prefix` and have at least one byte more.
    case prefixedNonEmpty(String)
    case general(RegularExpression)

    init(regex text: String) throws(RegularExpressionError) {
        if let literals = Self.alternatives(text) {
            self = .literals(literals)
            return
        }
        if text.hasSuffix(".*"), let prefix = Self.literal(text.dropLast(2)) {
            self = .prefixed(prefix, nil)
            return
        }
        if text.hasSuffix(".+"), let prefix = Self.literal(text.dropLast(2)) {
            self = .prefixedNonEmpty(prefix)
            return
        }
        let compiled = try RegularExpression(anchored: text)
        let prefix = Self.leadingLiteral(text)
        self = prefix.isEmpty ? .general(compiled) : .prefixed(prefix, compiled)
    }

    func matches(_ candidate: String) -> Bool {
        switch self {
        case .literals(let values): return values.contains { $0.equalsByBytes(candidate) }
        case .prefixed(let prefix, let rest):
            guard candidate.utf8.starts(with: prefix.utf8) else { return false }
            return rest?.matches(candidate) ?? true
        case .prefixedNonEmpty(let prefix):
            return candidate.utf8.count > prefix.utf8.count && candidate.utf8.starts(with: prefix.utf8)
        case .general(let regex): return regex.matches(candidate)
        }
    }

    private static let special = Set(#"\.+*?()|[]{}^$"#.utf8)

    private static func literal(_ text: Substring) -> String? {
        text.utf8.contains { special.contains($0) } ? nil : String(text)
    }

    private static func alternatives(_ text: String) -> [String]? {
        var out: [String] = []
        for part in text.split(separator: "|", omittingEmptySubsequences: false) {
            guard let value = literal(part) else { return nil }
            out.append(value)
        }
        return out
    }

    /// The literal every match begins with. A quantifier takes the byte before it back, and any alternation could
    /// begin otherwise, so then nothing is known.
    private static func leadingLiteral(_ text: String) -> String {
        if text.utf8.contains(0x7c) { return "" }
        var prefix: [UInt8] = []
        for byte in text.utf8 {
            if special.contains(byte) {
                if byte == 0x2a || byte == 0x3f || byte == 0x7b || byte == 0x2b {
                    while let last = prefix.popLast(), last & 0xc0 == 0x80 {}
                }
                break
            }
            prefix.append(byte)
        }
        return String(decoding: prefix, as: UTF8.self)
    }
}
