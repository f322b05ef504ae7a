package import Model

/// Seeded traffic between simulated pods, and the counters of their proxies.
///
/// Requests arrive as a Poisson process per source, in one order of virtual time over all sources. Every request draws
/// the same number of random numbers whatever its outcome, so changing weights or faults changes what happens to the
/// requests and not which requests there are. ``advance(to:)`` may be called in any portions: the result is the same.
package struct TrafficModel: Sendable {
    private struct SourceState {
        var source: TrafficSource
        var random: RandomSource
        /// Virtual milliseconds.
        var next: Double
    }

    /// A request on its way.
    struct Exchange {
        /// Virtual milliseconds.
        let arrival: Double
        let end: Double
        /// Breaks ties, so that equal ends keep one order.
        let number: UInt64
        let source: TrafficSource
        let backend: TrafficSource.Backend
        let pod: SimulatedPod
        let status: Int
        let latency: Double
        let bytes: Double
        /// Its pod was killed on the way.
        var isLost = false
    }

    /// The independent account of all that happened.
    package private(set) var ledger = Ledger()
    /// Virtual time, in milliseconds since the epoch.
    package private(set) var now: Timestamp
    var proxies: [String: ProxyState] = [:]
    /// The pods of each workload, by name.
    private var podsOf: [String: [SimulatedPod]] = [:]
    private var profiles: [String: WorkloadProfile] = [:]
    /// Statuses other than 200 that scrapes are answered with, by workload.
    private var scrapeStatuses: [String: Int] = [:]
    private var sources: [SourceState] = []
    private var running = ExchangeQueue()
    /// Pods whose running requests will get no answer.
    private var killed: Set<String> = []
    private var numbers: UInt64 = 0
    private let seed: UInt64

    /// Milliseconds that the way between two pods adds to what the client sees.
    private static let network = 0.6
    /// Requests per second that one source may make at most.
    private static let rateMax: Double = 100_000

    /// No pods, no traffic, at `start`.
    package init(seed: UInt64, start: Timestamp) {
        self.seed = seed
        now = start
    }

    /// The pods, by name.
    package var pods: [SimulatedPod] { proxies.values.map(\.pod).sorted { $0.name < $1.name } }

    /// The workloads that have pods, had some, or have a profile.
    package var workloads: [String] { Set(podsOf.keys).union(profiles.keys).sorted() }

    /// How `workload` answers.
    package func profile(of workload: String) -> WorkloadProfile { profiles[workload] ?? WorkloadProfile() }

    /// Changes how `workload` answers from now on.
    package mutating func setProfile(_ profile: WorkloadProfile, of workload: String) {
        profiles[workload] = profile
    }

    /// Changes what the proxies of `workload` answer scrapes with; 200 is the exposition.
    package mutating func setScrapeStatus(_ status: Int, of workload: String) {
        scrapeStatuses[workload] = status == 200 ? nil : status
    }

    /// The status with which a pod's proxy refuses to be scraped, `nil` when it doesn't.
    package func refusal(of pod: String) -> Int? { proxies[pod].flatMap { scrapeStatuses[$0.pod.workload] } }

    /// Makes `pods` the pods of `workload`: new ones start from zero, missing ones vanish with all they counted.
    ///
    /// A pod that leaves in good order still answers the requests it has; one that is killed doesn't.
    package mutating func setPods(_ pods: [SimulatedPod], of workload: String, killing: Bool = false) {
        podsOf[workload] = pods.sorted { $0.name < $1.name }
        let names = Set(pods.map(\.name))
        for proxy in proxies.values where proxy.pod.workload == workload && !names.contains(proxy.pod.name) {
            proxies[proxy.pod.name] = nil
            if killing { killed.insert(proxy.pod.name) }
            for name in proxies.keys { markLost(proxy.pod.name, for: name) }
        }
        for pod in pods {
            if proxies[pod.name] == nil { proxies[pod.name] = ProxyState(pod: pod) }
            if killed.contains(pod.name) { lose(pod.name) }
            proxies[pod.name]?.pod = pod
        }
    }

    /// A killed pod's name is used again: what was running on the old one stays lost.
    private mutating func lose(_ pod: String) {
        killed.remove(pod)
        running.change { if $0.pod.name == pod { $0.isLost = true } }
    }

    private mutating func markLost(_ pod: String, for name: String) {
        guard let peers = proxies[name]?.outbound.indices else { return }
        for index in peers where proxies[name]?.outbound[index].pod.name == pod {
            proxies[name]?.outbound[index].lostAt = now
        }
    }

    /// Adds a source.
    package mutating func add(_ source: TrafficSource) {
        var random = RandomSource(seed: seed &+ UInt64(sources.count + 1) &* 0xD1B5_4A32_D192_ED03)
        let next = Double(now) + TrafficModel.gap(source.rate, &random)
        sources.append(SourceState(source: source, random: random, next: next))
    }

    /// Changes the weights of all backends of sources to `service`, by leaf Service.
    package mutating func setWeights(_ weights: [String: Int], of service: String) {
        for index in sources.indices where sources[index].source.service == service {
            for backend in sources[index].source.backends.indices {
                let leaf = sources[index].source.backends[backend].service
                if let weight = weights[leaf] { sources[index].source.backends[backend].weight = max(weight, 0) }
            }
        }
    }

    /// Milliseconds to the next request.
    private static func gap(_ rate: Double, _ random: inout RandomSource) -> Double {
        let draw = random.exponential()
        guard rate.isFinite, rate > 0 else { return .infinity }
        return draw * 1_000 / min(rate, rateMax)
    }

    /// Lets everything happen that happens up to and at `time`. Time never goes back.
    package mutating func advance(to time: Timestamp) {
        let limit = Double(time)
        while true {
            let arrival = nextArrival()
            if let end = running.first?.end, end <= limit, end <= arrival.time {
                if let exchange = running.removeFirst() { finish(exchange) }
            } else if arrival.time <= limit {
                begin(arrival.index)
            } else {
                break
            }
        }
        now = max(now, time)
    }

    private func nextArrival() -> (index: Int, time: Double) {
        var best = (index: 0, time: Double.infinity)
        for index in sources.indices where sources[index].next < best.time { best = (index, sources[index].next) }
        return best
    }

    /// A request arrives at the router of source `index`.
    private mutating func begin(_ index: Int) {
        let time = sources[index].next
        let source = sources[index].source
        sources[index].next = time + TrafficModel.gap(source.rate, &sources[index].random)
        let choice = sources[index].random.uniform()
        let podDraw = sources[index].random.uniform()
        let statusDraw = sources[index].random.uniform()
        let latencyDraw = sources[index].random.normal()
        guard let backend = TrafficModel.pick(source.backends, choice) else { return }
        ledger.bookRequest(backend.workload, at: time)
        let parent = ProxyState.OutboundParent.Key(source)
        let ready = readyPods(of: backend.workload, at: time)
        proxies[source.clientPod]?.beginBackend(parent, backend.service, ready.count, at: Timestamp(time))
        guard !ready.isEmpty else {
            ledger.bookUnanswered(backend.workload, at: time)
            proxies[source.clientPod]?.endUnanswered(parent, backend.service, pod: nil, error: "FAIL_FAST")
            return
        }
        let pod = ready[min(Int(podDraw * Double(ready.count)), ready.count - 1)]
        let profile = profile(of: backend.workload)
        let latency = profile.latency(latencyDraw)
        numbers += 1
        running.insert(
            Exchange(
                arrival: time, end: time + latency, number: numbers, source: source, backend: backend, pod: pod,
                status: profile.status(statusDraw), latency: latency, bytes: 100 + (podDraw * 900).rounded(.down)))
        proxies[pod.name]?.beginInbound(source.clientIdentity)
        proxies[source.clientPod]?.beginOutbound(backend.service, pod)
    }

    private static func pick(_ backends: [TrafficSource.Backend], _ draw: Double) -> TrafficSource.Backend? {
        let total = backends.reduce(0) { $0 + $1.weight }
        var left = draw * Double(total)
        for backend in backends where backend.weight > 0 {
            left -= Double(backend.weight)
            if left < 0 { return backend }
        }
        return backends.last { $0.weight > 0 }
    }

    private func readyPods(of workload: String, at time: Double) -> [SimulatedPod] {
        (podsOf[workload] ?? []).filter { pod in pod.readyAt.map { Double($0) <= time } ?? false }
    }

    /// The response of a request ends, or its pod is gone.
    private mutating func finish(_ exchange: Exchange) {
        let parent = ProxyState.OutboundParent.Key(exchange.source)
        let client = exchange.source.clientPod
        if exchange.isLost || killed.contains(exchange.pod.name) {
            ledger.bookUnanswered(exchange.backend.workload, at: exchange.end)
            proxies[client]?.endUnanswered(parent, exchange.backend.service, pod: exchange.pod, error: "UNKNOWN")
            return
        }
        let milliseconds = Int(exchange.latency)
        ledger.bookResponse(
            exchange.backend.workload, status: exchange.status, milliseconds: milliseconds, at: exchange.end)
        proxies[exchange.pod.name]?.endInbound(exchange.source.clientIdentity, exchange)
        proxies[client]?.endOutbound(parent, exchange, latency: exchange.latency + TrafficModel.network)
    }

    /// The exposition of `pod`'s proxy at the present time; `nil` when there is no such pod. Counts as a scrape.
    package mutating func scrape(_ pod: String) -> [UInt8]? {
        guard proxies[pod] != nil else { return nil }
        proxies[pod]?.scrapes += 1
        proxies[pod]?.forget(before: now)
        return proxies[pod].map { ProxyBody(proxy: $0, now: now).render() }
    }
}

/// Running exchanges, the one that ends first in front: a binary heap.
private struct ExchangeQueue: Sendable {
    private var heap: [TrafficModel.Exchange] = []

    var first: TrafficModel.Exchange? { heap.first }

    /// Changes exchanges, but not when they end.
    mutating func change(_ body: (inout TrafficModel.Exchange) -> Void) {
        for index in heap.indices { body(&heap[index]) }
    }

    mutating func insert(_ exchange: TrafficModel.Exchange) {
        heap.append(exchange)
        var child = heap.count - 1
        while child > 0, ExchangeQueue.precedes(heap[child], heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func removeFirst() -> TrafficModel.Exchange? {
        guard let last = heap.popLast() else { return nil }
        guard let first = heap.first else { return last }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if ExchangeQueue.precedes(heap[child], heap[least]) { least = child }
            }
            if least == parent { return first }
            heap.swapAt(parent, least)
            parent = least
        }
    }

    private static func precedes(_ left: TrafficModel.Exchange, _ right: TrafficModel.Exchange) -> Bool {
        (left.end, left.number) < (right.end, right.number)
    }
}
