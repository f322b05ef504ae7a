package import Documents
package import Model

/// The body of a request to evaluate a Canary once: `{"canary": {...}, "templates": [...], "time": ...,
/// "stepStart": ...}`, or the objects themselves, in YAML or JSON, as documents one after the other or as a list.
package struct EvaluationRequest: Sendable {
    /// The Canary and the templates, and what is wrong with them.
    package var objects: ObjectFile
    /// The moment to evaluate; `nil` for now.
    package var time: Timestamp?
    /// When the step under way began, for sequential tests; `nil` for one interval before `time`.
    package var stepStart: Timestamp?

    /// The request in a body of any form. `isYAML`: whether its sender called it YAML; a body that is plainly YAML or JSON is
    /// read as what it is. Objects that name no namespace are in `defaultNamespace`.
    package init(
        _ body: [UInt8], isYAML: Bool, defaultNamespace: String = CanaryDecoder.defaultNamespace
    ) throws(YAMLError) {
        let documents = try Self.documents(body, isYAML: isYAML)
        if let document = documents.first, documents.count == 1, Self.isRequest(document, isYAML: isYAML) {
            self = try EvaluationRequest(document, defaultNamespace: defaultNamespace)
            return
        }
        objects = ObjectFile(defaultNamespace: defaultNamespace)
        for document in documents where !document.isNull { objects.add(document) }
    }

    /// The documents of a body. The error is that of the form which the body seems to have.
    package static func documents(_ body: [UInt8], isYAML: Bool) throws(YAMLError) -> [Node] {
        let start = SourceLocation(line: 1, column: 1)
        guard let text = TextEncoding.text(body) else {
            throw .syntax(message: "the body is neither UTF-8 nor UTF-16 text", at: start)
        }
        guard let first = text.utf8.first(where: { $0 > 0x20 }) else {
            if isYAML { return [] }
            throw .syntax(
                message: #"the body is empty: wanted {"canary": {...}, "templates": [...]}, or the objects in YAML"#,
                at: start)
        }
        if isYAML || (first != UInt8(ascii: "{") && first != UInt8(ascii: "[")) {
            return try DocumentReader.documents(text)
        }
        do throws(YAMLError) { return try JSONReader.stream(text.utf8) } catch {
            // YAML in flow style begins like JSON, but for the quotes around its keys.
            let second = text.utf8.drop { $0 <= 0x20 }.dropFirst().first { $0 > 0x20 }
            guard let second, second != UInt8(ascii: "\"") && second != UInt8(ascii: "{") else { throw error }
            guard let documents = try? DocumentReader.documents(text) else { throw error }
            return documents
        }
    }

    /// Whether a document is a request that holds the objects, rather than an object.
    package static func isRequest(_ document: Node, isYAML: Bool) -> Bool {
        if document["kind"] != nil || document["apiVersion"] != nil { return false }
        return !isYAML || document["canary"] != nil
    }

    /// The request in a JSON body. Times are RFC 3339 texts or numbers of seconds.
    package init(
        json bytes: [UInt8], defaultNamespace: String = CanaryDecoder.defaultNamespace
    ) throws(YAMLError) {
        try self.init(try JSONReader.parse(bytes), defaultNamespace: defaultNamespace)
    }

    private init(_ document: Node, defaultNamespace: String) throws(YAMLError) {
        var reader = try ObjectReader(document)
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
