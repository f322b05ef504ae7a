import Documents
import Model

/// Collects findings and lets a decoder go on after an error, so that one run reports every fault of an object.
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

    /// Decodes one whole object. The value is `nil` when something in it is wrong; the findings then say what.
    static func decode<Value>(
        _ kind: String, file: String?, _ body: (FindingCollector) throws(YAMLError) -> Value?
    ) -> (value: Value?, findings: [Finding]) {
        let collector = FindingCollector(object: kind, file: file)
        let value = collector.optional { () throws(YAMLError) in try body(collector) }
        return (collector.hasErrors ? nil : value, collector.findings)
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

    /// Reports keys that Flagger's schema doesn't have. The API server refuses them or drops them silently; a check
    /// that is dropped with its misspelt key would be one that can't fail.
    func refuseUnknown(_ reader: ObjectReader) {
        for error in reader.unknownKeys() {
            guard case .unknownKey(let path, let key, nil, let location) = error, let home = KeySchema.homes[key] else {
                add(error)
                continue
            }
            add(.unknownKey(path: path, key: key, suggestion: "\(home).\(key)", at: location))
        }
    }

    /// A number that is one: neither an infinity nor NaN, with which every comparison would end the same way. `nil`
    /// when absent.
    func finite(_ key: String, in reader: inout ObjectReader) throws(YAMLError) -> Double? {
        guard let number = try reader.double(key) else { return nil }
        guard number.isFinite else {
            throw reader.invalid(key, "wanted a finite number, found \(FloatText.json(number))")
        }
        return number
    }
}
