package import Model
import Synchronization

/// Simulated proxies that several tasks use at once: a scraper reads them while a cluster changes them.
package final class ProxyFleet: Sendable {
    private let state: Mutex<TrafficModel>

    /// A fleet without pods, at `start`.
    package init(seed: UInt64, start: Timestamp) { state = Mutex(TrafficModel(seed: seed, start: start)) }

    /// Changes the traffic model, under the fleet's lock.
    package func change<Result: Sendable>(_ body: (inout sending TrafficModel) -> Result) -> Result {
        state.withLock { body(&$0) }
    }

    /// Moves virtual time on.
    package func advance(to time: Timestamp) { change { $0.advance(to: time) } }

    /// Moves virtual time on and gives the exposition of a pod's proxy, `nil` when the pod does not exist.
    package func scrape(_ pod: String, at time: Timestamp) -> [UInt8]? {
        change {
            $0.advance(to: time)
            return $0.scrape(pod)
        }
    }

    /// The pods, by name.
    package var pods: [SimulatedPod] { change { $0.pods } }

    /// What really happened so far.
    package var ledger: Ledger { change { $0.ledger } }

    /// Changes how a workload and its proxies answer from `time` on.
    package func apply(_ fault: Fault, at time: Timestamp) {
        change {
            $0.advance(to: time)
            var profile = $0.profile(of: fault.workload)
            fault.change(&profile)
            $0.setProfile(profile, of: fault.workload)
            if let status = fault.scrapeStatus { $0.setScrapeStatus(status, of: fault.workload) }
        }
    }

    /// The status with which a pod's proxy refuses to be scraped, `nil` when it doesn't.
    package func refusal(of pod: String) -> Int? { change { $0.refusal(of: pod) } }
}
