package import Documents
import Model

/// Credentials that users write into objects: in addresses, in headers and in what webhooks are sent. What is kept or shown has none.
package enum ObjectSecrets {
    private static let addresses: Set<String> = ["address", "metricsServer", "url", "proxy"]
    /// `kubectl apply` keeps the whole object as text in this annotation.
    private static let applied = "kubectl.kubernetes.io/last-applied-configuration"

    /// The object without credentials; `nil` where it has none.
    package static func hidden(_ node: Node) -> Node? { hidden(node, inHeaders: false, inWebhook: false) }

    private static func hidden(_ node: Node, inHeaders: Bool, inWebhook: Bool) -> Node? {
        switch node.kind {
        case .scalar: return nil
        case .sequence(let elements):
            let changed = elements.map { hidden($0, inHeaders: inHeaders, inWebhook: inWebhook) }
            guard changed.contains(where: { $0 != nil }) else { return nil }
            return Node(.sequence(zip(elements, changed).map { $1 ?? $0 }), at: node.location)
        case .mapping(let entries):
            let changed = entries.map { value(of: $0, inHeaders: inHeaders, inWebhook: inWebhook) }
            guard changed.contains(where: { $0 != nil }) else { return nil }
            let all = zip(entries, changed).map { entry, value in
                Node.Entry(key: entry.key, keyLocation: entry.keyLocation, value: value ?? entry.value)
            }
            return Node(.mapping(all), at: node.location)
        }
    }

    private static func value(of entry: Node.Entry, inHeaders: Bool, inWebhook: Bool) -> Node? {
        if inHeaders, MetricProvider.isSecret(header: entry.key), let masked = masked(entry.value) { return masked }
        if addresses.contains(entry.key) || entry.key == applied, case .scalar(let scalar) = entry.value.kind {
            let isWhole = entry.key == applied
            let text =
                isWhole ? "" : WebAddress.shown(scalar.text)
            if text == scalar.text { return nil }
            return Node(.scalar(Node.Scalar(text: text, isPlain: false)), at: entry.value.location)
        }
        // A webhook's metadata is a mapping of free keys, among them tokens and whole commands.
        if inWebhook, entry.key != "name", case .scalar(let scalar) = entry.value.kind {
            let text = scalar.text.lowercased()
            let isSecret =
                text.contains("://") && text.contains("@") || NodePath.secretWords.contains { text.contains($0) }
            return isSecret ? masked(entry.value) : nil
        }
        return hidden(
            entry.value, inHeaders: inHeaders || entry.key == "headers" || entry.key == "webhooks",
            inWebhook: inWebhook || entry.key == "webhooks")
    }

    /// Values of a header, replaced; `nil` for a condition on one, which is a mapping.
    private static func masked(_ node: Node) -> Node? {
        let hidden = Node(.scalar(Node.Scalar(text: "<secret>", isPlain: false)), at: node.location)
        switch node.kind {
        case .mapping: return nil
        case .sequence(let elements): return Node(.sequence(elements.map { _ in hidden }), at: node.location)
        case .scalar: return hidden
        }
    }
}
