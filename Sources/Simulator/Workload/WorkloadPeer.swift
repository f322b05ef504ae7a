import Glibc

/// Traffic between a proxy and one peer: a client that calls it, or a pod that it calls.
struct WorkloadPeer: Sendable {
    /// How a Deployment's traffic with one peer is: both replicas have the same.
    struct Traffic: Sendable {
        /// Requests per second, now and in the past: an idle peer had requests once.
        let rate: Double
        let pastRate: Double
        /// Mean and deviation of the logarithm of milliseconds.
        let latency: Double
        let spread: Double

        /// Mean of the rates that are not idle.
        private static let rateMean = 13.0
        private static let rateSpread = 1.2
        private static let rateMax = 400.0
        private static let idleShare = 0.15

        init(_ random: inout RandomSource) {
            let draw = log(Self.rateMean) - Self.rateSpread * Self.rateSpread / 2 + Self.rateSpread * random.normal()
            pastRate = min(exp(draw), Self.rateMax)
            rate = random.uniform() < Self.idleShare ? 0 : pastRate
            latency = log(15) + 0.8 * random.normal()
            spread = 0.4 + 0.5 * random.uniform()
        }
    }

    /// Labels of requests and responses, and of connections, as text.
    var httpLabels: String
    var transportLabels: String
    /// Its statuses and the share of responses that each has.
    let statuses: [Int]
    private let shares: [Double]
    private let firstSlot: Int
    private let traffic: Traffic

    init(_ http: String, _ transport: String, _ statuses: [Int], at slot: Int, _ traffic: Traffic) {
        httpLabels = http
        transportLabels = transport
        self.statuses = statuses
        // The first status is the good one; each further one is four times rarer.
        let bad = (1..<max(1, statuses.count)).map { 0.02 / Double(1 << (2 * ($0 - 1))) }
        shares = [1 - bad.reduce(0, +)] + bad
        firstSlot = slot
        self.traffic = traffic
    }

    /// Slot of a number of the peer.
    func slot(_ number: Number) -> Int { firstSlot + number.rawValue }

    /// A number that a peer has once.
    enum Number: Int {
        case requests = 0
        case opened
        case open
        case read
        case written
    }

    /// First slot of a status: the buckets, then count, sum and responses.
    func slot(status index: Int) -> Int {
        firstSlot + WorkloadShape.peerSlots + index * WorkloadShape.statusSlots
    }

    /// All its numbers are as if it were new.
    func reset(_ values: inout [UInt64]) {
        for slot in firstSlot..<slot(status: statuses.count) { values[slot] = 0 }
        values[slot(.opened)] = 1
        values[slot(.open)] = 1
    }

    /// One second of traffic. Requests are given, one by one, a status and a latency.
    func advance(_ values: inout [UInt64], _ random: inout RandomSource) -> Int {
        let requests = random.poisson(traffic.rate)
        for _ in 0..<requests {
            var draw = random.uniform()
            var status = 0
            while status < shares.count - 1, draw >= shares[status] {
                draw -= shares[status]
                status += 1
            }
            let milliseconds = Int(min(exp(traffic.latency + traffic.spread * random.normal()), 1e6))
            let bytes = 200 + UInt64(random.uniform() * 800)
            book(&values, status, LatencyHistogram.bucket(of: milliseconds), 1, UInt64(milliseconds), bytes)
        }
        return requests
    }

    /// The counters after `seconds` of traffic before the first tick.
    func spend(_ seconds: Double, _ values: inout [UInt64], _ random: inout RandomSource) {
        let requests = traffic.pastRate * seconds
        let bounds = LatencyHistogram.bounds
        for status in statuses.indices {
            var below = 0.0
            for bucket in 0...bounds.count {
                let bound = bucket < bounds.count ? Double(bounds[bucket] + 1) : .infinity
                let through = 0.5 * erfc((traffic.latency - log(bound)) / (traffic.spread * 2.0.squareRoot()))
                let count = UInt64(random.poisson(requests * shares[status] * (through - below)))
                below = through
                let each = UInt64(bucket < bounds.count ? bounds[bucket] : 60_000)
                book(&values, status, bucket, count, count * each, count * 600)
            }
        }
    }

    private func book(
        _ values: inout [UInt64], _ status: Int, _ bucket: Int, _ count: UInt64, _ milliseconds: UInt64, _ bytes: UInt64
    ) {
        let first = slot(status: status)
        let last = LatencyHistogram.bounds.count
        for index in bucket...last { values[first + index] += count }
        values[first + last + 1] += count
        values[first + last + 2] += milliseconds
        values[first + last + 3] += count
        values[slot(.requests)] += count
        values[slot(.read)] += count * 112
        values[slot(.written)] += bytes
    }
}
