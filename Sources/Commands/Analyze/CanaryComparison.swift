import Console
import Documents
import FlaggerAPI

/// What differs between the Canaries of two environments, by name and path.
struct CanaryComparison {
    /// A value that is not the same on both sides.
    struct Difference: Equatable {
        /// Name of the Canary.
        var canary: String
        /// Path of the value; empty where one side has no such Canary.
        var path: String
        /// The value on either side; `nil` where there is none.
        var left: String?
        var right: String?
    }

    /// Keys that a cluster adds or that differ between environments as a matter of course.
    private static let ignored: Set<String> = [
        "metadata.namespace", "metadata.resourceVersion", "metadata.uid", "metadata.generation",
        "metadata.creationTimestamp", "metadata.managedFields", "metadata.selfLink", "status",
        "metadata.annotations.kubectl.kubernetes.io/last-applied-configuration",
    ]

    /// The differences, Canaries by name, values in the order of the left side's document.
    static func differences(_ left: ObjectFile, _ right: ObjectFile) -> [Difference] {
        let (leftNodes, rightNodes) = (nodes(left), nodes(right))
        return Set(leftNodes.keys).union(rightNodes.keys).sorted().flatMap { name -> [Difference] in
            guard let own = leftNodes[name], let other = rightNodes[name] else {
                return [
                    Difference(
                        canary: name, path: "", left: leftNodes[name] == nil ? nil : "there",
                        right: rightNodes[name] == nil ? nil : "there")
                ]
            }
            let (first, second) = (values(own), values(other))
            let others = Dictionary(second) { first, _ in first }
            let owns = Dictionary(first) { first, _ in first }
            let changed = first.compactMap { path, value in
                others[path] == value ? nil : Difference(canary: name, path: path, left: value, right: others[path])
            }
            let added = second.compactMap { path, value in
                owns[path] == nil ? Difference(canary: name, path: path, left: nil, right: value) : nil
            }
            return changed + added
        }
    }

    /// Canaries by name: their namespaces are those of the environments.
    private static func nodes(_ file: ObjectFile) -> [String: Node] {
        Dictionary(file.canaries.map { ($0.value.reference.name, $0.node) }) { _, last in last }
    }

    /// The scalars of a document with their paths. Elements of lists that have a name are called by it, so that an inserted one
    /// does not make all that follow differ.
    private static func values(_ node: Node, _ path: String = "") -> [(String, String)] {
        if ignored.contains(path) { return [] }
        switch node.kind {
        case .scalar(let scalar): return [(path, scalar.text)]
        case .mapping(let entries):
            return entries.flatMap { values($0.value, path.isEmpty ? $0.key : "\(path).\($0.key)") }
        case .sequence(let elements):
            return elements.enumerated().flatMap { index, element in
                let name = element["name"].flatMap { try? $0.string() } ?? String(index)
                return values(element, "\(path)[\(name)]")
            }
        }
    }
}
