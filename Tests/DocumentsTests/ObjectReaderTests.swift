import Documents
import Testing

@Suite("Reading values with their path")
struct ObjectReaderTests {
    private static let text = """
        spec:
          interval: 1m
          threshold: "5"
          weight: 10
          share: 99.5
          flag: maybe
          list: [a, 2]
          tresholdRange: {}
          empty:
        """

    private func spec() throws -> ObjectReader {
        var root = try ObjectReader(try #require(try YAMLReader.documents(Self.text).first))
        return try root.requiredObject("spec")
    }

    private func message(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "no error"
        } catch {
            return "\(error)"
        }
    }

    @Test("values come out typed")
    func values() throws {
        var spec = try spec()
        #expect(try spec.string("interval") == "1m")
        #expect(try spec.int("weight") == 10)
        #expect(try spec.double("weight") == 10)
        #expect(try spec.double("share") == 99.5)
        #expect(try spec.anyText("share") == "99.5")
        #expect(try spec.string("absent") == nil)
        #expect(try spec.string("empty") == nil)
        #expect(try spec.strings("absent") == [])
    }

    @Test("wrong values are errors with path and location")
    func errors() throws {
        var spec = try spec()
        #expect(
            message { _ = try spec.int("threshold") }
                == "3:14: spec.threshold: wanted a whole number, found the text \"5\"")
        #expect(
            message { _ = try spec.string("weight") } == "4:11: spec.weight: wanted a text, found the number 10")
        #expect(
            message { _ = try spec.int("share") } == "5:10: spec.share: wanted a whole number, found the number 99.5")
        #expect(
            message { _ = try spec.bool("flag") } == "6:9: spec.flag: wanted true or false, found the text \"maybe\"")
        #expect(
            message { _ = try spec.strings("list") } == "7:13: spec.list[1]: wanted a text, found the number 2")
        #expect(message { _ = try spec.object("list") } == "7:9: spec.list: wanted a mapping, found a list")
        #expect(message { _ = try spec.requiredString("name") } == "2:3: spec: the key \"name\" is missing")
        #expect(message { _ = try spec.requiredString("empty") } == "2:3: spec: the key \"empty\" is missing")
    }

    @Test(
        "booleans may be written in the words of YAML 1.1, unless quoted",
        arguments: [
            ("true", true), ("yes", true), ("On", true), ("FALSE", false), ("no", false), ("off", false),
            ("'yes'", nil),
            ("1", nil), ("'true'", nil),
        ] as [(String, Bool?)])
    func booleans(text: String, wanted: Bool?) throws {
        let node = try #require(try YAMLReader.documents(text).first)
        #expect((try? node.bool()) == wanted)
    }

    @Test("unknown keys are named with what they may have meant")
    func unknownKeys() throws {
        var spec = try spec()
        for key in ["interval", "threshold", "weight", "share", "flag", "list", "thresholdRange", "empty"] {
            _ = spec.node(key)
        }
        #expect(
            spec.unknownKeys().map(\.description) == [
                "8:3: spec: unknown key \"tresholdRange\"; did you mean \"thresholdRange\"?"
            ])
        #expect(message { try spec.finish() }.hasPrefix("8:3"))
    }

    @Test(
        "suggestions are near or not made",
        arguments: [
            ("treshold", "threshold"), ("stepweight", "stepWeight"), ("intreval", "interval"), ("foo", nil),
            ("", nil), ("maxWieght", "maxWeight"),
        ] as [(String, String?)])
    func suggestions(word: String, wanted: String?) {
        let known = ["threshold", "stepWeight", "interval", "maxWeight"]
        #expect(Suggestion.nearest(to: word, in: known) == wanted)
    }
}
