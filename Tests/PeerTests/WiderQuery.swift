import TestSupport

/// Functions around random queries that the naive evaluator does not know, and Prometheus does.
///
/// Left out is what 2.42 leaves open or has not: which of equal values topk takes, and functions that came later.
struct WiderQuery {
    private var generator: SeededGenerator
    private var random: RandomQuery

    init(seed: UInt64, around random: RandomQuery) {
        generator = SeededGenerator(seed: seed &* 31 &+ 7)
        self.random = random
    }

    private mutating func pick<Item>(_ items: [Item]) -> Item {
        items[Int.random(in: 0..<items.count, using: &generator)]
    }

    /// The next query: one in two as `RandomQuery` makes it.
    mutating func next() -> String {
        let inner = random.vector(depth: generator.chance(50) ? 1 : 2)
        let range = "\(pick(RandomQuery.names))[\(pick(["1m", "3m", "7m"]))]"
        switch Int.random(in: 0..<26, using: &generator) {
        case 0: return "label_replace(\(inner), \"copy\", \"<$1>\", \"job\", \"(a|w)(.*)\")"
        case 1: return "label_replace(\(inner), \"pod\", \"\(pick(["", "x", "$1"]))\", \"pod\", \"(.)\")"
        case 2: return "label_join(\(inner), \"both\", \"-\", \"job\", \"pod\", \"nope\")"
        case 3: return "quantile_over_time(\(pick(["0", "0.3", "0.99", "1", "2", "-1"])), \(range))"
        case 4: return "deriv(\(range))"
        case 5: return "predict_linear(\(range), \(pick(["0", "60", "-3600"])))"
        case 6: return "stdvar_over_time(\(range))"
        case 7: return "clamp(\(inner), \(pick(["-5", "0", "7"])), \(pick(["3", "0", "NaN"])))"
        case 8: return "\(pick(["clamp_min", "clamp_max"]))(\(inner), 4)"
        case 9: return "\(pick(["hour", "minute", "day_of_week", "day_of_month", "month", "days_in_month"]))(\(inner))"
        case 10: return "timestamp(\(inner))"
        case 11: return "vector(scalar(\(inner)))"
        case 12: return "absent_over_time(\(range))"
        case 13: return "\(pick(["topk", "bottomk"]))(\(pick(["100", "0", "-1"])), \(inner))"
        case 14: return "\(pick(["sort", "sort_desc"]))(\(inner))"
        case 15: return "round(\(inner), \(pick(["0.1", "10", "0"])))"
        case 16: return "\(pick(["exp", "log10", "sin", "tanh", "acos", "asinh", "rad"]))(\(inner))"
        case 17: return "(\(inner) ^ \(pick(["2", "-0.5", "0"])))"
        case 18: return "(\(inner) atan2 \(inner))"
        case 19: return "histogram_quantile(\(pick(["0.5", "-1", "2"])), latency_bucket)"
        case 20: return "sum(\(inner)) by (job) > bool count(\(inner)) by (job)"
        default: return random.vector()
        }
    }

    /// A time to ask at.
    mutating func time() -> Int64 { random.time() }
}
