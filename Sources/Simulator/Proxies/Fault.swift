/// A change of how a workload answers.
package struct Fault: Sendable, Hashable {
    /// The workload.
    package var workload: String
    /// New share of 500s, 0...1; `nil` leaves it.
    package var errorRate: Double?
    /// New 99th percentile of the latency in milliseconds; `nil` leaves it.
    package var p99: Double?
    /// Status that its proxies answer scrapes with, such as 403 for a policy that forbids them; 200 lets them be
    /// scraped again, `nil` leaves it.
    package var scrapeStatus: Int?

    /// A change.
    package init(workload: String, errorRate: Double? = nil, p99: Double? = nil, scrapeStatus: Int? = nil) {
        self.workload = workload
        self.errorRate = errorRate
        self.p99 = p99
        self.scrapeStatus = scrapeStatus
    }

    func change(_ profile: inout WorkloadProfile) {
        profile = WorkloadProfile(
            errorRate: errorRate ?? profile.errorRate, notFoundRate: profile.notFoundRate, p99: p99 ?? profile.p99,
            spread: profile.spread)
    }
}

/// A text that was meant to be a share, a latency, an option or a fault, and isn't.
package struct MalformedInput: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was found, what was wanted, where.
    package var description: String

    /// A complaint.
    package init(_ description: String) { self.description = description }
}

/// Reading the numbers that options and faults are made of.
enum QuantityText {
    /// `0.1%` or `0.001`, as a share 0...1.
    static func share(_ text: Substring, of name: String) throws(MalformedInput) -> Double {
        let percent = text.hasSuffix("%")
        guard let number = Double(percent ? text.dropLast() : text), number.isFinite else {
            throw MalformedInput("\(name)=\(text): wanted a percentage such as 0.1% or a share such as 0.001")
        }
        let share = percent ? number / 100 : number
        guard (0...1).contains(share) else {
            throw MalformedInput("\(name)=\(text): wanted 0% to 100% or 0 to 1")
        }
        return share
    }

    /// `80ms`, `1.5s` or `80` (milliseconds), in milliseconds.
    static func milliseconds(_ text: Substring, of name: String) throws(MalformedInput) -> Double {
        let (digits, factor): (Substring, Double) =
            text.hasSuffix("ms") ? (text.dropLast(2), 1) : text.hasSuffix("s") ? (text.dropLast(), 1_000) : (text, 1)
        guard let number = Double(digits), number.isFinite, number > 0, number * factor <= 600_000 else {
            throw MalformedInput("\(name)=\(text): wanted a time such as 80ms or 1.5s, at most 600s")
        }
        return number * factor
    }

    /// A number within a range.
    static func number(_ text: Substring, of name: String, in range: ClosedRange<Double>) throws(MalformedInput)
        -> Double
    {
        guard let number = Double(text), range.contains(number) else {
            throw MalformedInput("\(name)=\(text): wanted a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
