import Testing

@testable import PromQL

@Suite("Function table")
struct FunctionTableTests {
    @Test("Names are unique and every signature is found by its name")
    func names() {
        let all = Parser.functions.all
        #expect(all.count == 90)
        #expect(Set(all.map(\.name)).count == all.count)
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

    @Test("No name is registered twice, and every signature has the implementation of its own record")
    func records() throws {
        let library = FunctionLibrary.standard
        var names: Set<String> = []
        for (index, record) in library.records.enumerated() {
            let name = record.signature.name
            #expect(names.insert(name).inserted, "\(name) is registered twice")
            let signature = try #require(library.table.signature(name))
            #expect(signature.id == FunctionID(index: index), "\(name)")
            #expect(Self.fits(library[signature.id], signature), "\(name) has an implementation of another shape")
        }
        #expect(names.count == library.table.all.count)
    }

    @Test("anchored and smoothed go with the functions that Prometheus names")
    func anchorings() {
        #expect(Parser.functions.names(allowing: .anchored) == ["changes", "delta", "increase", "rate", "resets"])
        #expect(Parser.functions.names(allowing: .smoothed) == ["delta", "increase", "rate"])
    }

    /// Whether the types of a signature are those that an implementation computes with.
    private static func fits(_ implementation: FunctionImplementation, _ signature: FunctionSignature) -> Bool {
        switch implementation {
        case .map: signature.arguments == [.vector] && signature.result == .vector
        case .range: signature.arguments.contains(.matrix) && signature.result == .vector
        case .scalars: signature.arguments.allSatisfy { $0 == .scalar } && signature.result == .scalar
        case .constant: signature.arguments.isEmpty && signature.traits.constant != nil
        case .node: signature.traits.constant == nil
        }
    }
}
