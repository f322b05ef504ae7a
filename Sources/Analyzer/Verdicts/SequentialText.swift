import Glibc
import Model

/// Sentences about sequential tests.
enum SequentialText {
    static func sentence(_ outcome: SequentialOutcome, _ plan: SequentialPlan) -> String {
        let healthy = percent(plan.rates.healthy)
        let faulty = percent(plan.rates.faulty)
        switch outcome.decision {
        case .faulty:
            let time = outcome.decidedAt.map { " Decided at \(RFC3339.text($0))." } ?? ""
            return "\(counts(outcome.worst)) since \(RFC3339.text(outcome.worstStart)): a failure rate of \(faulty) "
                + "explains this \(times(outcome.evidence)) times better than \(healthy), and "
                + "\(FloatText.fixed(1 / plan.rates.falseAlarms, places: 0)) times is enough.\(time)"
        case .healthy:
            return
                "\(counts(outcome.total)) since \(RFC3339.text(outcome.start)): a failure rate of \(faulty) is ruled "
                + "out, with at most \(percent(plan.rates.misses)) chance of a miss."
        case .undecided:
            return
                "\(counts(outcome.total)) since \(RFC3339.text(outcome.start)) can't tell a failure rate of \(healthy) "
                + "from \(faulty) yet: \(FloatText.fixed(outcome.successesMissing, places: 0)) more requests without a "
                + "failure would."
        }
    }

    private static func counts(_ tally: SequentialTest.Tally) -> String {
        let requests = FloatText.fixed(tally.requests, places: 0)
        return "\(FloatText.fixed(tally.failures, places: 0)) of \(requests) requests failed"
    }

    private static func percent(_ share: Double) -> String {
        // Two steps of rounding keep 0.03 * 100 from showing as 3.0000000000000004.
        FloatText.shortest((share * 1e8).rounded() / 1e6) + "%"
    }

    /// A power of ten as a number people can read.
    private static func times(_ evidence: Double) -> String {
        evidence < 9 ? FloatText.fixed(pow(10, evidence), places: 0) : "more than a billion"
    }
}
