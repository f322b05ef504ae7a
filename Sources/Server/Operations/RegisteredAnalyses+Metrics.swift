import AnalysisService
import Analyzer
import Model

extension RegisteredAnalyses {
    /// The metric families of registered analyses for `/metrics`.
    func families() -> [ServerMetrics.Family] {
        let (counts, analyses, waiting, stored) = statistics()
        func one(_ name: String, _ type: String, _ help: String, _ value: some BinaryInteger) -> ServerMetrics.Family {
            ServerMetrics.Family(name: name, type: type, help: help, samples: [([], Double(value))])
        }
        let outcomes = Verdict.Outcome.allCases.map { outcome in
            ([("verdict", outcome.rawValue)], Double(counts.evaluations(outcome)))
        }
        let refused = [
            ("analyses", counts.refusedAnalyses), ("body", counts.refusedBodies), ("waiters", counts.refusedWaiters),
        ]
        return [
            one("haldane_registered_canaries", "gauge", "Registered Canaries.", analyses),
            ServerMetrics.Family(
                name: "haldane_registered_evaluations_total", type: "counter",
                help: "Evaluations of registered Canaries, by verdict.", samples: outcomes),
            ServerMetrics.Family(
                name: "haldane_registered_seconds_total", type: "counter", help: "Time spent in those evaluations.",
                samples: [([], counts.spent / .seconds(1))]),
            ServerMetrics.Family(
                name: "haldane_registered_queries_total", type: "counter",
                help: "Queries of registered Canaries, by whether kept rows sufficed or the store was read.",
                samples: [
                    ([("from", "kept")], Double(cacheCounts.fromRows)),
                    ([("from", "store")], Double(cacheCounts.inFull)),
                ]),
            one("haldane_registered_waiters", "gauge", "Clients that wait for a verdict.", waiting),
            ServerMetrics.Family(
                name: "haldane_registered_refused_total", type: "counter",
                help: "Registrations and waiting clients refused by a limit.",
                samples: refused.map { ([("limit", $0.0)], Double($0.1)) }),
            one("haldane_verdicts_stored", "gauge", "Verdicts in the history.", stored.verdicts),
            one("haldane_verdicts_stored_bytes", "gauge", "Bytes of the history.", stored.bytes),
            one(
                "haldane_verdicts_dropped_total", "counter", "Verdicts dropped because the history was too large.",
                stored.droppedForSize),
            one(
                "haldane_verdicts_damaged", "gauge",
                "1 while registrations or verdicts may be missing because their file was damaged or gone, 0 otherwise.",
                stored.damage == nil ? 0 : 1),
        ]
    }
}
