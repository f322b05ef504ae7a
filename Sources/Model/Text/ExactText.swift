/// A text as a key of sets and dictionaries that equals another one only when all bytes are equal. Swift's `String` takes canonically
/// equal texts for one (`é` as one scalar or as two), and PromQL does not.
package struct ExactText: Hashable, Sendable {
    /// The text.
    package let text: String

    /// A key.
    package init(_ text: String) { self.text = text }

    package static func == (left: ExactText, right: ExactText) -> Bool { left.text.equalsByBytes(right.text) }

    package func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

extension ExactText: ExpressibleByStringLiteral {
    /// A key that is written in the source.
    package init(stringLiteral value: String) { self.init(value) }
}
