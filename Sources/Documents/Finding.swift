package import Documents

/// Something worth telling about an object or a query, with its place.
package struct Finding: Sendable, Hashable {
    /// How bad it is.
    package enum Severity: String, Sendable, Hashable {
        /// It can't work.
        case error
        /// It works, but hardly as meant.
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
    /// The place in the file.
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

extension Finding: CustomStringConvertible {
    /// `podinfo.yaml:12:5: error: Canary podinfo.test: spec.analysis: ...`, the known parts of it.
    package var description: String {
        var place = file.map { "\($0):" } ?? ""
        if let location { place += "\(location):" }
        let subject = object.map { "\($0): " } ?? ""
        return "\(place)\(place.isEmpty ? "" : " ")\(severity.rawValue): \(subject)\(message)"
    }
}
