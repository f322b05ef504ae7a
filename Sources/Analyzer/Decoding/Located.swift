package import YAML

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
package struct DocumentPlaces: Sendable, Hashable {
    /// The file, `nil` for a request or an object of the cluster.
    package var file: String?
    private var locations: [String: SourceLocation] = [:]

    /// No places: for objects that were not read from a text.
    package init() {}

    /// The places of all values below `node`. O(values).
    package init(of node: Node, file: String?) {
        self.file = file
        collect(node, NodePath())
    }

    /// Where the value of a path stands; for a path that is absent, the nearest value around it.
    package func location(of path: NodePath) -> SourceLocation? {
        var text = path.text
        while true {
            if let found = locations[text] { return found }
            guard let cut = text.lastIndex(where: { $0 == "." || $0 == "[" }) else { return locations[""] }
            text = String(text[..<cut])
        }
    }

    private mutating func collect(_ node: Node, _ path: NodePath) {
        locations[path.text] = node.location
        switch node.kind {
        case .scalar: break
        case .sequence(let elements):
            for (index, element) in elements.enumerated() { collect(element, path.index(index)) }
        case .mapping(let entries): for entry in entries { collect(entry.value, path.key(entry.key)) }
        }
    }
}
