import Foundation

/// A difference between Prometheus 2.42 and the tracked 3.x that shows although no sample lies on a window's edge.
/// A rule is matched by what the query uses, never by the query itself.
struct KnownDifference: Sendable {
    /// Short name for the report.
    let name: String
    /// What the two do.
    let reason: String
    /// Whether the query uses the feature.
    let concerns: @Sendable (String) -> Bool
    /// What Haldane's error must contain, `nil` where it need not be an error.
    var error: String?
    /// What Prometheus's error must contain, `nil` where it need not be an error.
    var peerError: String?
    /// The query with the feature replaced by a near one that both know alike: then nothing may differ. `nil` where
    /// there is no such thing.
    var substitute: (@Sendable (String) -> String)?

    /// All of them.
    static let all: [KnownDifference] = [
        KnownDifference(
            name: "UTF-8 label names",
            reason: "label_replace and label_join take any UTF-8 destination label in 3.x, only legacy names in 2.42",
            concerns: { $0.contains(#/label_(?:replace|join)\(/#) },
            peerError: "invalid destination label name"),
        KnownDifference(
            name: "functions younger than 2.42",
            reason: "first_over_time came with 3.x",
            concerns: { $0.contains("first_over_time(") },
            peerError: "unknown function with name"),
        KnownDifference(
            name: "zero point of counters",
            reason: "rate and increase apply the zero-point rule before the 110 % cut in 2.42, after it since 2.51",
            concerns: { $0.contains(#/\b(?:rate|increase)\(/#) },
            substitute: { $0.replacing(#/\b(?:rate|increase)\(/#, with: "delta(") }),
        KnownDifference(
            name: "deviation of infinities",
            reason: "a stddev or stdvar group whose first value is infinite starts as NaN in 3.x, as 0 in 2.42",
            concerns: { $0.contains(#/\b(?:stddev|stdvar)\b/#) },
            substitute: { $0.replacing(#/\b(?:stddev|stdvar)\b/#, with: "sum") }),
        KnownDifference(
            name: "name of atan2",
            reason: "atan2 drops the metric name since 2.47 (prometheus/prometheus#12595); 2.42 kept it",
            concerns: { $0.contains(" atan2 ") },
            substitute: { $0.replacing(" atan2 ", with: " * ") }),
        KnownDifference(
            name: "regression",
            reason:
                "the sums behind deriv and predict_linear turn NaN with an infinite sample in 2.42, infinite in 3.x; and "
                + "over a selector with @, 2.42's window of predict_linear moves with the steps of a range query",
            concerns: { $0.contains(#/\b(?:deriv|predict_linear)\(/#) },
            substitute: {
                $0.replacing(#/\bpredict_linear\(([^()]*(?:\(\))?[^()]*), [0-9]+\)/#) { "delta(\($0.1))" }
                    .replacing(#/\bderiv\(/#, with: "delta(")
            }),
        KnownDifference(
            name: "matches that a comparison drops",
            reason:
                "many-to-one matches are an error in 3.x even where the comparison drops them; 2.42 overlooked those",
            concerns: { $0.contains(#/ (?:==|!=|<=|>=|<|>) (?!bool )/#) },
            error: "multiple matches for labels",
            substitute: { $0.replacing(#/ (==|!=|<=|>=|<|>) (?!bool )/#) { " \($0.1) bool " } }),
    ]
}
