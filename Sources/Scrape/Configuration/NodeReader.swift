internal import Documents
internal import Model

/// Reads values out of nodes and collects what is wrong with them. A value that can't be read is reported and given
/// as `nil`, so that one run finds all problems.
struct NodeReader {
    /// Found so far, in document order of reading.
    private(set) var problems: [ConfigurationProblem] = []
    /// The folder that relative paths begin in, ending in `/`; empty for the current one.
    private let folder: String

    /// A reader of a document that lies in `folder`.
    init(folder: String = "") { self.folder = folder.isEmpty || folder.hasSuffix("/") ? folder : folder + "/" }

    /// Reports an error.
    mutating func fail(_ location: SourceLocation, _ message: String) {
        problems.append(ConfigurationProblem(.error, at: location, message))
    }

    /// Reports a warning.
    mutating func warn(_ location: SourceLocation, _ message: String) {
        problems.append(ConfigurationProblem(.warning, at: location, message))
    }

    /// The entries of a mapping by key. Unknown and unsupported keys are errors, unused ones warnings, keys
    /// without value are left out.
    mutating func fields(_ node: Node, _ what: String, _ table: KeyTable) -> [String: Node] {
        guard case .mapping(let entries) = node.kind else {
            if !isNull(node) { fail(node.location, "\(what) must be a mapping") }
            return [:]
        }
        var out: [String: Node] = [:]
        for entry in entries {
            if table.unused.contains(entry.key) {
                warn(entry.keyLocation, "\(entry.key) has no effect here")
            } else if table.unsupported.contains(entry.key) {
                fail(entry.keyLocation, "\(entry.key) is not supported yet")
            } else if !table.used.contains(entry.key) {
                let hint = table.suggestion(for: entry.key).map { ", did you mean \($0)?" } ?? ""
                fail(entry.keyLocation, "unknown key \(GoQuote.quoted(entry.key)) in \(what)\(hint)")
            } else if !isNull(entry.value) {
                out[entry.key] = entry.value
            }
        }
        return out
    }

    /// Whether a node is YAML's null.
    func isNull(_ node: Node) -> Bool {
        guard case .scalar(let scalar) = node.kind, scalar.isPlain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.text)
    }

    /// A text; numbers and booleans count as written.
    mutating func text(_ node: Node?, _ what: String) -> String? {
        guard let node else { return nil }
        guard case .scalar(let scalar) = node.kind else {
            fail(node.location, "\(what) must be a text")
            return nil
        }
        return isNull(node) ? "" : scalar.text
    }

    /// A path; a relative one begins in the document's folder.
    mutating func path(_ node: Node?, _ what: String) -> String? {
        guard let text = text(node, what), !text.isEmpty else { return nil }
        return text.hasPrefix("/") ? text : folder + text
    }

    /// `true` or `false`, in the spellings YAML 1.1 has for plain scalars.
    mutating func flag(_ node: Node?, _ what: String) -> Bool? {
        guard let node else { return nil }
        if case .scalar(let scalar) = node.kind, scalar.isPlain {
            switch scalar.text.lowercased() {
            case "true", "yes", "on", "y": return true
            case "false", "no", "off", "n": return false
            default: break
            }
        }
        fail(node.location, "\(what) must be true or false")
        return nil
    }

    /// A whole number from 0 on.
    mutating func count(_ node: Node?, _ what: String) -> Int? {
        guard let node else { return nil }
        if case .scalar(let scalar) = node.kind, let value = Int(scalar.text), value >= 0 { return value }
        fail(node.location, "\(what) must be a whole number that is not negative")
        return nil
    }

    /// A duration such as `10s`.
    mutating func duration(_ node: Node?, _ what: String) -> Milliseconds? {
        guard let node, let text = text(node, what) else { return nil }
        do throws(PrometheusDuration.Failure) {
            return try PrometheusDuration.parse(text)
        } catch {
            fail(node.location, "\(what): \(error.description)")
            return nil
        }
    }

    /// A size such as `10MB`; all units are powers of 1024.
    mutating func size(_ node: Node?, _ what: String) -> Int? {
        guard let node, let text = text(node, what) else { return nil }
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count)
        let shifts = ["": 0, "B": 0, "K": 10, "M": 20, "G": 30, "T": 40]
        var letter = unit.uppercased()
        if letter.count > 1, letter.hasSuffix("B") { letter = String(letter.dropLast()) }
        if letter.count > 1, letter.hasSuffix("I") { letter = String(letter.dropLast()) }
        if let number = Int(digits), let shift = shifts[letter], number < 1 << (62 - shift) {
            return number << shift
        }
        fail(node.location, "\(what) must be a size such as 10MB")
        return nil
    }

    /// The items of a list.
    mutating func list(_ node: Node?, _ what: String) -> [Node] {
        guard let node else { return [] }
        guard case .sequence(let items) = node.kind else {
            fail(node.location, "\(what) must be a list")
            return []
        }
        return items
    }

    /// A list of texts.
    mutating func texts(_ node: Node?, _ what: String) -> [String] {
        list(node, what).compactMap { text($0, "an item of \(what)") }
    }

    /// The entries of a mapping with free keys.
    mutating func entries(_ node: Node?, _ what: String) -> [Node.Entry] {
        guard let node else { return [] }
        guard case .mapping(let entries) = node.kind else {
            fail(node.location, "\(what) must be a mapping")
            return []
        }
        return entries
    }

    /// A label set; `allowsMeta` admits names that begin with two underscores.
    mutating func labels(_ node: Node?, _ what: String) -> Labels {
        var out = Labels()
        for entry in entries(node, what) {
            if entry.key.isEmpty {
                fail(entry.keyLocation, "a label name in \(what) is empty")
            } else if let value = text(entry.value, "the label value of \(entry.key)") {
                out[entry.key] = value
            }
        }
        return out
    }
}
