import TestSupport

/// Bodies that change from scrape to scrape in every way a body may.
struct BodyGenerator {
    var random: SeededGenerator
    var lines: [String] = []
    private var serial = 0

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        for _ in 0..<20 { lines += family() }
    }

    private mutating func family() -> [String] {
        serial += 1
        let type = ["counter", "gauge", "histogram", "summary", "untyped", "info"].randomElement(using: &random) ?? ""
        let name = "family_\(serial)"
        var out = ["# HELP \(name) text of \(serial)", "# TYPE \(name) \(type)"]
        if serial % 7 == 0 { out.append("") }
        for series in 0..<Int.random(in: 0...8, using: &random) {
            let destination = serial % 3 == 0 ? destination() : ""
            let extra =
                [",drop=\"yes\"", ",e=\"\"", ",x=\"a}b \\\" \\\\\"", ",x=\"ü\"", ",le=\"\(series)\"", ""].randomElement(
                    using: &random) ?? ""
            // Without braces the value may follow the name at once.
            if random.chance(10) { out.append("\(name)_\(random.pick(["bare", "b1", "x:"]))") }
            out.append("\(name){quantile=\"0.\(series)\",\(destination)s=\"\(series % 5)\"\(extra)}")
        }
        return out
    }

    /// Long labels that many lines share, of one of a few destinations.
    private mutating func destination() -> String {
        let number = Int.random(in: 0..<4, using: &random)
        let host = "destination-\(number).a-name-space.svc.cluster.local"
        return "authority=\"\(host):9898\",target_ip=\"10.42.0.\(number)\",server_id=\"\(host).identity\","
    }

    private mutating func value() -> String {
        switch Int.random(in: 0..<30, using: &random) {
        case 0: "NaN"
        case 1: "+Inf"
        case 2: "-0"
        case 3: "1e-5"
        case 4: "\(Double.random(in: -1e9...1e9, using: &random))"
        case 5: "9007199254740993"
        case 6: "123456789012345678901234567890"
        case 7: "1_0"
        case 8: "12 1700000000\(Int.random(in: 100...999, using: &random))"
        case 9: "  7"
        case 10: "0x1p3"
        case 11: "1e999"
        case 12: "+\(Int.random(in: 0...99, using: &random))"
        case 13: ".5"
        case 14: "7 3"
        default: "\(UInt64.random(in: 0...1_000_000, using: &random))"
        }
    }

    /// Changes the lines a little: moves blocks, removes, adds, repeats.
    mutating func mutate() {
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            let at = Int.random(in: 0..<lines.count, using: &random)
            let to = min(lines.count, at + Int.random(in: 1...12, using: &random))
            switch Int.random(in: 0..<5, using: &random) {
            case 0: lines.removeSubrange(at..<to)
            case 1: lines.insert(contentsOf: family(), at: at)
            case 2:
                let block = lines[at..<to]
                lines.removeSubrange(at..<to)
                lines.insert(contentsOf: block, at: Int.random(in: 0...lines.count, using: &random))
            case 3: lines.insert(contentsOf: lines[at..<to], at: at)
            default:
                lines.insert(
                    ["broken line", "# comment", "{a=\"b\"} 1", "", " \t"].randomElement(using: &random) ?? "", at: at)
            }
            if lines.isEmpty { lines = family() }
        }
    }

    /// The body with fresh values.
    mutating func body() -> [UInt8] {
        var out = ""
        for line in lines {
            if line.hasSuffix("}") {
                out += line + [" ", "  ", ""][serial % 3] + value()
            } else if line.hasPrefix("family_") {
                out += line + random.pick([" ", "  ", "", ""]) + value()
            } else {
                out += line
            }
            out += "\n"
        }
        return Array(out.utf8)
    }
}
