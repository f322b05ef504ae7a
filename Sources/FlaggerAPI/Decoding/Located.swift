package import Documents

/// A value together with where it and its parts stand in a file.
package struct Located<Value: Sendable>: Sendable {
    /// The value.
    package var value: Value
    /// The places of its parts.
    package var places: DocumentPlaces

    /// A value with its places.
    package init(_ value: Value, places: DocumentPlaces) {
        self.value = value
        self.places = places
    }
}

/// The place of every value of one document, by path.
package struct DocumentPlaces: Sendable {
    /// The file, `nil` for a request or an object of the cluster.
    package var file: String?
    private var root: Node?

    /// No places: for objects that were not read from a text.
    package init() {}

    /// The places of all values below `node`.
    package init(of node: Node, file: String?) {
        self.file = file
        root = node
    }

    /// Where the value of a path stands; for a path that is absent, the nearest value around it. Walks down from the
    /// root instead of keeping all paths, whose texts could be far larger than the document. O(depth x children).
    package func location(of path: NodePath) -> SourceLocation? {
        guard var node = root else { return nil }
        var reached = NodePath()
        while reached != path, let (child, childPath) = Self.child(of: node, at: reached, towards: path) {
            node = child
            reached = childPath
        }
        return node.location
    }

    private static func child(of node: Node, at path: NodePath, towards target: NodePath) -> (Node, NodePath)? {
        switch node.kind {
        case .scalar: return nil
        case .sequence(let elements):
            for (index, element) in elements.enumerated() where target.isAtOrBelow(path.index(index)) {
                return (element, path.index(index))
            }
        case .mapping(let entries):
            for entry in entries where target.isAtOrBelow(path.key(entry.key)) {
                return (entry.value, path.key(entry.key))
            }
        }
        return nil
    }
}
