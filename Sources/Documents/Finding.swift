import Model

/// A diagnostic: something wrong or doubtful in a document, an object or a query, with its location.
///
/// The decoders of configurations and of Flagger's objects and the lint all report findings; the API and `haldane lint` show
/// them in this form.
package struct Finding: Sendable, Hashable {
    /// How bad it is.
    package enum Severity: String, Sendable, Hashable {
        /// The object can't be used.
        case error
        /// It can be used, but hardly works as meant, or a part of it has no effect.
        case warning
        /// Only to know.
        case note
    }

    /// How bad it is.
    package var severity: Severity
    /// What is wrong, and what to do.
    package var message: String
    /// The object, as `Canary podinfo.test`.
    package var object: String?
    /// The value inside the object.
    package var path: NodePath?
    /// The file.
    package var file: String?
    /// Line and column in the file.
    package var location: SourceLocation?

    /// A finding.
    package init(
        _ severity: Severity, _ message: String, object: String? = nil, path: NodePath? = nil, file: String? = nil,
        location: SourceLocation? = nil
    ) {
        self.severity = severity
        self.message = message
        self.object = object
        self.path = path
        self.file = file
        self.location = location
    }

    /// The finding that an error of reading or decoding makes.
    package init(
        _ error: YAMLError, severity: Severity = .error, object: String? = nil, file: String? = nil
    ) {
        self.init(
            severity, error.message, object: object, path: error.path, file: file, location: error.location)
    }
}

extension Finding {
    /// `12:5: spec.analysis: ...`: location and message, for texts that name file and severity themselves.
    package var locatedMessage: String { Printable.text(location.map { "\($0): \(message)" } ?? message) }

    /// Why objects with these findings are not used: every error, a line each; `nil` where there is none.
    package static func refusal(_ findings: [Finding]) -> String? {
        let errors = findings.filter { $0.severity == .error }
        return errors.isEmpty ? nil : "this can't be used:\n" + errors.map { "  \($0)" }.joined(separator: "\n")
    }
}

extension Finding: CustomStringConvertible {
    /// `podinfo.yaml:12:5: error: Canary podinfo.test: spec.analysis: ...`, the known parts of it, on one line: what a terminal
    /// would obey is escaped.
    package var description: String {
        var prefix = file.map { "\($0):" } ?? ""
        if let location { prefix += "\(location):" }
        let subject = object.map { "\($0): " } ?? ""
        return Printable.text("\(prefix)\(prefix.isEmpty ? "" : " ")\(severity.rawValue): \(subject)\(message)")
    }
}
