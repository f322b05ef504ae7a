import Documents
import TestSupport
import Testing

@Suite("Readers under random input (Fuzz)")
struct ReaderFuzzTests {
    private static let yamlPieces = [
        "a: ", "b:\n", "  ", "- ", "\n", "[", "]", "{", "}", ",", "&x ", "*x", "'", "\"", "|\n", ">-\n", "---\n",
        "...\n",
        "# c\n", "!!str ", "!<", "? ", ": ", "<<: ", "\\u12", "ü", "\u{1}", "%YAML 1.1\n", "1.5", "~", "\t", "\u{feff}",
    ]
    private static let jsonPieces = [
        "{", "}", "[", "]", ":", ",", "\"", "\"a\"", "\\u", "d800", "\\", "1", "-", "e", ".", "true", "null", " ", "\n",
        "ü", "\u{0}", "\"k\":1",
    ]

    private static func text(_ pieces: [String], using generator: inout SeededGenerator) -> String {
        (0..<Int.random(in: 1...40, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }
            .joined()
    }

    @Test("Fuzz: no text makes the YAML reader trap or hang")
    func yaml() async throws {
        let report = try await FuzzBudget(executions: 12_000).run("yaml reader") { generator, seed in
            var bytes = Array(Self.text(Self.yamlPieces, using: &generator).utf8)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes = generator.mutated(Array(Self.document.utf8), changes: 8, pieces: Self.yamlPieces)
            case 1: bytes = generator.bytes(Int.random(in: 0..<40, using: &generator))
            case 2 where generator.chance(20): bytes = Self.deep(["[", "{a: ", "- ", "? ", "a:\n "], using: &generator)
            default: break
            }
            let text = String(decoding: bytes, as: UTF8.self)
            guard let documents = try? YAMLReader.documents(text) else { return }
            for document in documents { checkLocations(document, lines: text.utf8.count + 2, seed: seed, text: text) }
        }
        #expect(report.slowest < 20, "seed \(report.slowestSeed)")
    }

    @Test("Fuzz: no bytes make the JSON reader trap or hang")
    func json() async throws {
        let report = try await FuzzBudget(executions: 12_000).run("json reader") { generator, seed in
            var bytes = Array(Self.text(Self.jsonPieces, using: &generator).utf8)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes = generator.bytes(Int.random(in: 0..<40, using: &generator))
            case 1:
                var writer = JSONWriter()
                writer.node(randomNode(depth: 0, using: &generator))
                bytes = generator.mutated(writer.bytes, pieces: Self.jsonPieces)
            case 2 where generator.chance(20): bytes = Self.deep(["[", "{\"a\":", "[[],"], using: &generator)
            default: break
            }
            guard let node = try? JSONReader.parse(bytes) else { return }
            checkLocations(node, lines: bytes.count + 2, seed: seed, text: String(decoding: bytes, as: UTF8.self))
        }
        #expect(report.slowest < 20, "seed \(report.slowestSeed)")
    }

    @Test("Fuzz: a random tree survives writing and reading, as JSON and as YAML")
    func roundTrip() async throws {
        try await FuzzBudget(executions: 400).run("json and yaml round trip") { generator, seed in
            let tree = randomNode(depth: 0, using: &generator)
            var writer = JSONWriter()
            writer.node(tree)
            let json = writer.text
            var again = JSONWriter()
            again.node(try JSONReader.parse(json))
            #expect(again.text == json, "seed \(seed)")
            var viaYAML = JSONWriter()
            viaYAML.node(try #require(try YAMLReader.documents(json).first))
            #expect(viaYAML.text == json, "seed \(seed)")
        }
    }

    private static let document = """
        # a comment
        apiVersion: flagger.app/v1beta1
        metadata: {name: podinfo, labels: [a, 'b', "c\\u00e9"]}
        spec: &spec
          query: |
            sum(rate(x[1m]))
              by (a)
          folded: >-
            a
            b

          list:
          - a: 1
            b: ~
          - *spec
        ---
        - 1.5
        """

    /// One opening many times over.
    private static func deep(_ openings: [String], using generator: inout SeededGenerator) -> [UInt8] {
        let count = Int.random(in: 1...4_000, using: &generator)
        return Array(String(repeating: generator.pick(openings), count: count).utf8)
    }

    private func checkLocations(_ node: Node, lines: Int, seed: UInt64, text: String) {
        let location = node.location
        if location.line < 1 || location.column < 1 || location.line > lines {
            Issue.record("seed \(seed): the location \(location) is outside of \(text.debugDescription)")
        }
        switch node.kind {
        case .scalar: break
        case .sequence(let elements):
            for element in elements { checkLocations(element, lines: lines, seed: seed, text: text) }
        case .mapping(let entries):
            for entry in entries { checkLocations(entry.value, lines: lines, seed: seed, text: text) }
        }
    }

    private func randomNode(depth: Int, using generator: inout SeededGenerator) -> Node {
        let location = SourceLocation(line: 1, column: 1)
        switch Int.random(in: 0..<(depth > 4 ? 4 : 6), using: &generator) {
        case 0:
            return Node(
                .scalar(.init(text: "\(Int.random(in: -99...99, using: &generator))", isPlain: true)), at: location)
        case 1: return Node(.scalar(.init(text: "true", isPlain: true)), at: location)
        case 2: return Node(.scalar(.init(text: "null", isPlain: true)), at: location)
        case 3:
            let text = (0..<6).map { _ in
                ["a", "\"", "\\", "\n", "ü", "😀", " ", ":", "#", "\u{7}"].randomElement(using: &generator) ?? ""
            }
            return Node(.scalar(.init(text: text.joined(), isPlain: false)), at: location)
        case 4:
            return Node(.sequence((0..<3).map { _ in randomNode(depth: depth + 1, using: &generator) }), at: location)
        default:
            let entries = (0..<3).map { index in
                Node.Entry(
                    key: "k\(index)", keyLocation: location, value: randomNode(depth: depth + 1, using: &generator))
            }
            return Node(.mapping(entries), at: location)
        }
    }
}
