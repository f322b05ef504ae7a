internal import Documents
internal import Model

/// Reads the values of a configuration and collects findings. A value that can't be read is reported and given as `nil`, so
/// that one run finds all errors.
///
/// `Documents.ObjectReader` is the reader of Kubernetes objects. The two differ in what they are for: that one throws at the
/// first error, words it with the path of the value and learns the known keys from what is asked for; this one goes on,
/// words errors as Prometheus does and has `KeyTable`s, which also know keys that Prometheus has and Haldane has not. What a
/// node means as null, text, boolean, whole number, list or mapping is decided by `Node` alone for both.
struct NodeReader {
    /// Errors and warnings so far, in the order of reading.
    private(set) var findings: [Finding] = []
    /// The folder that relative paths begin in, ending in `/`; empty for the current one.
    private let folder: String
    private let file: String?

    /// A reader of a document that lies in `folder`. `file` is its name in findings.
    init(folder: String = "", file: String? = nil) {
        self.folder = folder.isEmpty || folder.hasSuffix("/") ? folder : folder + "/"
        self.file = file
    }

    /// The first error.
    var firstError: Finding? { findings.first { $0.severity == .error } }

    /// Reports an error.
    mutating func fail(_ location: SourceLocation, _ message: String) {
        findings.append(Finding(.error, message, file: file, location: location))
    }

    /// Reports a warning.
    mutating func warn(_ location: SourceLocation, _ message: String) {
        findings.append(Finding(.warning, message, file: file, location: location))
    }

    /// The entries of a mapping by key. Unknown and unsupported keys are errors, unused ones warnings, keys
    /// without value are left out.
    mutating func fields(_ node: Node, _ what: String, _ table: KeyTable) -> [String: Node] {
        guard !node.isNull else { return [:] }
        var out: [String: Node] = [:]
        for entry in entries(node, what) {
            if table.unused.contains(entry.key) {
                warn(entry.keyLocation, "\(entry.key) has no effect here")
            } else if table.unsupported.contains(entry.key) {
                fail(entry.keyLocation, "\(entry.key) is not supported yet")
            } else if !table.used.contains(entry.key) {
                let hint = table.suggestion(for: entry.key).map { ", did you mean \($0)?" } ?? ""
                fail(entry.keyLocation, "unknown key \(GoQuote.quoted(entry.key)) in \(what)\(hint)")
            } else if !entry.value.isNull {
                out[entry.key] = entry.value
            }
        }
        return out
    }

    /// A text; numbers and booleans count as written, null is empty.
    mutating func text(_ node: Node?, _ what: String) -> String? {
        guard let node else { return nil }
        if node.isNull { return "" }
        if let text = try? node.anyText() { return text }
        fail(node.location, "\(what) must be a text")
        return nil
    }

    /// A path; a relative one begins in the document's folder.
    mutating func path(_ node: Node?, _ what: String) -> String? {
        guard let text = text(node, what), !text.isEmpty else { return nil }
        return text.hasPrefix("/") ? text : folder + text
    }

    /// `true` or `false`, in the spellings that YAML 1.1 has for plain scalars.
    mutating func flag(_ node: Node?, _ what: String) -> Bool? {
        guard let node else { return nil }
        if let flag = try? node.bool() { return flag }
        fail(node.location, "\(what) must be true or false")
        return nil
    }

    /// A whole number from 0 on; digits in quotes count too.
    mutating func count(_ node: Node?, _ what: String) -> Int? {
        guard let node else { return nil }
        let number = (try? node.int()) ?? (try? node.anyText()).flatMap { Int($0) }
        if let number, number >= 0 { return number }
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
        if let items = try? node.elements() { return items }
        fail(node.location, "\(what) must be a list")
        return []
    }

    /// A list of texts.
    mutating func texts(_ node: Node?, _ what: String) -> [String] {
        list(node, what).compactMap { text($0, "an item of \(what)") }
    }

    /// The entries of a mapping with free keys.
    mutating func entries(_ node: Node?, _ what: String) -> [Node.Entry] {
        guard let node else { return [] }
        if let entries = try? node.entries() { return entries }
        fail(node.location, "\(what) must be a mapping")
        return []
    }

    /// A label set. Names are free, those that begin with two underscores included.
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
