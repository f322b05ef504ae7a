/// Prometheus's duration texts: `1h30m`, `500ms`, `1d`.
package enum PrometheusDuration {
    /// Why a text is no duration. The texts are Prometheus's own.
    package enum Failure: Error, Sendable, Equatable {
        /// The text is empty.
        case empty
        /// The text does not have the form.
        case invalid(String)
        /// A unit that does not exist, and the whole text.
        case unknownUnit(String, String)
        /// The duration does not fit in 64-bit nanoseconds.
        case outOfRange

        /// The message as Prometheus words it.
        package var description: String {
            switch self {
            case .empty: "empty duration string"
            case .invalid(let text): "not a valid duration string: \(GoQuote.quoted(text))"
            case .unknownUnit(let unit, let text):
                "unknown unit \(GoQuote.quoted(unit)) in duration \(GoQuote.quoted(text))"
            case .outOfRange: "duration out of range"
            }
        }
    }

    private static let units: [(name: String, milliseconds: Int64)] = [
        ("y", 365 * 86_400_000), ("w", 7 * 86_400_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000),
        ("s", 1000), ("ms", 1),
    ]

    /// Milliseconds of a text such as `1h30m`. Units fall in size, each at most once; `0` stands alone.
    package static func parse(_ text: String) throws(Failure) -> Milliseconds {
        if text.isEmpty { throw .empty }
        if text == "0" { return 0 }
        let bytes = Array(text.utf8)
        var at = 0
        var nextUnit = 0
        var total: Int64 = 0
        while at < bytes.count {
            let first = at
            while at < bytes.count, bytes[at] >= 0x30, bytes[at] <= 0x39 { at += 1 }
            guard at > first else { throw .invalid(text) }
            guard let amount = Int64(String(decoding: bytes[first..<at], as: UTF8.self)) else { throw .invalid(text) }
            let unitStart = at
            while at < bytes.count, bytes[at] < 0x30 || bytes[at] > 0x39 { at += 1 }
            let name = String(decoding: bytes[unitStart..<at], as: UTF8.self)
            if name.isEmpty { throw .invalid(text) }
            guard let unit = units.firstIndex(where: { $0.name == name }) else { throw .unknownUnit(name, text) }
            guard unit >= nextUnit else { throw .invalid(text) }
            nextUnit = unit + 1
            let (part, overflow) = amount.multipliedReportingOverflow(by: units[unit].milliseconds)
            let (sum, overflowed) = total.addingReportingOverflow(part)
            guard !overflow, !overflowed, sum <= Int64.max / 1_000_000 else { throw .outOfRange }
            total = sum
        }
        return total
    }

    /// The text of a non-negative duration: years and weeks only when exact, then days to milliseconds; `0s` for 0.
    package static func text(_ duration: Milliseconds) -> String {
        if duration == 0 { return "0s" }
        var rest = duration.magnitude
        var out = duration < 0 ? "-" : ""
        for (name, milliseconds) in units {
            let size = milliseconds.magnitude
            let exactOnly = name == "y" || name == "w"
            if exactOnly && rest % size != 0 { continue }
            if rest >= size {
                out += "\(rest / size)\(name)"
                rest %= size
            }
        }
        return out
    }
}
