/// Why the value of one of our annotations can't be understood.
package struct AnnotationFault: Error, Sendable, Hashable {
    /// What was wanted and what was found.
    package var message: String

    /// A fault.
    package init(_ message: String) { self.message = message }
}

extension String {
    /// Without blanks at both ends.
    var trimmed: String {
        var text = self[...]
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
