import Documents
import Model

/// Keeps secrets of a configuration off the status page.
enum SecretText {
    private static let placeholder = "<secret>"
    private static let names: Set<String> = [
        "password", "bearer_token", "credentials", "client_secret", "secret", "secrets", "secret_key", "token",
        "api_key",
        "passphrase", "key",
    ]
    private static let endings = ["password", "_secret", "_token", "_secret_key", "_api_key"]

    /// The configuration as YAML with secrets replaced by `<secret>`, as Prometheus shows them, and URLs without user and
    /// password. It is written anew from what was read, so that no way of writing a secret is overlooked; comments are
    /// lost. Empty for a text that is no YAML.
    static func hidden(_ text: String) -> String {
        guard let documents = try? YAMLReader.documents(text) else { return "" }
        var lines: [String] = []
        for document in documents { append(document, indent: 0, to: &lines) }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func isSecret(_ key: String) -> Bool {
        let name = key.lowercased()
        return names.contains(name) || endings.contains { name.hasSuffix($0) }
    }

    private static func append(_ node: Node, indent: Int, to lines: inout [String]) {
        let margin = String(repeating: " ", count: indent)
        switch node.kind {
        case .mapping(let entries) where !entries.isEmpty:
            for entry in entries {
                let key = Self.text(Node.Scalar(text: entry.key, isPlain: false))
                if isSecret(entry.key), hasText(entry.value) {
                    lines.append("\(margin)\(key): \(placeholder)")
                } else {
                    append(entry.value, after: "\(margin)\(key):", indent: indent + 2, to: &lines)
                }
            }
        case .sequence(let elements) where !elements.isEmpty:
            for element in elements { append(element, after: "\(margin)-", indent: indent + 2, to: &lines) }
        default: lines.append(margin + inline(node))
        }
    }

    private static func append(_ node: Node, after lead: String, indent: Int, to lines: inout [String]) {
        switch node.kind {
        case .mapping(let entries) where !entries.isEmpty:
            lines.append(lead)
            append(node, indent: indent, to: &lines)
        case .sequence(let elements) where !elements.isEmpty:
            lines.append(lead)
            append(node, indent: indent, to: &lines)
        default: lines.append("\(lead) \(inline(node))")
        }
    }

    private static func inline(_ node: Node) -> String {
        switch node.kind {
        case .mapping: return "{}"
        case .sequence: return "[]"
        case .scalar(let scalar): return text(scalar)
        }
    }

    /// Whether there is something to hide: a value that is there and is not a mapping with keys of its own.
    private static func hasText(_ node: Node) -> Bool {
        if case .mapping = node.kind { return false }
        return !node.isNull
    }

    /// A scalar: as it was where it needs no quotes, else as JSON writes it, which YAML reads too.
    private static func text(_ scalar: Node.Scalar) -> String {
        let shown = scalar.text.contains("://") ? WebAddress.withoutCredentials(scalar.text) : scalar.text
        if scalar.isPlain, !shown.isEmpty { return shown }
        let isSimple =
            shown.first?.isLetter == true && Node.Scalar(text: shown, isPlain: true).value == .string(shown)
            && shown.utf8.allSatisfy { byte in
                (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte == 0x5f
                    || byte == 0x2d
            }
        if isSimple { return shown }
        var json = JSONWriter()
        json.string(shown)
        return json.text
    }
}
