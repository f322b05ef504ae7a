import Controller
import FlaggerAPI
import Model
import Rollout
import Simulator
import Synchronization

/// Keeps events and alerts.
final class RecordingSink: EventSink {
    private let lines = Mutex<[String]>([])
    private let alerts = Mutex<[String]>([])

    var events: [String] { lines.withLock { $0 } }
    var sent: [String] { alerts.withLock { $0 } }

    func record(_ event: RolloutEvent, on canary: ObjectReference, at time: Timestamp) async {
        lines.withLock { $0.append("\(event.kind.rawValue) \(event.text)") }
    }

    func send(_ alert: RolloutAlert, about canary: Canary, at time: Timestamp) async {
        alerts.withLock { $0.append("\(alert.severity) \(alert.text)") }
    }
}

/// Answers hooks from a list of names that fail.
final class ScriptedHooks: WebhookClient {
    private let failing: Mutex<Set<String>>
    private let received = Mutex<[String]>([])

    init(failing: Set<String> = []) { self.failing = Mutex(failing) }

    var calls: [String] { received.withLock { $0 } }

    func setFailing(_ names: Set<String>) { failing.withLock { $0 = names } }

    func call(_ hook: CanaryWebhook, _ payload: HookPayload) async -> HookAnswer {
        received.withLock { $0.append("\(hook.name) \(payload.phase.rawValue)") }
        return failing.withLock { $0.contains(hook.name) } ? .failed("no") : .passed
    }
}

/// Judges the canary by what really happened in the last half minute.
struct LedgerChecks: CheckRunner {
    let fleet: ProxyFleet
    var window: Milliseconds = 30_000

    func checkProviders(_ canary: Canary) async -> ProviderCheck { .available }

    func check(_ canary: Canary, at time: Timestamp) async -> CheckOutcome {
        fleet.advance(to: time)
        let entry = fleet.ledger.entry(canary.target.name, in: TimeWindow(after: time - window, through: time))
        guard let rate = entry.successRate, let p99 = entry.latency(quantile: 0.99) else {
            return .failed("Halt \(canary.reference) advancement no traffic")
        }
        if rate < 99 { return .failed("Halt \(canary.reference) advancement success rate below 99%") }
        if p99 > 500 { return .failed("Halt \(canary.reference) advancement request duration above 500ms") }
        return .passed
    }
}

/// Checks that always come to the same.
struct FixedChecks: CheckRunner {
    var outcome = CheckOutcome.passed

    func checkProviders(_ canary: Canary) async -> ProviderCheck { .available }
    func check(_ canary: Canary, at time: Timestamp) async -> CheckOutcome { outcome }
}

/// A cluster that refuses one action: the n-th.
actor FaultyCluster: RolloutCluster {
    private let inner: InMemoryCluster
    private var countdown: Int
    /// Whether the refusal has happened.
    private(set) var hasFailed = false

    init(_ inner: InMemoryCluster, failingAction: Int) {
        self.inner = inner
        countdown = failingAction
    }

    func fetch(_ reference: ObjectReference) async throws(ClusterFailure) -> CanaryObject? {
        try await inner.fetch(reference)
    }

    func observe(_ canary: Canary) async throws(ClusterFailure) -> Observation { try await inner.observe(canary) }

    func perform(_ action: Action, for canary: Canary) async throws(ClusterFailure) {
        countdown -= 1
        if countdown == 0 {
            hasFailed = true
            throw ClusterFailure("\(action): connection refused")
        }
        try await inner.perform(action, for: canary)
    }
}
