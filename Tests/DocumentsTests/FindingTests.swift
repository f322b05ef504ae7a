import Documents
import Testing

@Suite("Findings")
struct FindingTests {
    private static let location = SourceLocation(line: 12, column: 5)

    static let texts: [(finding: Finding, description: String)] = [
        (Finding(.error, "wrong"), "error: wrong"),
        (Finding(.warning, "odd", file: "a.yaml", location: location), "a.yaml:12:5: warning: odd"),
        (Finding(.note, "so", location: location), "12:5: note: so"),
        (
            Finding(.error, "wrong", object: "Canary a.b", path: NodePath("spec"), file: "a.yaml", location: location),
            "a.yaml:12:5: error: Canary a.b: wrong"
        ),
    ]

    @Test("read as file, location, severity, object and message, those that are known", arguments: texts)
    func description(finding: Finding, description: String) { #expect(finding.description == description) }

    @Test("give location and message alone for texts with a file of their own") func located() {
        #expect(Finding(.error, "wrong", file: "a.yaml", location: Self.location).locatedMessage == "12:5: wrong")
        #expect(Finding(.error, "wrong").locatedMessage == "wrong")
    }

    @Test("refuse objects only with errors, a line each") func refusal() {
        #expect(Finding.refusal([Finding(.warning, "odd"), Finding(.note, "so")]) == nil)
        #expect(
            Finding.refusal([Finding(.error, "one"), Finding(.warning, "odd"), Finding(.error, "two")])
                == "this can't be used:\n  error: one\n  error: two")
    }

    @Test("are made of errors of reading, with path and location") func ofError() {
        let error = YAMLError.invalidValue(path: NodePath("spec.weight"), message: "is odd", at: Self.location)
        let finding = Finding(error, file: "a.yaml")
        #expect(finding.path == NodePath("spec.weight") && finding.severity == .error)
        #expect(finding.description == "a.yaml:12:5: error: spec.weight: is odd")
    }

    @Test("are written as JSON with every key, null where nothing is known") func json() {
        var writer = JSONWriter()
        FindingEncoder.write([Finding(.error, "wrong", file: "a", location: Self.location)], into: &writer)
        #expect(
            writer.text
                == #"[{"severity":"error","message":"wrong","object":null,"path":null,"file":"a","line":12,"column":5}]"#
        )
    }

    @Test("no document writes lines or colours of its own into a finding")
    func escaped() throws {
        let key = "k\nother.yaml: no errors\u{1b}[32m\u{202e}"
        let node = try #require(
            try YAMLReader.documents("{\"k\\nother.yaml: no errors\\e[32m\\u202e\": \"v\\nw\\e[31m\"}").first)
        let reader = try ObjectReader(node)
        var errors = reader.unknownKeys()
        var other = reader
        do { _ = try other.int(key) } catch { errors.append(error) }
        errors.append(reader.invalid(key, "found \"a\nb\""))
        #expect(errors.count == 3)
        for error in errors {
            let finding = Finding(.error, "a\nb: \(error.message)", object: "Canary \(key)", file: "f\n.yaml")
            for text in [error.description, error.message, finding.description, finding.locatedMessage] {
                #expect(!text.unicodeScalars.contains { $0.value < 0x20 || $0 == "\u{202e}" }, "\(text)")
            }
        }
    }

    @Test(
        "messages don't repeat what may be a credential",
        arguments: [
            "{headers: {Authorization: Bearer SEKRET}}", "{headers: SEKRET}", "{provider: {secretRef: SEKRET}}",
            "{password: SEKRET}", "{webhooks: [{metadata: {x: SEKRET}}]}", "{x: 'http://u:SEKRET@h'}",
            "{x: 'u:SEKRET@h'}",
            "{token: 5309}",
        ])
    func withoutSecrets(text: String) throws {
        func walk(_ node: Node, _ path: NodePath) {
            switch node.kind {
            case .scalar:
                for read in [{ _ = try node.elements(at: path) }, { _ = try node.entries(at: path) }] {
                    do {
                        try read()
                        Issue.record("read as a list or mapping")
                    } catch {
                        #expect(!"\(error)".contains("SEKRET") && !"\(error)".contains("5309"), "\(error)")
                    }
                }
            case .sequence(let elements):
                for (index, element) in elements.enumerated() { walk(element, path.index(index)) }
            case .mapping(let entries): for entry in entries { walk(entry.value, path.key(entry.key)) }
            }
        }
        walk(try #require(try YAMLReader.documents(text).first), NodePath("spec"))
    }
}
