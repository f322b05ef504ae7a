/// The functions that a parser knows, by name and by index.
package struct FunctionTable: Sendable {
    private let signatures: [FunctionSignature]
    private let indexes: [String: Int]

    /// A table of functions, whose ids are their indexes. No two may have one name.
    init(_ signatures: [FunctionSignature]) {
        var numbered = signatures
        for index in numbered.indices { numbered[index].id = FunctionID(index: index) }
        self.signatures = numbered
        indexes = Dictionary(uniqueKeysWithValues: numbered.map { ($0.name, $0.id.index) })
    }

    /// The signature of a function; names are case-sensitive. O(1).
    package func signature(_ name: String) -> FunctionSignature? { indexes[name].map { signatures[$0] } }

    /// All signatures, sorted by name.
    package var all: [FunctionSignature] { signatures.sorted { $0.name < $1.name } }

    /// The names of the functions whose range argument may be `anchored` or `smoothed`, sorted.
    func names(allowing anchoring: RangeAnchoring) -> [String] {
        all.filter { $0.traits.anchorings.contains(anchoring) }.map(\.name)
    }
}
