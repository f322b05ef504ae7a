import TestSupport
import Testing
import YAML

@Suite("Readers under random input")
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

    @Test("no text makes a reader trap or hang", arguments: 0..<8 as Range<UInt64>)
    func noTraps(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            let yaml = Self.text(Self.yamlPieces, using: &generator)
            if let documents = try? YAMLReader.documents(yaml) {
                for document in documents { checkPlaces(document, lines: yaml.utf8.count + 2, seed: seed, text: yaml) }
            }
            let json = Self.text(Self.jsonPieces, using: &generator)
            if let node = try? JSONReader.parse(json) {
                checkPlaces(node, lines: json.utf8.count + 2, seed: seed, text: json)
            }
            let bytes = (0..<20).map { _ in UInt8.random(in: 0...255, using: &generator) }
            _ = try? JSONReader.parse(bytes)
            _ = try? YAMLReader.documents(String(decoding: bytes, as: UTF8.self))
        }
    }

    @Test("a random tree survives writing and reading, as JSON and as YAML", arguments: 0..<8 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed &+ 1000)
        for _ in 0..<100 {
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

    private func checkPlaces(_ node: Node, lines: Int, seed: UInt64, text: String) {
        let place = node.location
        if place.line < 1 || place.column < 1 || place.line > lines {
            Issue.record("seed \(seed): the place \(place) is outside of \(text.debugDescription)")
        }
        switch node.kind {
        case .scalar: break
        case .sequence(let elements):
            for element in elements { checkPlaces(element, lines: lines, seed: seed, text: text) }
        case .mapping(let entries):
            for entry in entries { checkPlaces(entry.value, lines: lines, seed: seed, text: text) }
        }
    }

    private func randomNode(depth: Int, using generator: inout SeededGenerator) -> Node {
        let place = SourceLocation(line: 1, column: 1)
        switch Int.random(in: 0..<(depth > 4 ? 4 : 6), using: &generator) {
        case 0:
            return Node(
                .scalar(.init(text: "\(Int.random(in: -99...99, using: &generator))", isPlain: true)), at: place)
        case 1: return Node(.scalar(.init(text: "true", isPlain: true)), at: place)
        case 2: return Node(.scalar(.init(text: "null", isPlain: true)), at: place)
        case 3:
            let text = (0..<6).map { _ in
                ["a", "\"", "\\", "\n", "ü", "😀", " ", ":", "#", "\u{7}"].randomElement(using: &generator) ?? ""
            }
            return Node(.scalar(.init(text: text.joined(), isPlain: false)), at: place)
        case 4: return Node(.sequence((0..<3).map { _ in randomNode(depth: depth + 1, using: &generator) }), at: place)
        default:
            let entries = (0..<3).map { index in
                Node.Entry(key: "k\(index)", keyLocation: place, value: randomNode(depth: depth + 1, using: &generator))
            }
            return Node(.mapping(entries), at: place)
        }
    }
}
