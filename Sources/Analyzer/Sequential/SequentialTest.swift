import Glibc

/// Decides from a stream of counted requests whether they fail at a healthy or at a faulty rate, as soon as the allowed
/// errors permit. A value: the same counts in the same portions give the same decision.
///
/// It is Wald's sequential probability ratio test with two additions. The test may be looked at after every portion:
/// its statistic is a mixture of likelihood ratios, one per moment at which the fault may have begun, which under the
/// healthy rate is a non-negative supermartingale, so that by Ville's inequality it reaches `1 / falseAlarms` at any
/// time with at most that probability. Half of the mixture's weight is on the beginning; the rest is handed out as the
/// step goes on, so that a fault in the middle of a step isn't hidden by the successes before it.
package struct SequentialTest: Sendable, Hashable {
    /// What can be said.
    package enum Decision: String, Sendable, Hashable {
        /// More requests are needed.
        case undecided
        /// The faulty rate is ruled out, as far as misses are allowed. Later failures may take it back.
        case healthy
        /// The healthy rate is ruled out. Final.
        case faulty
    }

    /// Counted requests.
    package struct Tally: Sendable, Hashable {
        /// Requests that did not fail.
        package var successes = 0.0
        /// Requests that failed.
        package var failures = 0.0
        /// Portions in which they were counted.
        package var portions = 0

        /// All of them.
        package var requests: Double { successes + failures }
        /// Share of successes in percent; NaN without requests.
        package var successRate: Double { 100 * successes / requests }

        mutating func add(_ successes: Double, _ failures: Double) {
            self.successes += successes
            self.failures += failures
            portions += 1
        }
    }

    /// Share of the mixture's weight that is on a fault from the beginning on.
    private static let weightOfBeginning = 0.5
    /// Beyond this a double's exponential overflows; the decision has long been made.
    private static let exponentMax = 700.0

    /// The rates, with the errors that this one test is allowed.
    package let rates: SequentialRates
    /// What can be said now.
    package private(set) var decision = Decision.undecided
    /// Everything counted.
    package private(set) var total = Tally()
    /// What was counted since the most likely beginning of a fault; nothing when nothing speaks for one.
    package private(set) var worst = Tally()

    private let failureWeight: Double
    private let successWeight: Double
    /// The mixture of likelihood ratios, without the weight that is still to be handed out.
    private var mixture = weightOfBeginning
    private var unspent = 1 - weightOfBeginning
    /// Logarithm of the likelihood ratio since the beginning, and since the most likely beginning of a fault.
    private var sinceBeginning = 0.0
    private var sinceWorst = 0.0

    /// A test that has seen nothing.
    package init(_ rates: SequentialRates) {
        self.rates = rates
        failureWeight = rates.failureWeight
        successWeight = rates.successWeight
    }

    /// Takes the requests of one portion, usually from one scrape to the next. `share` is how much of the step, 0 to
    /// 1, went by meanwhile. After `faulty` nothing changes any more.
    @discardableResult
    package mutating func take(successes: Double, failures: Double, share: Double = 0.02) -> Decision {
        if decision == .faulty { return decision }
        let change = failures * failureWeight - successes * successWeight
        total.add(successes, failures)
        sinceBeginning += change
        takeWorst(successes, failures, change)
        let weight = min(unspent, max(0, share) * (1 - Self.weightOfBeginning))
        mixture = (mixture + weight) * exp(min(change, Self.exponentMax))
        unspent -= weight
        if mixture + unspent >= 1 / rates.falseAlarms {
            decision = .faulty
        } else {
            decision = sinceBeginning <= log(rates.misses) ? .healthy : .undecided
        }
        return decision
    }

    /// The largest likelihood ratio over all beginnings, as Page's cumulative sum has it.
    private mutating func takeWorst(_ successes: Double, _ failures: Double, _ change: Double) {
        sinceWorst += change
        worst.add(successes, failures)
        guard sinceWorst <= 0 else { return }
        sinceWorst = 0
        worst = Tally()
    }

    /// How many times likelier the faulty rate makes what was seen, as a power of ten; at least 0 where a fault may
    /// have begun at any moment.
    package var evidence: Double { log10(mixture + unspent) }

    /// Successes without a failure that would still be needed to call it healthy.
    package var successesMissing: Double {
        max(0, ((sinceBeginning - log(rates.misses)) / successWeight).rounded(.up))
    }
}
