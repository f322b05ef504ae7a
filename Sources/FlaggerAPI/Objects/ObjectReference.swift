/// Name and namespace of an object.
package struct ObjectReference: Sendable, Hashable {
    /// The name.
    package var name: String
    /// The namespace; where a text leaves it out, that of the referring object.
    package var namespace: String

    /// A reference.
    package init(name: String, namespace: String) {
        self.name = name
        self.namespace = namespace
    }
}

extension ObjectReference: CustomStringConvertible {
    /// `name.namespace`, as Flagger's texts have it.
    package var description: String { "\(name).\(namespace)" }
}
