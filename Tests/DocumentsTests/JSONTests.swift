import Documents
import Testing

@Suite("JSON")
struct JSONTests {
    @Test("a document reads to the same tree as YAML")
    func tree() throws {
        let node = try JSONReader.parse(#"{"a": [1, -2.5e3, true, null, "x\u00fc\n\ud83d\ude00"], "b": {}}"#)
        let list = try #require(node["a"]).elements()
        #expect(try list[0].int() == 1)
        #expect(try list[1].double() == -2500)
        #expect(try list[2].bool())
        #expect(list[3].isNull)
        #expect(try list[4].string() == "xü\n😀")
        #expect(try node["b"]?.entries().isEmpty == true)
    }

    @Test("strings are never numbers")
    func quoted() throws {
        #expect(try JSONReader.parse(#""12""#).string() == "12")
    }

    @Test("locations are kept")
    func locations() throws {
        let node = try JSONReader.parse("{\n  \"ü\": [\n    1, 2 ]\n}")
        #expect(try node["ü"]?.elements()[1].location == SourceLocation(line: 3, column: 8))
    }

    @Test(
        "what is no JSON is refused with its location",
        arguments: [
            ("", "1:1: wanted a value, found the end"),
            ("{\"a\" 1}", "1:6: wanted a colon after the key, found \"1\""),
            ("{a: 1}", "1:2: wanted a key in double quotes, found \"a\""),
            ("[1,]", "1:4: wanted a value, found \"]\""),
            ("[1 2]", "1:4: wanted a comma or ] in the array, found \"2\""),
            ("01", "1:1: a number must not begin with a zero"),
            ("-", "1:2: wanted a digit, found the end"),
            ("1.", "1:3: wanted a digit after the point, found the end"),
            ("1e", "1:3: wanted a digit in the exponent, found the end"),
            ("nul", "1:1: wanted a value, found \"n\""),
            ("NaN", "1:1: wanted a value, found \"N\""),
            ("1 2", "1:3: unexpected text after the value"),
            ("\"a", "1:3: the text has no closing quote"),
            ("\"\\x\"", "1:3: unknown escape \\\"x\""),
            ("\"\\u12g4\"", "1:4: wanted four hex digits after \\u"),
            ("\"\u{1}\"", "1:2: a control character must be escaped"),
            ("{\"a\": 1,\n\"a\": 2}", "2:1: the key \"a\" stands here again; it was first at 1:2"),
        ])
    func broken(text: String, message: String) {
        do {
            _ = try JSONReader.parse(text)
            Issue.record("no error for \(text)")
        } catch {
            #expect(error.description == message)
        }
    }

    @Test("invalid UTF-8 and deep nesting are refused, lone surrogates replaced")
    func hostile() throws {
        #expect(throws: YAMLError.self) { try JSONReader.parse([0x22, 0xff, 0x22]) }
        #expect(throws: YAMLError.self) { try JSONReader.parse(String(repeating: "[", count: 100_000)) }
        #expect(try JSONReader.parse(#""a\ud800b""#).string() == "a\u{fffd}b")
        #expect(try JSONReader.parse(#""\ud800\u0041""#).string() == "\u{fffd}A")
    }

    @Test("the writer separates and escapes")
    func writer() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("a\"b", "x\\y\n\u{1}\u{2028}ü")
        writer.key("list")
        writer.beginArray()
        writer.int(-3)
        writer.number("1.5")
        writer.bool(true)
        writer.null()
        writer.beginObject()
        writer.endObject()
        writer.beginArray()
        writer.endArray()
        writer.endArray()
        writer.field("n", 7)
        writer.field("no", false)
        writer.endObject()
        #expect(
            writer.text
                == #"{"a\"b":"x\\y\n\u0001\u2028ü","list":[-3,1.5,true,null,{},[]],"n":7,"no":false}"#)
    }

    @Test("what the writer writes of a tree reads back as the same tree")
    func roundTrip() throws {
        let text = #"{"a":[1,2.5,"12",true,null],"b":{"c":"x"}}"#
        var writer = JSONWriter()
        writer.node(try JSONReader.parse(text))
        #expect(writer.text == text)
        var fromYAML = JSONWriter()
        fromYAML.node(try #require(try YAMLReader.documents("a: [1, 2.5, '12', true, ~]\nb: {c: x}").first))
        #expect(fromYAML.text == text)
    }

    @Test("a number keeps its spelling where JSON allows it, and becomes JSON where YAML alone does")
    func numbers() throws {
        let kept =
            "[1.10,1e3,1E-3,-0,-0.0,0.5,9007199254740993,-9223372036854775808,18446744073709551616,0.1000000000000000055,1e999]"
        var writer = JSONWriter()
        writer.node(try JSONReader.parse(kept))
        #expect(writer.text == kept)
        var fromYAML = JSONWriter()
        let yaml = "[+1, 007, .5, 5., 5.e1, -.5, +1.5, 0x1f, 0o17, 1.10, .inf, 1_0]"
        fromYAML.node(try #require(try YAMLReader.documents(yaml).first))
        #expect(fromYAML.text == #"[1,7,0.5,5.0,50.0,-0.5,1.5,31,15,1.10,".inf","1_0"]"#)
    }
}
