package import Documents

/// A decoded object together with the node it was read from: nothing that a user wrote is lost, also where the typed value
/// has no field for it.
///
/// Two users need the node. `haldane analyze` sends the objects to a server as they were written, without a second
/// reading of the files. A controller patches the object and leaves the fields alone that it doesn't know.
package struct Located<Value: Sendable>: Sendable {
    /// The typed value.
    package var value: Value
    /// Where the value was read.
    package var source: DocumentSource

    /// A value that was read from `node`, in `file` where that is known.
    package init(_ value: Value, node: Node, file: String?) {
        self.value = value
        source = DocumentSource(node: node, file: file)
    }

    /// The whole object as it was read.
    package var node: Node { source.node }
}

/// The node of one document with its file. Gives the location of every value, by path.
package struct DocumentSource: Sendable {
    /// The file, `nil` for a request or an object of the cluster.
    package var file: String?
    /// The root of the document.
    package let node: Node

    /// A document.
    package init(node: Node, file: String?) {
        self.node = node
        self.file = file
    }

    /// The location of the value at `path`; for a path that is absent, the nearest value around it. Walks down from the
    /// root instead of keeping all paths, whose texts could be far larger than the document. O(depth x children).
    package func location(of path: NodePath) -> SourceLocation? {
        var node = self.node
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
