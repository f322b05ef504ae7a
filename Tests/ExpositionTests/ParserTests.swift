import Exposition
import Model
import Testing

@Suite("The exposition parser")
struct ParserTests {
    @Test(
        "reads numbers as Go does",
        arguments: [
            ("0", 0.0), ("-0", -0.0), ("1.", 1), (".5", 0.5), ("+1", 1), ("1e3", 1000), ("1E+3", 1000), ("1e-3", 0.001),
            ("inf", .infinity), ("-Inf", -.infinity), ("+iNfInItY", .infinity),
            ("9007199254740993", 9_007_199_254_740_992),
            ("0.1", 0.1), ("123456789.123456789", 123_456_789.123456789), ("4.9e-324", .leastNonzeroMagnitude),
            ("1e-400", 0),
            ("2.2250738585072011e-308", Double(bitPattern: 0x000f_ffff_ffff_ffff)),
            ("1.7976931348623157e308", 1.7976931348623157e308),
            ("8.41e21", 8.41e21), ("9007199254740993.0000000000000001", 9_007_199_254_740_994),
            ("179769313486231570000000000000000000000e270", 1.7976931348623157e308), ("1e23", 1e23),
            ("22.753436490946548", 22.753436490946548), ("00000000000000000000000000001", 1),
        ])
    func numbers(text: String, value: Double) {
        let document = Document(Array("a \(text)\n".utf8), format: .text)
        #expect(document.entries.first?.value?.bitPattern == value.bitPattern)
    }

    @Test(
        "refuses what Go refuses",
        arguments: [
            "0x10", "1_0", "1e", "1e+", ".", "+", "-", "", "+nan", "infin", "1e999", "-1e999", "1.2.3", "1,5", "--1",
            "e5",
            "0x1p-2", "1d", "nanx",
        ])
    func notNumbers(text: String) {
        #expect(Document(Array("a \(text)\n".utf8), format: .text).error != nil)
    }

    @Test("turns every NaN into the ordinary one", arguments: ["NaN", "nan", "nAn"])
    func ordinaryNaN(text: String) {
        let document = Document(Array("a \(text)\n".utf8), format: .text)
        #expect(document.entries.first?.value?.bitPattern == SpecialValue.ordinaryNaNBits)
    }

    @Test(
        "reads label sets",
        arguments: [
            (#"a{b="c",} 1"#, ["__name__": "a", "b": "c"]),
            (#"a{b="c" d="e"} 1"#, ["__name__": "a", "b": "c", "d": "e"]),
            (#"a { b = "c" , d="" } 1"#, ["__name__": "a", "b": "c"]),
            (#"{"x.y","z w"="1"} 1"#, ["__name__": "x.y", "z w": "1"]),
            (#"{b="c","x"}1"#, ["__name__": "x", "b": "c"]),
            (#"a{b="\\\"\n\q"} 1"#, ["__name__": "a", "b": "\\\"\n\\q"]),
            ("a{b=\"x\ny\"} 1", ["__name__": "a", "b": "x\ny"]),
            (#"a{b="x} 5"} 1"#, ["__name__": "a", "b": "x} 5"]),
            ("a{} 1", ["__name__": "a"]),
        ])
    func labels(line: String, wanted: [String: String]) {
        let document = Document(Array((line + "\n").utf8), format: .text)
        #expect(document.error == nil)
        #expect(document.entries.first?.labels == Labels(wanted))
    }

    @Test(
        "normalises bounds only where the TYPE says so",
        arguments: [
            ("histogram", "le", "1", "1.0"), ("histogram", "le", "1e3", "1000.0"), ("histogram", "le", "+Inf", "+Inf"),
            ("histogram", "le", "0.005", "0.005"), ("histogram", "quantile", "1", "1"),
            ("summary", "quantile", "1", "1.0"),
            ("summary", "le", "1", "1"), ("counter", "le", "1", "1"), ("histogram", "le", "many", "many"),
        ])
    func bounds(type: String, label: String, text: String, wanted: String) {
        let body = "# TYPE x \(type)\nx_bucket{\(label)=\"\(text)\"} 1\n"
        let document = Document(Array(body.utf8), format: .text)
        #expect(document.entries.last?.labels[label] == wanted)
    }

    @Test(
        "chooses the format by media type",
        arguments: [
            ("text/plain", ExpositionFormat.text), ("text/plain; version=0.0.4; charset=utf-8", .text),
            ("Text/Plain;version=1.0.0", .text), ("application/openmetrics-text; version=1.0.0", .openMetrics),
            ("text/html", nil), ("application/json", nil), ("", nil),
            ("application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily", nil),
        ])
    func formats(contentType: String, format: ExpositionFormat?) {
        #expect(ExpositionFormat(contentType: contentType) == format)
    }
}
