/// Functions of the query's own times. They have a value before the query is evaluated, which the planner puts in.
enum ContextFunctions {
    /// The records.
    static let all: [FunctionRecord] = [
        record("start", .start), record("end", .end), record("range", .range), record("step", .step),
    ]

    private static func record(_ name: String, _ constant: FunctionTraits.QueryConstant) -> FunctionRecord {
        FunctionRecord(
            name, [], .scalar, experimental: true, traits: FunctionTraits(constant: constant), does: .constant)
    }
}
