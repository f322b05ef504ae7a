import Documents

/// Finds what a renderer should have replaced in an object: `${NS}`, `$ns`, double braces.
///
/// Looks at every text of the object but those that are programs or templates of their own: commands of webhooks, annotations,
/// queries (`Analyzer.MatcherLint` looks at those, rendered). A query is searched for Helm's actions only.
enum LeftoverReader {
    private static let kinds = ["Canary", "MetricTemplate", "AlertProvider"]

    /// A warning for each such text of an object of Flagger; none for other objects.
    static func findings(_ node: Node, kind: String, file: String?) -> [Finding] {
        guard kinds.contains(kind) else { return [] }
        var findings: [Finding] = []
        walk(node, NodePath()) { path, text, location in
            guard let message = message(text, path) else { return }
            findings.append(
                Finding(
                    .warning, "\(path): \(message)", object: name(node, kind), path: path, file: file,
                    location: location))
        }
        return findings
    }

    private static func name(_ node: Node, _ kind: String) -> String {
        guard let metadata = node["metadata"], let name = try? metadata["name"]?.string() else { return kind }
        let namespace = (try? metadata["namespace"]?.string()) ?? CanaryDecoder.defaultNamespace
        return "\(kind) \(name).\(namespace)"
    }

    private static func walk(_ node: Node, _ path: NodePath, _ visit: (NodePath, String, SourceLocation) -> Void) {
        switch node.kind {
        case .scalar(let scalar): visit(path, scalar.text, node.location)
        case .sequence(let elements):
            for (index, element) in elements.enumerated() { walk(element, path.index(index), visit) }
        case .mapping(let entries):
            for entry in entries where !isForeign(entry.key, path) { walk(entry.value, path.key(entry.key), visit) }
        }
    }

    /// Parts with a language of their own.
    private static func isForeign(_ key: String, _ path: NodePath) -> Bool {
        switch path.text {
        case "": key == "status"
        case "metadata": ["annotations", "labels", "managedFields", "ownerReferences"].contains(key)
        default: key == "metadata" && path.text.contains(".webhooks[")
        }
    }

    private static func message(_ text: String, _ path: NodePath) -> String? {
        let isQuery = path.text == "spec.query" || path.text.hasSuffix("].query")
        if let action = HelmMark.helmOnly(in: text) { return "\(HelmMark.message(action)): \(HelmMark.cure)" }
        if isQuery { return nil }
        // A password may hold a dollar sign.
        if path.mayHoldSecrets || text.utf8.contains(0x40) { return nil }
        if let variable = Leftover.variable(in: text) {
            return
                "\(variable) stands in it, which nothing replaces here: render the file first (envsubst, kustomize, helm), "
                + "or write the value itself"
        }
        guard text.firstRange(of: "{{") != nil || text.firstRange(of: "}}") != nil else { return nil }
        return "double braces stand in it, which only queries may have: a template was not replaced"
    }
}
