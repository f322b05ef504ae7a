import FlaggerAPI

/// Why a query template can't be read or rendered, with the position inside the template.
package struct TemplateError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Line inside the template, from 1.
    package var line: Int
    /// Column in characters, from 1.
    package var column: Int
    /// What is wrong.
    package var message: String

    /// `template 3:14: message`
    package var description: String { "template \(line):\(column): \(message)" }
}

/// A position in a template, kept small because every token has one.
struct TemplatePosition: Sendable, Hashable {
    var line: Int
    var column: Int

    func error(_ message: String) -> TemplateError { TemplateError(line: line, column: column, message: message) }
}
