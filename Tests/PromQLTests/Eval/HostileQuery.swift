import Model
import PromQL
import TestSupport

/// Queries of every function, operator and modifier, with arguments nobody would write. Most of them parse.
struct HostileQuery {
    var random: SeededGenerator

    mutating func pick(_ texts: [String]) -> String { random.pick(texts) }

    mutating func query() -> String {
        switch Int.random(in: 0..<12, using: &random) {
        case 0: return deep()
        case 1: return scalar(2)
        case 2: return range(2)
        case 3, 4:
            var writer = RandomQueryTests.Writer(random: random)
            let text = writer.vector(Int.random(in: 1...4, using: &random))
            random = writer.random
            return text
        default: return vector(Int.random(in: 1...4, using: &random))
        }
    }

    mutating func number() -> String {
        pick([
            "0", "1", "-1", "0.5", "NaN", "Inf", "-Inf", "1e308", "-1e-320", "9223372036854775807", "-9.3e18", "3",
            "0.999",
            "1e9",
        ])
    }

    mutating func duration() -> String {
        pick([
            "1ms", "17s", "1m", "5m", "1h", "1d", "1y", "290y", "5m", "30s", "(1h - 59m)", "step()", "range()",
            "max_of(1m, 5s)", "9223372036", "0.001", "2 ^ 30", "1m * 1e5", "-5m", "0",
        ])
    }

    mutating func modifiers() -> String {
        var text = ""
        if random.chance(20) { text += " offset \(pick(["1m", "-1m", "290y", "-290y", "1ms", "(step() - 1h)"]))" }
        if random.chance(15) {
            text +=
                " @ \(pick(["60", "0", "-9223372036854775", "9223372036854775", "1e15", "start()", "end()", "61.5"]))"
        }
        return text
    }

    mutating func selector() -> String {
        pick([
            "x", "x{a=\"1\"}", "h", "h{a!=\"\"}", "c_bucket", "{__name__=~\".+\"}", "{a=~\"1|2\", __name__!=\"h\"}",
            "info_total",
            "target_info", "absent_metric", "odd",
        ])
    }

    mutating func range(_ depth: Int) -> String {
        if depth > 0, random.chance(35) {
            let step = random.chance(20) ? "" : pick(["1ms", "1s", "7s", "1m", "1h", "290y", "step()", "30s"])
            return "(\(vector(depth - 1)))[\(duration()):\(step)]\(modifiers())"
        }
        let kind = random.chance(15) ? pick([" anchored", " smoothed"]) : ""
        return "\(selector())[\(duration())]\(kind)\(modifiers())"
    }

    mutating func scalar(_ depth: Int) -> String {
        guard depth > 0 else { return number() }
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return "scalar(\(vector(depth - 1)))"
        case 1: return "(\(scalar(depth - 1)) \(pick(["+", "-", "*", "/", "%", "^", "atan2", "== bool"])) \(number()))"
        case 2: return pick(["time()", "pi()", "start()", "end()", "step()", "range()", "max_of(1, NaN)", "-time()"])
        default: return number()
        }
    }

    mutating func vector(_ depth: Int) -> String {
        guard depth > 0 else { return selector() + modifiers() }
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return selector() + modifiers()
        case 1, 2, 3, 4: return call(depth)
        case 5, 6: return aggregation(depth)
        case 7: return "(\(vector(depth - 1)) \(pick(["+", "/", "%", "^", ">", "<= bool", "</", ">/"])) \(scalar(1)))"
        case 8: return random.chance(30) ? widening() : "-(\(vector(depth - 1)))"
        default: return join(depth)
        }
    }

    /// A table with a series for each step: few samples, many cells.
    private mutating func widening() -> String {
        let many = "count_values(\"v\", vector(time()))"
        return pick([
            many, "(\(selector()) * on () group_left (v) \(many))", "(\(many) or \(many) * 2)",
            "(\(many) - (\(many) / 3))",
            "count_values by (a) (\"v\", \(selector()) * 0 + time())",
            "histogram_quantiles(label_replace(\(many), \"le\", \"+Inf\", \"\", \"\"), \"q\", 0.1, 0.2, 0.3)",
        ])
    }

    private mutating func call(_ depth: Int) -> String {
        let functions = Parser.functions.all.filter { $0.result == .vector }
        guard let function = functions.randomElement(using: &random) else { return selector() }
        var arguments = function.arguments.map { argument($0, depth) }
        let more = function.variadic
        if more > 0, random.chance(40) {
            arguments.removeLast()
        } else if more < 0 || more > 1, random.chance(50), let last = function.arguments.last {
            arguments.append(argument(last, depth))
        }
        if function.name == "info", arguments.count > 1 {
            arguments[1] = pick(["{a=~\".*\"}", "{__name__=~\".+\"}", "{b=\"\"}"])
        }
        return "\(function.name)(\(arguments.joined(separator: ", ")))"
    }

    private mutating func argument(_ type: ValueType, _ depth: Int) -> String {
        switch type {
        case .scalar: scalar(1)
        case .vector: vector(depth - 1)
        case .matrix: range(depth)
        default:
            pick([
                "\"a\"", "\"le\"", "\"__name__\"", "\"$1\"", "\"(.*)\"", "\"\"", "\"(a+)+$\"", "\"\\xff\"", "\"new\"",
            ])
        }
    }

    private mutating func aggregation(_ depth: Int) -> String {
        let grouping = pick([
            "", "", " by (a)", " without (a)", " by (__name__, le)", " without ()", " by ()", " by (\"é\")",
        ])
        let inner = vector(depth - 1)
        if random.chance(50) {
            let op = pick(["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"])
            return "\(op)\(grouping) (\(inner))"
        }
        if random.chance(25) {
            return "count_values\(grouping) (\(pick(["\"v\"", "\"a\"", "\"__name__\""])), \(inner))"
        }
        return "\(pick(["topk", "bottomk", "quantile", "limitk", "limit_ratio"]))\(grouping) (\(scalar(1)), \(inner))"
    }

    private mutating func join(_ depth: Int) -> String {
        let op = pick([
            "+", "-", "*", "/", "%", "^", "atan2", "==", "!=", "> bool", "<", "and", "or", "unless", "</", ">/",
        ])
        let isSet = ["and", "or", "unless"].contains(op)
        var matching = pick([
            "", "", " on (a)", " ignoring (le)", " on ()", " ignoring (a, __name__)", " on (__name__)",
        ])
        if !isSet, !matching.isEmpty, random.chance(50) {
            matching += pick([" group_left ()", " group_right (le)", " group_left (b)", " group_left (v)"])
        }
        if !isSet, random.chance(10) {
            matching += pick([" fill(0)", " fill_left(NaN)", " fill_right(-1) fill_left(Inf)"])
        }
        return "(\(vector(depth - 1)) \(op)\(matching) \(vector(depth - 1)))"
    }

    /// One construct inside itself, up to the nesting that the parser allows.
    private mutating func deep() -> String {
        let count = random.pick([3, 10, 60, 150], or: 3)
        let (open, close) = random.pick(
            [
                ("(", ")"), ("-", ""), ("sum(", ")"), ("x + ", ""), ("x or ", ""), ("abs(", ")"), ("x ^ ", ""),
                ("max_over_time((", ")[1m:1s])"), ("sum_over_time((", ")[5m:])"),
                ("label_replace(", ", \"a\", \"$1$1\", \"a\", \"(.*)\")"),
                ("label_join(", ", \"a\", \"\", \"a\", \"a\")"), ("count_values(\"v\", ", ")"),
                ("(count_values(\"v\", vector(time())) + ", ")"), ("(count_values(\"v\", vector(time())) or ", ")"),
                ("rate((", ")[1h:1m] offset -1h)"),
                ("absent(", ")"), ("(x and on () ", ")"),
            ], or: ("(", ")"))
        return String(repeating: open, count: count) + selector() + String(repeating: close, count: count)
    }
}
