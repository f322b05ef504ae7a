package import Documents

/// Something wrong, or without effect, in a configuration.
package struct ConfigurationProblem: Sendable, Hashable {
    /// How bad it is.
    package enum Severity: Sendable, Hashable {
        /// The configuration can't be used.
        case error
        /// It can, and this part of it has no effect.
        case warning
    }

    /// How bad it is.
    package var severity: Severity
    /// Where.
    package var location: SourceLocation
    /// What was found and what is wanted.
    package var message: String

    /// A problem.
    package init(_ severity: Severity, at location: SourceLocation, _ message: String) {
        self.severity = severity
        self.location = location
        self.message = message
    }
}

extension ConfigurationProblem: CustomStringConvertible {
    /// `line:column: message`
    package var description: String { "\(location): \(severity == .warning ? "warning: " : "")\(message)" }
}
