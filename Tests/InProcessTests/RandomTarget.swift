import Model
import TestSupport

/// A target whose series come, go, restart, change places and take every kind of value.
struct RandomTarget {
    private enum Kind: CaseIterable { case counter, gauge, wild, histogram, summary, timed }

    private struct Series {
        var text: String
        var value: Double
    }

    private struct Family {
        var kind: Kind
        var name: String
        var series: [Series]
        /// Left out of the body for so many more scrapes.
        var absence = 0
    }

    private var families: [Family] = []
    private var serial = 0

    init(_ random: inout SeededGenerator) {
        for kind in Kind.allCases { families.append(family(kind, &random)) }
        for _ in 0..<4 { families.append(family(random.pick(Kind.allCases), &random)) }
    }

    private mutating func family(_ kind: Kind, _ random: inout SeededGenerator) -> Family {
        serial += 1
        var family = Family(kind: kind, name: "m\(serial)_\(kind)", series: [])
        for _ in 0..<Int.random(in: 1...4, using: &random) { family.series += series(of: family, &random) }
        return family
    }

    private mutating func series(of family: Family, _ random: inout SeededGenerator) -> [Series] {
        serial += 1
        let odd = random.pick(["", ",e=\"\"", ",pod=\"own\"", ",x=\"ü\\\"\\\\\\n}\"", ",y=\"a b,c=d\""])
        let tail = "s=\"\(serial)\"\(odd)"
        switch family.kind {
        case .histogram:
            let bounds = ["0.5", "1", "2.50", "1e3", "+Inf"].map { "\(family.name)_bucket{\(tail),le=\"\($0)\"}" }
            return (bounds + ["\(family.name)_sum{\(tail)}", "\(family.name)_count{\(tail)}"]).map {
                Series(text: $0, value: 0)
            }
        case .summary:
            return ["0", "0.50", "0.99"].map { Series(text: "\(family.name){quantile=\"\($0)\",\(tail)}", value: 0) }
        default: return [Series(text: "\(family.name){\(tail)}", value: 0)]
        }
    }

    /// The process behind the target begins anew: counters are 0 again.
    mutating func restart() {
        for family in families.indices {
            for one in families[family].series.indices { families[family].series[one].value = 0 }
        }
    }

    /// The next body.
    mutating func body(at now: Timestamp, _ random: inout SeededGenerator) -> String {
        churn(&random)
        var out: [String] = []
        for index in families.indices {
            if families[index].absence > 0 {
                families[index].absence -= 1
                continue
            }
            let family = families[index]
            let type = ["counter", "gauge", "untyped", "histogram", "summary", "gauge"][
                Kind.allCases.firstIndex(of: family.kind) ?? 0]
            out.append("# HELP \(family.name) what it is\n# TYPE \(family.name) \(type)")
            for one in family.series.indices { out.append(line(index, one, now, &random)) }
        }
        // The same series again: the first one counts.
        if random.chance(10), let again = out.last, !again.hasPrefix("#") {
            out.append(again.split(separator: "} ")[0] + "} 424242")
        }
        return out.joined(separator: "\n") + "\n"
    }

    private mutating func churn(_ random: inout SeededGenerator) {
        if random.chance(5) { families.shuffle(using: &random) }
        if random.chance(5) { families.append(family(random.pick(Kind.allCases), &random)) }
        if random.chance(5), families.count > 6 { families.removeLast() }
        let index = Int.random(in: 0..<families.count, using: &random)
        if random.chance(5) { families[index].absence = Int.random(in: 1...5, using: &random) }
        if random.chance(5) { families[index].series += series(of: families[index], &random) }
        if random.chance(5), families[index].series.count > 1 { families[index].series.removeFirst() }
        if random.chance(5) { families[index].series.shuffle(using: &random) }
        if random.chance(20) { growHistogram(&random) }
    }

    /// Gives a histogram one more bucket, or begins one, at the end of the body or anywhere: a bucket that comes later goes
    /// on a chain of columns that were stored before.
    private mutating func growHistogram(_ random: inout SeededGenerator) {
        serial += 1
        let known = families.indices.filter { families[$0].kind == .histogram && families[$0].name.hasPrefix("grown") }
        guard let index = known.randomElement(using: &random), random.chance(80) else {
            families.append(Family(kind: .histogram, name: "grown\(serial)_histogram", series: []))
            return
        }
        let name = families[index].name
        let count = families[index].series.count
        let text =
            count == 6 ? "\(name)_count{s=\"1\"}" : "\(name)_bucket{s=\"1\",le=\"\(count == 5 ? "+Inf" : "\(count)")\"}"
        if count < 7 { families[index].series.append(Series(text: text, value: 0)) }
        if random.chance(30) { families.append(families.remove(at: index)) }
    }

    private mutating func line(
        _ index: Int, _ one: Int, _ now: Timestamp, _ random: inout SeededGenerator
    ) -> String {
        let family = families[index]
        var value = family.series[one].value
        switch family.kind {
        case .counter, .histogram:
            if random.chance(70) { value += Double(Int.random(in: 0...1000, using: &random)) }
            if random.chance(2) { value -= 7 }
            if random.chance(1) { value += 9_007_199_254_740_992 }
            if random.chance(1) { value += 0.25 }
        case .gauge, .summary:
            if random.chance(50) { value = Double(Int.random(in: -500...500, using: &random)) / 8 }
        case .wild, .timed:
            value = Self.wild(&random)
        }
        families[index].series[one].value = value.isFinite ? value : 0
        let text = family.series[one].text + " " + Self.text(value, &random)
        guard family.kind == .timed else { return text }
        return text + " \(now + Int64.random(in: -7_200_000...900_000, using: &random))"
    }

    private static func wild(_ random: inout SeededGenerator) -> Double {
        switch Int.random(in: 0..<9, using: &random) {
        case 0: .nan
        case 1: .infinity
        case 2: -.infinity
        case 3: -0.0
        case 4: 1.7e308
        case 5: -Double.leastNonzeroMagnitude
        case 6: Double(bitPattern: random.next() & 0x7fef_ffff_ffff_ffff)
        case 7: -Double(UInt64.random(in: 0...UInt64.max, using: &random))
        default: Double.random(in: -1...1, using: &random)
        }
    }

    private static func text(_ value: Double, _ random: inout SeededGenerator) -> String {
        if value.isNaN { return random.pick(["NaN", "nan", "NAN"]) }
        if value.isInfinite { return value > 0 ? random.pick(["+Inf", "Inf", "inf"]) : "-Inf" }
        if let whole = Int64(exactly: value), value.magnitude < 1e15, !(value == 0 && value.sign == .minus) {
            return random.pick(["\(whole)", "\(whole)", "\(whole)", "\(whole).0", "\(whole)e0"])
        }
        return "\(value)"
    }
}
