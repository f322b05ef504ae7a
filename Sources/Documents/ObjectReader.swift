/// Reads the values of one mapping by key, throws at the first wrong one, and notes which keys were asked for: the others are
/// unknown to the decoder. `NodeReader` of the scrape configuration is the reader that goes on after an error; it says how the
/// two differ, and `NodeReaderTests` hold them equal where they must not.
///
/// A key whose value is null counts as absent, as Kubernetes and Go's readers have it.
package struct ObjectReader: Sendable {
    /// Path of the mapping in the document.
    package let path: NodePath
    /// Location of the mapping in the text.
    package let location: SourceLocation
    private let entries: [Node.Entry]
    private var known: Set<Key> = []

    /// A reader of a mapping; anything else is an error.
    package init(_ node: Node, path: NodePath = NodePath()) throws(YAMLError) {
        self.path = path
        location = node.location
        entries = try node.entries(at: path)
    }

    /// The value of a key, `nil` when it is absent or null.
    package mutating func node(_ key: String) -> Node? {
        known.insert(Key(text: key))
        guard let node = entries.first(where: { $0.key.utf8.elementsEqual(key.utf8) })?.value else { return nil }
        return node.isNull ? nil : node
    }

    /// The value of a key that must be there.
    package mutating func requiredNode(_ key: String) throws(YAMLError) -> Node {
        guard let node = node(key) else { throw .missingKey(path: path, key: key, at: location) }
        return node
    }

    /// A text, `nil` when absent.
    package mutating func string(_ key: String) throws(YAMLError) -> String? { try read(key, Node.string(at:)) }

    /// Any scalar as text, `nil` when absent.
    package mutating func anyText(_ key: String) throws(YAMLError) -> String? {
        try read(key, Node.anyText(at:))
    }

    /// A whole number, `nil` when absent.
    package mutating func int(_ key: String) throws(YAMLError) -> Int? { try read(key, Node.int(at:)) }

    /// A number, `nil` when absent.
    package mutating func double(_ key: String) throws(YAMLError) -> Double? { try read(key, Node.double(at:)) }

    /// `true` or `false`, `nil` when absent.
    package mutating func bool(_ key: String) throws(YAMLError) -> Bool? { try read(key, Node.bool(at:)) }

    /// A text that must be there and not be empty.
    package mutating func requiredString(_ key: String) throws(YAMLError) -> String {
        let text = try requiredNode(key).string(at: path.key(key))
        guard !text.isEmpty else { throw invalid(key, "must not be empty") }
        return text
    }

    /// A whole number that must be there.
    package mutating func requiredInt(_ key: String) throws(YAMLError) -> Int {
        try requiredNode(key).int(at: path.key(key))
    }

    /// A mapping, `nil` when absent.
    package mutating func object(_ key: String) throws(YAMLError) -> ObjectReader? {
        guard let node = node(key) else { return nil }
        return try ObjectReader(node, path: path.key(key))
    }

    /// A mapping that must be there.
    package mutating func requiredObject(_ key: String) throws(YAMLError) -> ObjectReader {
        try ObjectReader(try requiredNode(key), path: path.key(key))
    }

    /// The elements of a list with their paths, none when absent.
    package mutating func elements(_ key: String) throws(YAMLError) -> [(node: Node, path: NodePath)] {
        guard let node = node(key) else { return [] }
        let listPath = path.key(key)
        return try node.elements(at: listPath).enumerated().map { ($0.element, listPath.index($0.offset)) }
    }

    /// A list of texts, empty when absent.
    package mutating func strings(_ key: String) throws(YAMLError) -> [String] {
        try elements(key).map { element throws(YAMLError) in try element.node.string(at: element.path) }
    }

    /// A mapping from texts to texts, empty when absent.
    package mutating func stringMap(_ key: String) throws(YAMLError) -> [String: String] {
        guard let node = node(key) else { return [:] }
        var out: [String: String] = [:]
        for entry in try node.entries(at: path.key(key)) {
            out[entry.key] = try entry.value.string(at: path.key(key).key(entry.key))
        }
        return out
    }

    /// Marks keys as known that no decoder reads.
    package mutating func ignore(_ keys: String...) {
        for key in keys { known.insert(Key(text: key)) }
    }

    /// An error about the value of a key, located at the value, or at the mapping when the key is absent.
    package func invalid(_ key: String, _ message: String) -> YAMLError {
        let location = entries.first { $0.key.utf8.elementsEqual(key.utf8) }?.value.location ?? self.location
        return .invalidValue(path: path.key(key), message: message, at: location)
    }

    /// An error for each key that was never asked for, in document order, with the known key that is nearest. At most 50.
    package func unknownKeys() -> [YAMLError] {
        entries.lazy.filter { !known.contains(Key(text: $0.key)) }.prefix(50).map { entry in
            let suggestion = Suggestion.nearest(to: entry.key, in: known.map(\.text))
            return .unknownKey(path: path, key: entry.key, suggestion: suggestion, at: entry.keyLocation)
        }
    }

    /// Throws for the first key that was never asked for.
    package func finish() throws(YAMLError) {
        if let first = unknownKeys().first { throw first }
    }

    private mutating func read<Value>(
        _ key: String, _ convert: (Node) -> (NodePath) throws(YAMLError) -> Value
    ) throws(YAMLError) -> Value? {
        guard let node = node(key) else { return nil }
        return try convert(node)(path.key(key))
    }
}
