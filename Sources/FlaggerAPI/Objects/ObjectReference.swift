import Model

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

    /// Whether both have the same bytes: canonically equal names are names of different objects.
    package static func == (left: ObjectReference, right: ObjectReference) -> Bool {
        left.name.equalsByBytes(right.name) && left.namespace.equalsByBytes(right.namespace)
    }

    /// Hashes the bytes of both names.
    package func hash(into hasher: inout Hasher) {
        ExactText(name).hash(into: &hasher)
        ExactText(namespace).hash(into: &hasher)
    }
}

extension ObjectReference: CustomStringConvertible {
    /// `name.namespace`, as Flagger's texts have it.
    package var description: String { "\(name).\(namespace)" }
}
