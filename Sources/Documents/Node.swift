/// A location in a document: line and column from 1, columns in characters.
package struct SourceLocation: Sendable, Hashable, CustomStringConvertible {
    /// Line, from 1.
    package var line: Int
    /// Column, from 1.
    package var column: Int

    /// A location.
    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// `line:column`
    package var description: String { "\(line):\(column)" }
}

/// A value of a YAML or JSON document, with its location.
package struct Node: Sendable {
    /// The kind of a value. Numbers, booleans and null are plain scalars; `Scalar.value` tells them apart.
    package indirect enum Kind: Sendable {
        /// A scalar.
        case scalar(Scalar)
        /// A list.
        case sequence([Node])
        /// Entries in document order, keys unique.
        case mapping([Entry])
    }

    /// A key and its value.
    package struct Entry: Sendable {
        /// The key as text.
        package var key: String
        /// Location of the key.
        package var keyLocation: SourceLocation
        /// The value.
        package var value: Node

        /// An entry.
        package init(key: String, keyLocation: SourceLocation, value: Node) {
            self.key = key
            self.keyLocation = keyLocation
            self.value = value
        }
    }

    /// A scalar: its text, and whether it was plain (then YAML's core schema gives it a type) or quoted (a string).
    package struct Scalar: Sendable, Hashable {
        /// The text without quotes.
        package var text: String
        /// Whether it was written without quotes.
        package var isPlain: Bool

        /// A scalar.
        package init(text: String, isPlain: Bool) {
            self.text = text
            self.isPlain = isPlain
        }
    }

    /// The value.
    package var kind: Kind
    /// Location of its first character.
    package var location: SourceLocation

    /// A node.
    package init(_ kind: Kind, at location: SourceLocation) {
        self.kind = kind
        self.location = location
    }
}
