import Documents
import Testing

@Suite("YAML documents")
struct YAMLReaderTests {
    private func single(_ text: String) throws -> Node {
        try #require(try YAMLReader.documents(text).first)
    }

    @Test("every document of a stream is read")
    func multipleDocuments() throws {
        let documents = try YAMLReader.documents("a: 1\n---\nb: 2\n---\n# nothing\n")
        #expect(documents.count == 3)
        #expect(try documents[1]["b"]?.int() == 2)
        #expect(documents[2].isNull)
        #expect(try YAMLReader.documents("").isEmpty)
        #expect(try YAMLReader.documents("# only a comment\n").isEmpty)
    }

    @Test("locations count lines and characters from 1")
    func locations() throws {
        let node = try single("spec:\n  größe: \"ü\"\n  list: [a, {b: c}]\n")
        let spec = try #require(node["spec"])
        #expect(spec.location == SourceLocation(line: 2, column: 3))
        #expect(spec["größe"]?.location == SourceLocation(line: 2, column: 10))
        let list = try #require(spec["list"]).elements()
        #expect(list[1]["b"]?.location == SourceLocation(line: 3, column: 17))
        #expect(try spec.entries()[1].keyLocation == SourceLocation(line: 3, column: 3))
    }

    @Test("a literal block keeps its lines")
    func literalBlock() throws {
        let node = try single("query: |\n  sum(\n    x\n  )\nfolded: >-\n  a\n  b\n")
        #expect(try node["query"]?.string() == "sum(\n  x\n)\n")
        #expect(try node["folded"]?.string() == "a b")
    }

    @Test(
        "plain scalars have the types of the core schema",
        arguments: [
            ("", CoreValue.null), ("~", .null), ("null", .null), ("true", .bool(true)), ("False", .bool(false)),
            ("yes", .string("yes")), ("on", .string("on")), ("12", .int(12)), ("-3", .int(-3)), ("+7", .int(7)),
            ("0o17", .int(15)), ("0x1F", .int(31)), ("0x-1", .string("0x-1")), ("1.5", .double(1.5)),
            (".5", .double(0.5)), ("1e3", .double(1000)), ("1.", .double(1)), (".", .string(".")),
            ("1e", .string("1e")), (".inf", .double(.infinity)), ("-.INF", .double(-.infinity)),
            ("99999999999999999999", .double(1e20)), ("1_000", .string("1_000")), ("0x1p3", .string("0x1p3")),
            ("inf", .string("inf")), ("nan", .string("nan")), ("1m", .string("1m")), ("'12'", .string("12")),
            ("\"true\"", .string("true")), ("!!str 12", .string("12")), ("!!int '12'", .int(12)), ("010", .int(10)),
        ])
    func coreSchema(text: String, wanted: CoreValue) throws {
        let node = try #require(try single("v: \(text)")["v"])
        guard case .scalar(let scalar) = node.kind else {
            Issue.record("no scalar")
            return
        }
        #expect(scalar.value == wanted)
    }

    @Test("byte order marks and CRLF line ends are no part of values")
    func otherPlatforms() throws {
        let node = try single("\u{feff}a: 1\r\nb: |\r\n  x\r\n  y\r\nc: 'z'\r\n")
        #expect(try node["a"]?.int() == 1)
        #expect(try node["b"]?.string() == "x\ny\n")
        #expect(try node["c"]?.string() == "z")
        #expect(node["c"]?.location == SourceLocation(line: 5, column: 4))
    }

    @Test("aliases repeat their anchor, at the location of the alias")
    func aliases() throws {
        let node = try single("a: &x {k: [1, 2]}\nb: *x\n")
        #expect(try node["b"]?["k"]?.elements().count == 2)
        #expect(node["b"]?.location == SourceLocation(line: 2, column: 4))
    }

    @Test("merge keys give way to the mapping's own keys and to earlier bases")
    func mergeKeys() throws {
        let node = try single("a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc: {<<: [*a, *b], x: 9}\n")
        let merged = try #require(node["c"])
        #expect(try ["x", "y", "z"].map { try merged[$0]?.int() } == [9, 2, 4])
    }

    @Test(
        "broken documents are refused with their location",
        arguments: [
            ("a: 1\na: 2", "2:1: the key \"a\" stands here again; it was first at 1:1"),
            ("a: *b", "1:4: the alias *b has no anchor &b before it"),
            ("[1]: 2", "1:1: a key must be a text, not a list or a mapping"),
            ("a: !custom 1", "1:4: the tag !custom is not supported"),
            ("a: [1", "2:1: while parsing a flow sequence: did not find expected ',' or ']'"),
            ("a: b: c", "1:5: mapping values are not allowed in this context"),
            ("a:\n\t- 1", "2:1: while scanning for the next token: found character that cannot start any token"),
            ("a: \u{1}", "1:4: control characters are not allowed"),
            ("a: {<<: 3}", "1:9: wanted a mapping to merge, found the number 3"),
        ])
    func broken(text: String, message: String) {
        do {
            _ = try YAMLReader.documents(text)
            Issue.record("no error")
        } catch {
            #expect(error.description == message)
        }
    }

    @Test("depth, size and number of values are bounded")
    func limits() {
        let deep = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
        #expect(throws: YAMLError.tooDeep(limit: 100, at: SourceLocation(line: 1, column: 102))) {
            try YAMLReader.documents(deep)
        }
        #expect(throws: YAMLError.tooLarge(bytes: 5, limit: 4)) {
            try YAMLReader.documents("a: bc", limits: ReaderLimits(bytes: 4))
        }
        var laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let alias = "*a\(level - 1)"
            laughs += "a\(level): &a\(level) [\(Array(repeating: alias, count: 10).joined(separator: ", "))]\n"
        }
        #expect(throws: YAMLError.self) { try YAMLReader.documents(laughs) }
        var chain = "a0: &a0 [x]\n"
        for level in 1...200 { chain += "a\(level): &a\(level) [*a\(level - 1)]\n" }
        #expect(throws: YAMLError.self) { try YAMLReader.documents(chain) }
        #expect(throws: YAMLError.self) { try YAMLReader.documents("a: &a [*a]") }
    }
}
