package import Documents
package import Model

/// The body of a request to evaluate a Canary once: `{"canary": {...}, "templates": [...], "time": ...,
/// "stepStart": ...}` in JSON, or the objects themselves as YAML documents.
package struct EvaluationRequest: Sendable {
    /// The Canary and the templates, and what is wrong with them.
    package var objects: ObjectFile
    /// The moment to evaluate; `nil` for now.
    package var time: Timestamp?
    /// When the step under way began, for sequential tests; `nil` for one interval before `time`.
    package var stepStart: Timestamp?

    /// The request in a body of either form. Objects that name no namespace are in `defaultNamespace`.
    package init(
        _ body: [UInt8], isYAML: Bool, defaultNamespace: String = CanaryDecoder.defaultNamespace
    ) throws(YAMLError) {
        if isYAML {
            self.init(yaml: String(decoding: body, as: UTF8.self), defaultNamespace: defaultNamespace)
        } else {
            try self.init(json: body, defaultNamespace: defaultNamespace)
        }
    }

    /// The request in a JSON body. Times are RFC 3339 texts or numbers of seconds.
    package init(
        json bytes: [UInt8], defaultNamespace: String = CanaryDecoder.defaultNamespace
    ) throws(YAMLError) {
        var reader = try ObjectReader(try JSONReader.parse(bytes))
        objects = ObjectFile(defaultNamespace: defaultNamespace)
        objects.addCanary(try reader.requiredNode("canary"))
        for element in try reader.elements("templates") { objects.addTemplate(element.node) }
        time = try Self.time("time", in: &reader)
        stepStart = try Self.time("stepStart", in: &reader)
        try reader.finish()
    }

    /// The request in a YAML body, which has no field for a time.
    package init(yaml text: String, defaultNamespace: String = CanaryDecoder.defaultNamespace) {
        objects = ObjectFile(defaultNamespace: defaultNamespace)
        objects.add(text: text)
    }

    /// The Canary; there must be exactly one, and nothing may be wrong with any object.
    package func canary() throws(YAMLError) -> Canary {
        guard objects.canaries.count == 1 else {
            let message = "wanted one Canary, found \(objects.canaries.count)"
            throw .invalidValue(path: NodePath(), message: message, at: SourceLocation(line: 1, column: 1))
        }
        return objects.canaries[0].value
    }

    private static func time(_ key: String, in reader: inout ObjectReader) throws(YAMLError) -> Timestamp? {
        guard let node = reader.node(key) else { return nil }
        guard let time = time(node) else {
            throw reader.invalid(key, "wanted an RFC 3339 time or seconds, found \(node.kindName)")
        }
        return time
    }

    private static func time(_ node: Node) -> Timestamp? {
        if let text = try? node.string() { return RFC3339.parse(text) }
        guard let seconds = try? node.double(), seconds.magnitude <= 9e15 / 1000 else { return nil }
        return Int64((seconds * 1000).rounded())
    }
}
