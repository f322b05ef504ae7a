import Documents

/// What every Kubernetes object begins with.
struct ObjectHeader {
    var reference: ObjectReference
    var annotations: [String: String] = [:]

    /// The other keys of Kubernetes' ObjectMeta.
    private static let otherKeys = [
        "generateName", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
        "deletionGracePeriodSeconds", "labels", "ownerReferences", "finalizers", "managedFields", "clusterName",
    ]

    /// Reads `metadata`; `defaultNamespace` stands in for a missing namespace, as `kubectl` has it.
    init(
        _ root: inout ObjectReader, defaultNamespace: String, collector: FindingCollector
    ) throws(YAMLError) {
        root.ignore("apiVersion", "kind", "status")
        var metadata = try root.requiredObject("metadata")
        let name = try metadata.requiredString("name")
        let given = collector.optional { () throws(YAMLError) in try metadata.string("namespace") }
        // Empty counts as absent, as Kubernetes has it.
        let namespace = given.flatMap { $0.isEmpty ? nil : $0 }
        if let problem = KubernetesName.problem(ofName: name) { throw metadata.invalid("name", problem) }
        if let namespace, let problem = KubernetesName.problem(ofNamespace: namespace) {
            throw metadata.invalid("namespace", problem)
        }
        reference = ObjectReference(name: name, namespace: namespace ?? defaultNamespace)
        annotations = collector.attempt { () throws(YAMLError) in try metadata.stringMap("annotations") } ?? [:]
        for key in Self.otherKeys { metadata.ignore(key) }
        collector.refuseUnknown(metadata)
    }
}
