import Glibc

/// The two failure rates that a sequential test distinguishes, and its allowed error rates. All are shares, 0 to 1.
package struct SequentialRates: Sendable, Hashable {
    /// Share of failures that is as good as always.
    package var healthy = 0.001
    /// Share of failures that must not be promoted.
    package var faulty = 0.03
    /// How often a healthy canary may be called faulty.
    package var falseAlarms = 0.001
    /// How often a faulty canary may be called healthy.
    package var misses = 0.01

    /// 0.1 % against 3 %, one false alarm in a thousand canaries, one miss in a hundred.
    package init() {}

    /// The same with the allowed false alarms split evenly over the steps of a canary, so that all its tests together
    /// keep to them. Misses need no splitting: a faulty canary has to be missed in every one of its steps.
    package func perStep(of steps: Int) -> SequentialRates {
        var rates = self
        rates.falseAlarms /= Double(max(1, steps))
        return rates
    }

    /// The share of failures at which both rates explain what was seen equally well. More speaks for the faulty one.
    package var breakEven: Double { successWeight / (failureWeight + successWeight) }

    /// What one failure adds to the logarithm of the likelihood ratio.
    var failureWeight: Double { log(faulty / healthy) }

    /// What one success takes from it.
    var successWeight: Double { log((1 - healthy) / (1 - faulty)) }
}

extension SequentialRates {
    /// The value of the annotation: `default`, or some of `healthy=0.1%, faulty=3%, false-alarms=0.1%, misses=1%`.
    package init(parsing text: String) throws(AnnotationFault) {
        self.init()
        let trimmed = text.trimmed
        if trimmed == "default" { return }
        for part in trimmed.split(separator: ",", omittingEmptySubsequences: false) {
            let pair = part.split(separator: "=", omittingEmptySubsequences: false).map { String($0).trimmed }
            guard pair.count == 2, let share = Self.share(pair[1]) else {
                throw AnnotationFault(
                    "wanted default or parts such as healthy=0.1%, found \"\(String(part).trimmed)\"")
            }
            switch pair[0] {
            case "healthy": healthy = share
            case "faulty": faulty = share
            case "false-alarms": falseAlarms = share
            case "misses": misses = share
            default:
                throw AnnotationFault(
                    "unknown part \"\(pair[0])\" (known: healthy, faulty, false-alarms, misses)")
            }
        }
        guard healthy < faulty else { throw AnnotationFault("healthy must be less than faulty") }
        guard falseAlarms <= 0.5, misses <= 0.5 else {
            throw AnnotationFault("false-alarms and misses must be at most 50%")
        }
    }

    /// A percentage between 0 and 100, both excluded, as a share.
    private static func share(_ text: String) -> Double? {
        guard text.hasSuffix("%"), let percent = Double(text.dropLast()), percent > 0, percent < 100 else { return nil }
        return percent / 100
    }
}
