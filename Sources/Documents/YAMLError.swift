import Model

/// Why a document can't be read, or a value of it can't be used. Every case has its location, but for `tooLarge`.
package enum YAMLError: Error, Sendable, Equatable {
    /// The text is no YAML or JSON.
    case syntax(message: String, at: SourceLocation)
    /// The text is larger than the reader's limit.
    case tooLarge(bytes: Int, limit: Int)
    /// More lists and mappings inside each other than the reader's limit.
    case tooDeep(limit: Int, at: SourceLocation)
    /// More values than the reader's limit. A value that aliases repeat counts each time.
    case tooManyNodes(limit: Int, at: SourceLocation)
    /// A mapping has the key twice.
    case duplicateKey(String, first: SourceLocation, at: SourceLocation)
    /// `*name` before any `&name`.
    case unknownAlias(String, at: SourceLocation)
    /// A mapping key that is a list or a mapping.
    case keyIsNoText(at: SourceLocation)
    /// A tag that has no meaning in the core schema.
    case unsupportedTag(String, at: SourceLocation)
    /// A value of the wrong kind.
    case wrongType(path: NodePath, wanted: String, found: String, at: SourceLocation)
    /// A value of the right kind that is not acceptable.
    case invalidValue(path: NodePath, message: String, at: SourceLocation)
    /// A key that must be there.
    case missingKey(path: NodePath, key: String, at: SourceLocation)
    /// A key that the decoder does not know.
    case unknownKey(path: NodePath, key: String, suggestion: String?, at: SourceLocation)

    /// The location; `nil` when the text as a whole is meant.
    package var location: SourceLocation? {
        switch self {
        case .tooLarge: nil
        case .syntax(_, let at), .tooDeep(_, let at), .tooManyNodes(_, let at), .duplicateKey(_, _, let at),
            .unknownAlias(_, let at), .keyIsNoText(let at), .unsupportedTag(_, let at), .wrongType(_, _, _, let at),
            .invalidValue(_, _, let at), .missingKey(_, _, let at), .unknownKey(_, _, _, let at):
            at
        }
    }

    /// The path of the value that is meant, `nil` for errors of reading.
    package var path: NodePath? {
        switch self {
        case .wrongType(let path, _, _, _), .invalidValue(let path, _, _): path
        case .missingKey(let path, let key, _), .unknownKey(let path, let key, _, _): path.key(key)
        default: nil
        }
    }

    /// What is wrong, in one sentence, without the location. Keys and values that the sentence names are escaped: no document can
    /// write lines of its own into the output.
    package var message: String { Printable.text(sentence) }

    private var sentence: String {
        switch self {
        case .syntax(let message, _): return message
        case .tooLarge(let bytes, let limit): return "the document has \(bytes) bytes; at most \(limit) are read"
        case .tooDeep(let limit, _): return "values are nested more than \(limit) levels deep"
        case .tooManyNodes(let limit, _): return "the document has more than \(limit) values, aliases expanded"
        case .duplicateKey(let key, let first, _):
            return "the key \"\(key)\" stands here again; it was first at \(first)"
        case .unknownAlias(let name, _): return "the alias *\(name) has no anchor &\(name) before it"
        case .keyIsNoText: return "a key must be a text, not a list or a mapping"
        case .unsupportedTag(let tag, _): return "the tag \(tag) is not supported"
        case .wrongType(let path, let wanted, let found, _): return "\(path.prefix)wanted \(wanted), found \(found)"
        case .invalidValue(let path, let message, _): return "\(path.prefix)\(message)"
        case .missingKey(let path, let key, _): return "\(path.prefix)the key \"\(key)\" is missing"
        case .unknownKey(let path, let key, let suggestion, _):
            let hint = suggestion.map { "; did you mean \"\($0)\"?" } ?? ""
            return "\(path.prefix)unknown key \"\(key)\"\(hint)"
        }
    }
}

extension YAMLError: CustomStringConvertible {
    /// `12:5: spec.analysis.interval: wanted a text, found the number 3`
    package var description: String { location.map { "\($0): \(message)" } ?? message }
}
