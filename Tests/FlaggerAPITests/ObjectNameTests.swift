import Documents
import FlaggerAPI
import Model
import Testing

/// Names of objects: which are taken, and which are the same.
@Suite("Names of objects")
struct ObjectNameTests {
    @Test("canonically equal names are two keys")
    func canonicallyEqual() {
        let (one, two) = ("caf\u{e9}", "cafe\u{301}")
        #expect(one == two)
        let names = [one, two].flatMap { [($0, "n"), ("n", $0)] }
        #expect(Set(names.map { ObjectReference(name: $0, namespace: $1) }).count == 4)
        #expect(Set(names.map { AnalysisName(namespace: $0, name: $1) }).count == 4)
        #expect(Set(names.map { GroupKey(job: $0, target: $1) }).count == 4)
    }

    static let bad = [
        "..", ".", "a/b", "a b", " a", "A", "a_b", "-a", "a-", "a..b", ".a", "a.", "caf\u{e9}", "cafe\u{301}",
        "a\u{202e}b",
        "a\nb", "a\u{0}", String(repeating: "a", count: 254),
    ]

    @Test("names that Kubernetes refuses are refused, and not repeated", arguments: bad)
    func refused(name: String) {
        #expect(KubernetesName.problem(ofName: name) != nil)
        #expect(KubernetesName.problem(ofNamespace: name) != nil)
        let quoted = GoQuote.quoted(name)
        for metadata in ["{name: \(quoted), namespace: n}", "{name: n, namespace: \(quoted)}"] {
            for kind in ["Canary", "MetricTemplate", "AlertProvider"] {
                var file = ObjectFile()
                file.add(
                    text: """
                        apiVersion: flagger.app/v1beta1
                        kind: \(kind)
                        metadata: \(metadata)
                        spec:
                          provider: {type: prometheus, address: "http://p:1"}
                          query: up
                        """)
                #expect(file.hasErrors && file.templates.isEmpty)
                let text = file.findings.map(\.description).joined(separator: "\n")
                #expect(text.contains("RFC 1123"), "\(text)")
            }
        }
    }

    @Test(
        "names that Kubernetes takes are taken",
        arguments: ["a", "0", "a-b", "a.b-c.0", String(repeating: "a", count: 63)])
    func taken(name: String) {
        #expect(KubernetesName.problem(ofName: name) == nil)
        #expect((KubernetesName.problem(ofNamespace: name) == nil) == !name.contains("."))
    }
}
