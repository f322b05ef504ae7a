/// The functions of the language with their implementations.
struct FunctionLibrary: Sendable {
    /// The records, in the order of their ids.
    let records: [FunctionRecord]
    /// The signatures, for parser and planner.
    let table: FunctionTable

    /// A library of records with different names.
    init(_ records: [FunctionRecord]) {
        self.records = records
        table = FunctionTable(records.map(\.signature))
    }

    /// The implementation of a function of `table`.
    subscript(_ id: FunctionID) -> FunctionImplementation { records[id.index].implementation }

    /// Every function of PromQL as of Prometheus 3.14.
    static let standard = FunctionLibrary(
        [
            ElementwiseFunctions.all, ScalarFunctions.all, DateFunctions.all, RateFunctions.all, OverTimeFunctions.all,
            RegressionFunctions.all, LabelFunctions.all, SortFunctions.all, AbsentFunctions.all, HistogramFunctions.all,
            NativeHistogramFunctions.all, InfoFunction.all, ContextFunctions.all,
        ].flatMap { $0 })
}
