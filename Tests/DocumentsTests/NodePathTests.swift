import Documents
import Testing

@Suite("Paths")
struct NodePathTests {
    @Test("paths read as people write them")
    func text() {
        let path = NodePath().key("spec").key("metrics").index(2).key("a.b").key("").key("c d").key("e")
        #expect(path.text == #"spec.metrics[2]["a.b"][""]["c d"].e"#)
    }

    @Test(
        "a path is at or below another by whole steps",
        arguments: [
            ("a.b", "a", true), ("a.b", "a.b", true), ("a[0].b", "a", true), ("ab", "a", false), ("a", "a.b", false),
            ("a[10]", "a[1]", false), ("x", "", true), ("[0]", "", true), ("", "a", false),
        ])
    func below(path: String, other: String, wanted: Bool) {
        #expect(NodePath(path).isAtOrBelow(NodePath(other)) == wanted)
    }
}
