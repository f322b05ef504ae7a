import Documents

/// An object beside the Canaries in the same files whose ports must fit theirs: a Service, an HTTPRoute, a workload.
package struct ClusterNeighbour: Sendable {
    /// What it is.
    package enum Kind: String, Sendable {
        case service = "Service"
        case route = "HTTPRoute"
        case deployment = "Deployment"
        case daemonSet = "DaemonSet"
    }

    /// What it is.
    package let kind: Kind
    /// Its name and namespace.
    package let reference: ObjectReference
    /// Where it was read. No decoder has looked at it: any part may be missing or of another type.
    package let source: DocumentSource

    /// An object of one of the kinds with a name; `nil` for any other.
    init?(_ node: Node, kind: String, file: String?, defaultNamespace: String) {
        guard let kind = Kind(rawValue: kind), let metadata = node["metadata"],
            let name = try? metadata["name"]?.string()
        else { return nil }
        self.kind = kind
        let namespace = (try? metadata["namespace"]?.string()).flatMap { $0.isEmpty ? nil : $0 }
        reference = ObjectReference(name: name, namespace: namespace ?? defaultNamespace)
        source = DocumentSource(node: node, file: file)
    }
}
