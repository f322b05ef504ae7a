import PromQL
import Testing

@Suite("Function table")
struct FunctionTableTests {
    @Test("Names are unique and every signature is found by its name")
    func names() {
        let all = Parser.functions.all
        #expect(all.count == 90)
        for signature in all { #expect(Parser.functions.signature(signature.name)?.name == signature.name) }
        #expect(Parser.functions.signature("Rate") == nil)
    }

    @Test(
        "Arity follows the variadic rule",
        arguments: [
            ("rate", 1...1), ("round", 1...2), ("label_join", 3...Int.max), ("sort_by_label", 1...Int.max),
            ("histogram_quantiles", 3...12), ("info", 1...2), ("time", 0...0), ("hour", 0...1), ("clamp", 3...3),
        ])
    func arity(_ name: String, _ wanted: ClosedRange<Int>) throws {
        #expect(try #require(Parser.functions.signature(name)).arity == wanted)
    }
}
