import Console
import Documents
import Model

/// A verdict as the API's JSON has it, for printing.
struct VerdictView {
    struct Check {
        var metric: String
        var verdict: String
        var value: Double?
        var low: Double?
        var high: Double?
        var unit: String
        var window: String
        var query: String
        var reason: String
        var detail: String
        var samples: Int
        var series: Int
    }

    var verdict: String
    var evaluatedAt: String
    var checks: [Check]
    /// What there is to say about a verdict without checks, empty for any other.
    var detail: String

    init(_ document: Node) throws {
        guard let word = document["verdict"], let time = document["evaluatedAt"], let list = document["checks"] else {
            throw CommandError.unreachable("the answer is no verdict; is this a haldane server?")
        }
        verdict = try word.string()
        evaluatedAt = try time.string()
        detail = try Self.text(document["detail"])
        checks = try list.elements().map { node in
            Check(
                metric: try node["metric"]?.string() ?? "", verdict: try node["verdict"]?.string() ?? "",
                value: try Self.number(node["value"]), low: try Self.number(node["range"]?["min"]),
                high: try Self.number(node["range"]?["max"]), unit: try Self.text(node["unit"]),
                window: try Self.text(node["window"]), query: try Self.text(node["query"]),
                reason: try Self.text(node["reason"]), detail: try Self.text(node["detail"]),
                samples: try node["samples"]?.int() ?? 0,
                series: try node["series"]?.int() ?? 0)
        }
    }

    private static func number(_ node: Node?) throws -> Double? {
        guard let node, !node.isNull else { return nil }
        return Double(try node.anyText())
    }

    private static func text(_ node: Node?) throws -> String {
        guard let node, !node.isNull else { return "" }
        return try node.anyText()
    }

    static func style(_ verdict: String) -> Terminal.Style {
        switch verdict {
        case "pass": .good
        case "fail", "error": .bad
        default: .unsure
        }
    }

    static func value(_ check: Check) -> String {
        guard let value = check.value else { return "-" }
        return FloatText.fixed(value, places: 2) + (check.unit.isEmpty ? "" : " \(check.unit)")
    }

    static func range(_ check: Check) -> String {
        switch (check.low, check.high) {
        case (let low?, let high?): "\(FloatText.shortest(low))…\(FloatText.shortest(high))"
        case (let low?, nil): ">= \(FloatText.shortest(low))"
        case (nil, let high?): "<= \(FloatText.shortest(high))"
        case (nil, nil): "any"
        }
    }
}
