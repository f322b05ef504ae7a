package import Model

/// Random data and random queries over it, from a seed. What the naive evaluator does not know is not made.
package struct RandomQuery {
    private var generator: SeededGenerator

    /// The generator of a seed.
    package init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    private mutating func pick<Item>(_ items: [Item]) -> Item {
        items[Int.random(in: 0..<items.count, using: &generator)]
    }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &generator) < percent }

    /// The metrics that there are.
    package static let names = ["requests_total", "latency_bucket", "temperature", "errors_total"]
    private static let values: [String: [String]] = [
        "job": ["api", "web"], "pod": ["a", "b", "c"], "code": ["200", "404", "500"],
    ]
    private static let bounds = ["1.0", "5.0", "10.0", "+Inf"]

    /// Counters with resets and gaps, gauges, a classic histogram; samples at irregular times from 0 to 30 minutes.
    package mutating func data() -> NaiveData {
        var data = NaiveData()
        for name in Self.names {
            for job in ["api", "web"] {
                for pod in ["a", "b", "c"] where chance(80) {
                    if name == "latency_bucket" {
                        addHistogram(["__name__": name, "job": job, "pod": pod], to: &data)
                    } else {
                        var labels: Labels = ["__name__": name, "job": job, "pod": pod]
                        if chance(70) { labels["code"] = pick(["200", "404", "500"]) }
                        data.series.append(.init(labels: labels, samples: samples(counter: name.hasSuffix("_total"))))
                    }
                }
            }
        }
        return data
    }

    private mutating func samples(counter: Bool) -> [(time: Timestamp, value: Double)] {
        var out: [(time: Timestamp, value: Double)] = []
        var time = Timestamp.random(in: 0...60_000, using: &generator)
        var value = 0.0
        while time < 1_800_000 {
            if counter {
                value = chance(3) ? 0 : value + Double(Int.random(in: 0...20, using: &generator))
            } else {
                value = Double(Int.random(in: -400...400, using: &generator)) / 8
            }
            if chance(2) {
                out.append((time, SpecialValue.stale))
            } else if !chance(5) {
                out.append(
                    (time, !counter && chance(2) ? pick([.infinity, -.infinity, SpecialValue.ordinaryNaN]) : value))
            }
            time += 10_000 + Timestamp.random(in: 0...10_000, using: &generator) * (chance(10) ? 20 : 1)
        }
        return out
    }

    private mutating func addHistogram(_ labels: Labels, to data: inout NaiveData) {
        var counts = [0.0, 0, 0, 0]
        var series = Self.bounds.map { bound -> NaiveData.Series in
            var labels = labels
            labels["le"] = bound
            return .init(labels: labels, samples: [])
        }
        for time in stride(from: Timestamp(0), to: 1_800_000, by: 15_000) {
            for bucket in counts.indices {
                let seen = Double(Int.random(in: 0...5, using: &generator))
                for above in bucket..<counts.count { counts[above] += seen }
            }
            for bucket in counts.indices { series[bucket].samples.append((time, counts[bucket])) }
        }
        data.series += series
    }

    /// A time to ask at, with data around it.
    package mutating func time() -> Timestamp { Timestamp.random(in: 0...2_000_000, using: &generator) }

    /// The text of an expression that gives a vector.
    package mutating func vector(depth: Int = 3) -> String {
        if depth == 0 { return selector() }
        switch Int.random(in: 0..<18, using: &generator) {
        case 13: return labelled(depth: depth)
        case 14: return dated(depth: depth)
        case 15: return regression(depth: depth)
        case 16: return "\(pick(["topk", "bottomk"]))\(grouping()) (\(pick(["1", "2", "0", "3"])), \(ranked()))"
        case 17: return "(\(vector(depth: depth - 1)) or vector(\(scalar())))"
        case 0, 1: return selector() + modifiers()
        case 2, 3: return "\(pick(["rate", "increase", "delta", "irate", "idelta"]))(\(range(depth: depth)))"
        case 4: return "\(pick(Self.overTime))(\(range(depth: depth)))"
        case 5:
            // Rounding makes a whole number of a last digit, so it is only asked of samples as they are.
            if chance(40) { return "\(pick(["ceil", "floor", "round", "sgn"]))(\(selector()))" }
            return "\(pick(Self.elementwise))(\(vector(depth: depth - 1)))"
        case 6, 7: return aggregation(depth: depth)
        case 8:
            return
                "histogram_quantile(\(pick(["0.5", "0.9", "0.99", "0", "1"])), sum by (le, job) (rate(latency_bucket[\(duration())])))"
        case 9 where chance(20): return "(\(selector()) % \(scalar()))"
        case 9: return "(\(vector(depth: depth - 1)) \(pick(Self.arithmetic)) \(scalar()))"
        case 10: return "(\(scalar()) \(pick(Self.comparison))\(chance(50) ? " bool" : "") \(vector(depth: depth - 1)))"
        case 11: return join(depth: depth)
        default: return chance(50) ? "-\(selector())" : "absent(\(selector()))"
        }
    }

    private mutating func labelled(depth: Int) -> String {
        let inner = vector(depth: depth - 1)
        let target = pick(["code", "dst", "__name__", "job"])
        if chance(50) {
            let sources = pick(["", ", \"job\"", ", \"job\", \"pod\"", ", \"nope\", \"__name__\""])
            return "label_join(\(inner), \"\(target)\", \"\(pick(["", "-"]))\"\(sources))"
        }
        let replacement = pick(["$1", "x-$1", "fixed", ""])
        return
            "label_replace(\(inner), \"\(target)\", \"\(replacement)\", \"\(pick(["job", "pod", "nope", "code"]))\", \"\(pick(["(.*)", "(a|w).*", "([0-9])0+", "()"]))\")"
    }

    private mutating func dated(depth: Int) -> String {
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: return "timestamp(\(selector())\(modifiers()))"
        case 1: return "timestamp(\(vector(depth: depth - 1)))"
        case 2: return "\(pick(Self.dates))()"
        // Other days than the first one of 1970, but none before the Gregorian calendar.
        default:
            return
                "\(pick(Self.dates))((clamp(floor(\(selector())), -3e3, 1e4) >= -3e3) * \(pick(["86400", "3600", "2629743", "-86400"])))"
        }
    }

    private static let dates = [
        "minute", "hour", "month", "year", "day_of_month", "day_of_week", "day_of_year", "days_in_month",
    ]

    private mutating func regression(depth: Int) -> String {
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: return "deriv(\(range(depth: depth)))"
        case 1: return "predict_linear(\(range(depth: depth)), \(pick(["0", "60", "-90", "3600"])))"
        case 2: return "quantile_over_time(\(pick(["0", "0.5", "0.9", "1", "1.5", "-1"])), \(range(depth: depth)))"
        case 3: return "clamp(\(vector(depth: depth - 1)), \(pick(["0", "-5", "3"])), \(pick(["10", "2", "1e3"])))"
        default:
            return "\(pick(["sort", "sort_desc", "clamp_min", "clamp_max"]))".bounded(
                by: vector(depth: depth - 1), "1.5")
        }
    }

    /// A vector without equal values: which of two equal ones is taken is not said.
    private func ranked() -> String {
        "((temperature > -1e3) < 1e3) + timestamp(temperature) / 1e7"
    }

    private static let overTime = [
        "sum_over_time", "avg_over_time", "count_over_time", "min_over_time", "max_over_time", "stddev_over_time",
        "stdvar_over_time", "present_over_time", "changes", "resets", "last_over_time", "first_over_time",
    ]
    private static let elementwise = ["abs", "sqrt", "ln", "log2", "deg", "log10", "rad"]
    private static let arithmetic = ["+", "-", "*", "/"]
    private static let comparison = ["==", "!=", ">", "<", ">=", "<="]

    private mutating func scalar() -> String {
        pick(["0", "1", "2.5", "-3", "10", "time()", "scalar(temperature{pod=\"a\"})"])
    }

    private mutating func duration() -> String { pick(["30s", "1m", "2m", "5m", "17s", "7m"]) }

    private mutating func modifiers() -> String {
        var out = ""
        if chance(25) { out += " offset \(pick(["1m", "-30s", "90s"]))" }
        if chance(15) { out += " @ \(pick(["600", "start()", "end()", "1234.5"]))" }
        return out
    }

    private mutating func selector() -> String {
        var parts: [String] = []
        for (label, values) in Self.values.sorted(by: { $0.key < $1.key }) where chance(30) {
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: parts.append("\(label)=\"\(pick(values))\"")
            case 1: parts.append("\(label)!=\"\(pick(values))\"")
            case 2: parts.append("\(label)=~\"\(pick(values))|x\"")
            case 3: parts.append("\(label)!~\"\(pick(values)).*\"")
            default: parts.append("\(label)=\"\"")
            }
        }
        let name = pick(Self.names)
        if chance(10) { return "{__name__=~\"\(name)|\(pick(Self.names))\"\(parts.map { ", " + $0 }.joined())}" }
        return parts.isEmpty ? name : "\(name){\(parts.joined(separator: ", "))}"
    }

    private mutating func range(depth: Int) -> String {
        if depth > 1, chance(20) {
            var inner = vector(depth: 1)
            // Equal slopes, deviations and means differ in the last digit, and one that falls by that is a counter reset.
            if ["deriv", "predict", "std", "avg", "quantile"].contains(where: { inner.contains($0) }) {
                inner = selector()
            }
            return "(\(inner))[\(duration()):\(pick(["10s", "30s", "1m"]))]\(modifiers())"
        }
        return "\(selector())[\(duration())]\(modifiers())"
    }

    private mutating func grouping() -> String {
        let labels = ["job", "pod", "code", "le", "nope"].filter { _ in chance(35) }.joined(separator: ", ")
        return chance(20) ? "" : " \(pick(["by", "without"])) (\(labels))"
    }

    private mutating func aggregation(depth: Int) -> String {
        let inner = vector(depth: depth - 1)
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: return "quantile\(grouping()) (\(pick(["0", "0.5", "0.9", "1"])), \(inner))"
        // Only over samples as they are: a last digit that another order of additions changes would be another label.
        case 1: return "count_values\(grouping()) (\"value\", \(selector()))"
        default:
            let op = pick(["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"])
            return "\(op)\(grouping()) (\(inner))"
        }
    }

    private mutating func join(depth: Int) -> String {
        let left = vector(depth: depth - 1)
        let right = vector(depth: depth - 1)
        let labels = pick(["job", "pod", "job, pod", "job, pod, code", ""])
        let matching = chance(25) ? "" : "\(pick(["on", "ignoring"])) (\(labels)) "
        if chance(35) { return "(\(left) \(pick(["and", "or", "unless"])) \(matching)\(right))" }
        let side =
            chance(40) && !matching.isEmpty
            ? "\(pick(["group_left", "group_right"])) (\(chance(30) ? "code" : "")) " : ""
        let op = pick(Self.arithmetic + Self.comparison)
        let bool = Self.comparison.contains(op) && chance(30) ? "bool " : ""
        let clash = side.contains("code") && matching.hasPrefix("on") && labels.contains("code")
        return "(\(left) \(op) \(bool)\(clash ? "" : matching)\(clash ? "" : side)\(right))"
    }
}

extension String {
    /// A call of this function; those that clamp have a second argument.
    fileprivate func bounded(by inner: String, _ bound: String) -> String {
        hasPrefix("clamp") ? "\(self)(\(inner), \(bound))" : "\(self)(\(inner))"
    }
}
