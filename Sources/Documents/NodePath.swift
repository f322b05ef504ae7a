/// The way from the root of a document to a value, as people write it: `spec.analysis.metrics[0].interval`.
package struct NodePath: Sendable, Hashable {
    /// The text; empty for the root.
    package let text: String

    /// A path from its text.
    package init(_ text: String = "") { self.text = text }

    /// The value of a key below this one. Keys with dots, brackets or spaces are quoted.
    package func key(_ key: String) -> NodePath {
        let plain = !key.isEmpty && key.utf8.allSatisfy { !Self.separators.contains($0) }
        if plain { return NodePath(text.isEmpty ? key : "\(text).\(key)") }
        return NodePath("\(text)[\"\(key)\"]")
    }

    /// An element of this list.
    package func index(_ index: Int) -> NodePath { NodePath("\(text)[\(index)]") }

    /// Whether this is `other`, or a value inside of it.
    package func isAtOrBelow(_ other: NodePath) -> Bool {
        guard text.utf8.starts(with: other.text.utf8) else { return false }
        guard let next = text.utf8.dropFirst(other.text.utf8.count).first else { return true }
        return other.text.isEmpty || next == UInt8(ascii: ".") || next == UInt8(ascii: "[")
    }

    /// Whether a key on the way is one of those that have credentials below them.
    package var mayHoldSecrets: Bool {
        let text = text.lowercased()
        if text.contains("webhooks[") && text.contains(".metadata") { return true }
        // A header below `match` is a condition on requests, and no credential.
        if text.contains("headers") && !text.contains("match[") { return true }
        return Self.secretWords.contains { text.contains($0) }
    }

    /// Parts of the names of keys and headers whose values are credentials, in lower case.
    package static let secretWords = [
        "authorization", "cookie", "token", "secret", "passw", "api-key", "apikey", "api_key", "credential", "bearer",
        "private-key", "privatekey", "private_key",
    ]

    /// The path and a colon, for the beginning of a message; empty for the root.
    var prefix: String { text.isEmpty ? "" : "\(text): " }

    private static let separators = Set(".[]\" \t\n".utf8)
}

extension NodePath: CustomStringConvertible {
    /// The text.
    package var description: String { text }
}
