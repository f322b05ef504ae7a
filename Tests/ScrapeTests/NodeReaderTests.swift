import Documents
import Testing

@testable import Scrape

/// Two readers take values out of documents: `ObjectReader` those of Kubernetes objects, `NodeReader` those of
/// configurations.
@Suite("What a node means is the same to both readers")
struct NodeReaderTests {
    static let texts = [
        "", "~", "null", "'null'", "true", "True", "tRue", "yes", "Y", "off", "'yes'", "1", "0", "-1", "0x10", "5.0",
        "1.5",
        "1e3", "'a'", "a", "[]", "[a, b]", "{}", "{a: b}",
    ]

    /// The node, and the value of the key `k` in a mapping around it.
    private static func read(_ text: String) throws -> (node: Node?, object: ObjectReader) {
        let document = try #require(try YAMLReader.documents("k: \(text)").first)
        let node = try #require(document["k"])
        return (node.isNull ? nil : node, try ObjectReader(document))
    }

    @Test("booleans, whole numbers, texts, lists and mappings", arguments: texts)
    func values(text: String) throws {
        var (node, object) = try Self.read(text)
        var reader = NodeReader()
        let flag = reader.flag(node, "k")
        let count = reader.count(node, "k")
        let string = reader.text(node, "k")
        let items = reader.list(node, "k")
        let bool = try? object.bool("k")
        let int = try? object.int("k")
        let anyText = try? object.anyText("k")
        let elements = (try? object.elements("k")) ?? []
        #expect(flag == bool)
        #expect(count == int.flatMap { $0 < 0 ? nil : $0 })
        #expect(string == anyText)
        #expect(items.count == elements.count)
        var other = NodeReader()
        _ = other.entries(node, "k")
        let isMapping = (try? object.object("k")) != nil
        #expect(other.findings.isEmpty == (isMapping || node == nil))
    }

    @Test("a count may stand in quotes, as it always could") func quotedCount() throws {
        var reader = NodeReader()
        #expect(reader.count(try Self.read("'5'").node, "k") == 5)
        #expect(reader.findings.isEmpty)
    }

    @Test(
        "an unknown key is told with what it may have meant, swapped letters included",
        arguments: [
            ("scrape_intervall", "scrape_interval"), ("scrape_itnerval", "scrape_interval"),
            ("metric_path", "metrics_path"), ("frobnicate", nil),
        ] as [(String, String?)])
    func suggestions(word: String, wanted: String?) {
        #expect(KeyTable.job.suggestion(for: word) == wanted)
    }
}
