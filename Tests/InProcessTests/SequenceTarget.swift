import Model
import TestSupport

/// A target whose bodies change from scrape to scrape in every way that a program's may: families come, go, gain and lose
/// buckets and labels, change their order and their type; the process begins anew; formats take turns.
struct SequenceTarget {
    /// What the next scrape finds.
    enum Answer {
        case text(String)
        case openMetrics(String)
        /// A page that is no exposition.
        case nonsense
        /// Nothing came.
        case failure

        /// The body, where there is one that can be read.
        var body: String? {
            switch self {
            case .text(let body), .openMetrics(let body): body
            case .nonsense, .failure: nil
            }
        }
    }

    private enum Kind: String { case histogram, counter, gauge, summary, wild }

    private struct Family {
        var kind: Kind
        var name: String
        /// Label sets, as text.
        var variants: [String]
        /// What is shown of a histogram, in the order of the body: bounds, `sum`, `count`.
        var parts: [String] = []
        /// The word of the TYPE line; `nil` for none.
        var type: String?
        /// Left out of the body for so many more scrapes.
        var absence = 0
    }

    private static let bounds = ["0.5", "1", "5", "10", "20", "50", "+Inf"]
    private var families: [Family] = []
    private var values: [String: Double] = [:]
    private var serial = 0
    private var isOpenMetrics: Bool

    init(_ random: inout SeededGenerator) {
        isOpenMetrics = random.chance(40)
        for _ in 0..<Int.random(in: 1...4, using: &random) { addFamily(&random) }
    }

    private mutating func addFamily(_ random: inout SeededGenerator) {
        serial += 1
        let kind = random.pick([Kind.histogram, .histogram, .histogram, .counter, .gauge, .summary, .wild])
        var family = Family(
            kind: kind, name: "\(kind)\(serial)", variants: [random.pick(["p=\"q\"", "", "a=\"1\",b=\"2\""])])
        if kind == .histogram {
            let count = random.pick([1, 1, 2, 3, 7])
            family.parts = Self.bounds.shuffled(using: &random).prefix(count).sorted(by: Self.isLower)
            if random.chance(40) {
                family.parts += random.pick([["sum", "count"], ["count"], ["sum"], ["count", "sum"]])
            }
        }
        if random.chance(80) { family.type = kind == .wild ? "gauge" : kind.rawValue }
        families.append(family)
    }

    private static func isLower(_ one: String, _ other: String) -> Bool {
        (Double(one.lowercased()) ?? 0) < (Double(other.lowercased()) ?? 0)
    }

    /// What the next scrape finds.
    mutating func next(_ random: inout SeededGenerator) -> Answer {
        for _ in 0..<random.pick([0, 0, 1, 1, 2]) { change(&random) }
        if random.chance(4) { return .failure }
        if random.chance(2) { return .nonsense }
        if random.chance(15) { isOpenMetrics.toggle() }
        if random.chance(3) { return isOpenMetrics ? .openMetrics("# EOF\n") : .text("") }
        var lines: [String] = []
        for index in families.indices {
            if families[index].absence > 0 {
                families[index].absence -= 1
            } else {
                addLines(of: families[index], to: &lines, &random)
            }
        }
        if !isOpenMetrics, !lines.isEmpty, random.chance(5) {
            lines.insert("garbage", at: Int.random(in: 0...lines.count, using: &random))
        }
        let text = lines.map { $0 + "\n" }.joined()
        return isOpenMetrics ? .openMetrics(text + "# EOF\n") : .text(text)
    }

    private mutating func change(_ random: inout SeededGenerator) {
        guard !families.isEmpty, !random.chance(15) else { return addFamily(&random) }
        let index = Int.random(in: 0..<families.count, using: &random)
        switch Int.random(in: 0..<10, using: &random) {
        case 0: families.remove(at: index)
        case 1: families[index].absence = Int.random(in: 1...3, using: &random)
        case 2: families.shuffle(using: &random)
        case 3:
            families[index].type =
                random.chance(20) ? nil : random.pick(["histogram", "counter", "gauge", "unknown", "summary"])
        case 4: families[index].variants.append("n=\"\(families[index].variants.count)\"")
        case 5: families[index].variants.shuffle(using: &random)
        case 6: if families[index].variants.count > 1 { families[index].variants.removeFirst() }
        case 7: values = [:]
        default: changeParts(index, &random)
        }
    }

    private mutating func changeParts(_ index: Int, _ random: inout SeededGenerator) {
        guard families[index].kind == .histogram else { return }
        let missing = (Self.bounds + ["sum", "count"]).filter { !families[index].parts.contains($0) }
        if let part = missing.randomElement(using: &random), random.chance(65) {
            let bounds = families[index].parts.prefix { $0 != "sum" && $0 != "count" }
            let isBound = Self.bounds.contains(part)
            let at =
                isBound ? bounds.firstIndex { Self.isLower(part, $0) } ?? bounds.count : families[index].parts.count
            families[index].parts.insert(part, at: at)
        } else if families[index].parts.count > 1 {
            families[index].parts.remove(at: Int.random(in: 0..<families[index].parts.count, using: &random))
        }
        if random.chance(10) { families[index].parts.shuffle(using: &random) }
    }

    private mutating func addLines(of family: Family, to lines: inout [String], _ random: inout SeededGenerator) {
        let isCounter = family.kind == .counter
        if let type = family.type {
            let name = isCounter && !isOpenMetrics ? family.name + "_total" : family.name
            let word = type == "unknown" && !isOpenMetrics ? "untyped" : type
            lines.append("# TYPE \(name) \(word)")
        }
        for labels in family.variants {
            if family.kind == .histogram {
                addHistogram(family, labels, to: &lines, &random)
            } else if family.kind == .summary {
                for quantile in ["0.5", "0.99"] {
                    let tail = labels.isEmpty ? "" : "," + labels
                    add("\(family.name){quantile=\"\(quantile)\"\(tail)}", family.kind, to: &lines, &random)
                }
            } else {
                let name = isCounter ? family.name + "_total" : family.name
                add(labels.isEmpty ? name : "\(name){\(labels)}", family.kind, to: &lines, &random)
            }
        }
    }

    private mutating func addHistogram(
        _ family: Family, _ labels: String, to lines: inout [String], _ random: inout SeededGenerator
    ) {
        let key = "\(family.name){\(labels)"
        for _ in 0..<random.pick([0, 0, 1, 2]) {
            values[key + random.pick(Self.bounds), default: 0] += random.pick([1, 1, 2, 9])
        }
        if random.chance(2) {
            values[key + random.pick(Self.bounds)] = random.pick([0, 0.5, .nan, 9_007_199_254_740_994])
        }
        var sums: [String: Double] = [:]
        var total = 0.0
        for bound in Self.bounds {
            total += values[key + bound, default: 0]
            sums[bound] = total
        }
        for part in family.parts {
            if let sum = sums[part] {
                let tail = labels.isEmpty ? "" : "," + labels
                lines.append("\(family.name)_bucket{le=\"\(part)\"\(tail)} \(Self.text(sum))")
            } else {
                let name = labels.isEmpty ? "\(family.name)_\(part)" : "\(family.name)_\(part){\(labels)}"
                lines.append("\(name) \(Self.text(part == "sum" ? total * 1.5 : total))")
            }
        }
    }

    private mutating func add(_ series: String, _ kind: Kind, to lines: inout [String], _ random: inout SeededGenerator)
    {
        var value = values[series, default: 0]
        switch kind {
        case .histogram, .counter: if random.chance(60) { value += Double(Int.random(in: 0...9, using: &random)) }
        case .gauge, .summary: if random.chance(60) { value = Double(Int.random(in: -9...9, using: &random)) / 4 }
        case .wild: value = random.pick([0, -0.0, .nan, .infinity, -.infinity, 1e300, 0.1, 7, 9_007_199_254_740_992])
        }
        values[series] = value
        lines.append("\(series) \(Self.text(value))")
    }

    private static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        if let whole = Int64(exactly: value), value.sign == .plus || whole != 0 { return "\(whole)" }
        return "\(value)"
    }
}
