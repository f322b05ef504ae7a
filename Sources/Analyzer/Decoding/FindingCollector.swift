import YAML

/// Lets a decoder go on after an error, so that one run tells everything that is wrong with an object.
///
/// A class, because the closures it runs report to it as well. It never leaves the decoder that made it.
final class FindingCollector {
    private(set) var findings: [Finding] = []
    /// The object that is being decoded, for the findings.
    var object: String?
    let file: String?

    init(object: String? = nil, file: String?) {
        self.object = object
        self.file = file
    }

    var hasErrors: Bool { findings.contains { $0.severity == .error } }

    /// The value of `body`, or `nil` and one finding more.
    @discardableResult
    func attempt<Value>(_ body: () throws(YAMLError) -> Value) -> Value? {
        do {
            return try body()
        } catch {
            add(error)
            return nil
        }
    }

    /// The value of `body`, flattened: absent and wrong are both `nil`.
    func optional<Value>(_ body: () throws(YAMLError) -> Value?) -> Value? { attempt(body) ?? nil }

    func add(_ error: YAMLError, severity: Finding.Severity = .error) {
        findings.append(Finding(error, severity: severity, object: object, file: file))
    }

    /// Keys that nobody asked for: the API server drops them silently, which is rarely what was meant.
    func warnUnknown(_ reader: ObjectReader) {
        for error in reader.unknownKeys() { add(error, severity: .warning) }
    }
}
