package import Model

/// Go's duration texts, which Flagger reads from specs and prints in its events.
package enum GoDuration {
    /// Milliseconds of a text such as `1m30s`, `1.5h` or `-2s`; parts below a millisecond are cut off. `nil` when it is
    /// no duration or doesn't fit in 64-bit nanoseconds.
    package static func parse(_ text: String) -> Milliseconds? {
        var rest = Substring(text)
        var sign = 1.0
        if let first = rest.first, first == "-" || first == "+" {
            if first == "-" { sign = -1 }
            rest = rest.dropFirst()
        }
        if rest == "0" { return 0 }
        guard !rest.isEmpty else { return nil }
        var total = 0.0
        while !rest.isEmpty {
            let digits = rest.prefix { ("0"..."9").contains($0) || $0 == "." }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { !(("0"..."9").contains($0) || $0 == ".") }
            rest = rest.dropFirst(unit.count)
            guard let size = milliseconds(of: unit), let amount = number(digits) else { return nil }
            total += amount * size
        }
        guard total <= Double(Int64.max) / 1e6 else { return nil }
        return Int64((sign * total).rounded(.towardZero))
    }

    /// The text of whole milliseconds: `0s`, `515ms`, `1.515s`, `1m0.5s`, `1h0m0s`.
    package static func text(_ duration: Milliseconds) -> String {
        if duration == 0 { return "0s" }
        let sign = duration < 0 ? "-" : ""
        let size = duration.magnitude
        if size < 1000 { return "\(sign)\(size)ms" }
        let fraction = size % 1000
        var seconds = "\(size / 1000 % 60)"
        if fraction > 0 {
            let digits = "\(1000 + fraction)".dropFirst()
            seconds += "." + String(digits).trimmingTrailingZeros()
        }
        let minutes = size / 60_000
        if minutes == 0 { return "\(sign)\(seconds)s" }
        if minutes < 60 { return "\(sign)\(minutes)m\(seconds)s" }
        return "\(sign)\(minutes / 60)h\(minutes % 60)m\(seconds)s"
    }

    private static func number(_ digits: Substring) -> Double? {
        guard digits.contains(where: { $0 != "." }), digits.count(where: { $0 == "." }) <= 1 else { return nil }
        return Double("0" + digits + (digits.last == "." ? "0" : ""))
    }

    private static func milliseconds(of unit: Substring) -> Double? {
        switch unit {
        case "ns": 1e-6
        case "us", "\u{b5}s", "\u{3bc}s": 1e-3
        case "ms": 1
        case "s": 1000
        case "m": 60_000
        case "h": 3_600_000
        default: nil
        }
    }
}

extension String {
    fileprivate func trimmingTrailingZeros() -> String {
        var text = self
        while text.last == "0" { text.removeLast() }
        return text
    }
}
