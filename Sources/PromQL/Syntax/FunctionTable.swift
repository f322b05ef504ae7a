/// Every function of the language.
package enum FunctionTable {
    /// The signature of a function; names are case-sensitive. O(1).
    package static func signature(_ name: String) -> FunctionSignature? { byName[name] }

    /// All signatures, sorted by name.
    package static var all: [FunctionSignature] { byName.values.sorted { $0.name < $1.name } }

    private static let byName: [String: FunctionSignature] = {
        let lists = [elementwise, ofRanges, ofDates, ofLabels, ofHistograms, others, ofContext]
        return Dictionary(uniqueKeysWithValues: lists.joined().map { ($0.name, $0) })
    }()

    /// One float in, one float out.
    private static let elementwise: [FunctionSignature] =
        [
            "abs", "ceil", "floor", "exp", "sqrt", "ln", "log2", "log10", "sgn", "sin", "cos", "tan", "asin", "acos",
            "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "deg", "rad",
        ].map { FunctionSignature($0, [.vector], .vector) } + [
            FunctionSignature("clamp", [.vector, .scalar, .scalar], .vector),
            FunctionSignature("clamp_max", [.vector, .scalar], .vector),
            FunctionSignature("clamp_min", [.vector, .scalar], .vector),
            FunctionSignature("round", [.vector, .scalar], .vector, variadic: 1),
        ]

    /// A window of samples in, one sample out.
    private static let ofRanges: [FunctionSignature] =
        [
            "absent_over_time", "avg_over_time", "changes", "count_over_time", "delta", "deriv", "first_over_time",
            "idelta", "increase", "irate", "last_over_time", "max_over_time", "min_over_time", "present_over_time",
            "rate", "resets", "stddev_over_time", "stdvar_over_time", "sum_over_time",
        ].map { FunctionSignature($0, [.matrix], .vector) }
        + [
            "mad_over_time", "ts_of_first_over_time", "ts_of_last_over_time", "ts_of_max_over_time",
            "ts_of_min_over_time",
        ].map { FunctionSignature($0, [.matrix], .vector, experimental: true) } + [
            FunctionSignature(
                "double_exponential_smoothing", [.matrix, .scalar, .scalar], .vector, experimental: true),
            FunctionSignature("predict_linear", [.matrix, .scalar], .vector),
            FunctionSignature("quantile_over_time", [.scalar, .matrix], .vector),
        ]

    /// Parts of a date; without argument, of the evaluation time.
    private static let ofDates: [FunctionSignature] = [
        "days_in_month", "day_of_month", "day_of_week", "day_of_year", "hour", "minute", "month", "year",
    ].map { FunctionSignature($0, [.vector], .vector, variadic: 1) }

    private static let ofLabels: [FunctionSignature] = [
        FunctionSignature("label_join", [.vector, .string, .string, .string], .vector, variadic: -1),
        FunctionSignature("label_replace", [.vector, .string, .string, .string, .string], .vector),
        FunctionSignature("sort", [.vector], .vector),
        FunctionSignature("sort_desc", [.vector], .vector),
        FunctionSignature("sort_by_label", [.vector, .string], .vector, variadic: -1, experimental: true),
        FunctionSignature("sort_by_label_desc", [.vector, .string], .vector, variadic: -1, experimental: true),
        FunctionSignature("info", [.vector, .vector], .vector, variadic: 1, experimental: true),
    ]

    private static let ofHistograms: [FunctionSignature] =
        [
            "histogram_avg", "histogram_count", "histogram_sum", "histogram_stddev", "histogram_stdvar",
        ].map { FunctionSignature($0, [.vector], .vector) } + [
            FunctionSignature("histogram_fraction", [.scalar, .scalar, .vector], .vector),
            FunctionSignature("histogram_quantile", [.scalar, .vector], .vector),
            FunctionSignature(
                "histogram_quantiles", [.vector, .string, .scalar, .scalar], .vector, variadic: 9, experimental: true),
        ]

    private static let others: [FunctionSignature] = [
        FunctionSignature("absent", [.vector], .vector),
        FunctionSignature("max_of", [.scalar, .scalar], .scalar, experimental: true),
        FunctionSignature("min_of", [.scalar, .scalar], .scalar, experimental: true),
        FunctionSignature("pi", [], .scalar),
        FunctionSignature("scalar", [.vector], .scalar),
        FunctionSignature("start_timestamp", [.vector], .vector, experimental: true),
        FunctionSignature("time", [], .scalar),
        FunctionSignature("timestamp", [.vector], .vector),
        FunctionSignature("vector", [.scalar], .vector),
    ]

    /// The query's own range and step.
    private static let ofContext: [FunctionSignature] = ["start", "end", "step", "range"]
        .map { FunctionSignature($0, [], .scalar, experimental: true) }
}
