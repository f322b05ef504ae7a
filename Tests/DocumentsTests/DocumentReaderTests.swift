import Documents
import Testing

/// Texts in the forms in which people have them.
@Suite("Documents of any form") struct DocumentReaderTests {
    private static func names(_ text: String) throws -> [String] {
        try DocumentReader.documents(text).map { try $0["name"]?.string() ?? "-" }
    }

    @Test(
        "YAML documents, a JSON value and JSON values one after the other",
        arguments: [
            ("name: a\n---\nname: b\n", ["a", "b"]), (#"{"name": "a"}"#, ["a"]),
            ("{\"name\":\"a\"}\n{\"name\":\"b\"}\n", ["a", "b"]), (#"{"name":"a"}{"name":"b"}"#, ["a", "b"]),
            ("\n\t{\n\t\t\"name\": \"a\"\n\t}\n", ["a"]), ("{name: a}\n", ["a"]),
            ("{name: a}\n---\n{name: b}\n", ["a", "b"]),
            ("# {{ .Values.x }}\nname: a\n", ["a"]), ("name: a\nquery: '{{ namespace }} {{ variables.x }}'\n", ["a"]),
            ("name: a\nquery: '{{- namespace -}}'\n", ["a"]), ("[]", ["-"]),
            ("name: a\nquery: '{{ if eq target \"a\" }}x{{ else }}{{ printf \"%s\" name }}{{ end }}'\n", ["a"]),
            ("name: a\nrule: '{{ $labels.instance }} {{ .Labels }}'\n", ["a"]),
        ])
    func forms(text: String, wanted: [String]) throws {
        #expect(try Self.names(text) == wanted)
    }

    @Test(
        "what is no document is named",
        arguments: [
            ("name: {{ .Values.name }}\n", "1:7", "unrendered Helm template ({{ .Values.name }})"),
            ("{{- if .Values.canary }}\nname: a\n{{- end }}\n", "1:1", "unrendered Helm template"),
            ("name: a\nlabels:\n  {{ include \"x.labels\" . | nindent 4 }}\n", "3:3", "unrendered Helm template"),
            ("a:\n\tb: 1\n", "2:1", "a tab indents this line"),
            ("a:\n  b: 1\n  \tc: 2\n d\n", "3:3", "a tab indents this line"),
            ("{\"name\": \"a\"}\n{\"name\": }\n", "2:10", ""),
        ])
    func mistakes(text: String, at: String, wanted: String) {
        let error = #expect(throws: YAMLError.self) { try DocumentReader.documents(text) }
        #expect(error?.location?.description == at, "\(String(describing: error))")
        #expect(error?.message.contains(wanted) == true, "\(String(describing: error))")
    }
}
