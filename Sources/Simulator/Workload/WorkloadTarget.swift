import Model

/// One proxy of a ``Workload``, at one tick.
struct WorkloadTarget: Sendable {
    private let options: WorkloadOptions
    private let number: Int
    private let shape: WorkloadShape
    private var random: RandomSource
    private var peers: [WorkloadPeer] = []
    /// Every number that the body shows, by slot.
    private var values: [UInt64]
    private var layout = WorkloadLayout()
    private var startedAt: Timestamp
    private var requests: UInt64 = 0
    /// Whole seconds since `options.start`.
    private(set) var tick = 0

    private static let churnTicks = 5
    private static let reorderTicks = 7
    private static let restartTicks = 20

    init(_ number: Int, _ options: WorkloadOptions) {
        self.options = options
        self.number = number
        shape = WorkloadShape(series: options.series)
        values = Array(repeating: 0, count: shape.slots)
        random = RandomSource(seed: options.seed &+ UInt64(number + 1) &* 0xA076_1D64_78BD_642F)
        let age = 600 + random.uniform() * 6_600
        startedAt = options.start - Timestamp(age * 1_000)
        var deployment = RandomSource(seed: options.seed &+ UInt64(number / 2 + 1) &* 0xE703_7ED1_A0B4_28DB)
        makePeers(&deployment)
        for peer in peers {
            peer.reset(&values)
            peer.spend(age, &values, &random)
            requests += values[peer.slot(.requests)]
        }
        for slot in shape.firstConstant..<shape.slots {
            values[slot] = random.next() % 3 == 0 ? random.next() % 5_000 : 1
        }
        updateProcess()
        layout = makeLayout()
    }

    /// The body at the present tick.
    var body: [UInt8] { layout.body(values) }

    /// The pod it runs in.
    var pod: SimulatedPod { Self.pod(number, options, startedAt: startedAt) }

    /// Pod `number` of the fleet, in its `generation`.
    static func pod(
        _ number: Int, _ options: WorkloadOptions, startedAt: Timestamp = 0, generation: Int = 0
    ) -> SimulatedPod {
        let name = "podinfo-service-\(number / 2)"
        // What Kubernetes appends to names: letters and digits without vowels.
        var random = RandomSource(seed: UInt64(number) << 32 | UInt64(generation))
        let letters = Array("bcdfghjklmnpqrstvwxz2456789")
        let suffix = String((0..<5).map { _ in letters[Int(random.next() % UInt64(letters.count))] })
        let hash = "6f4d9c7b\(number / 2 % 10)"
        let address = number + generation * options.targets
        return SimulatedPod(
            name: "\(name)-\(hash)-\(suffix)", workload: name, namespace: "test",
            ip: "10.42.\(address / 250 % 250).\(address % 250 + 1)", templateHash: hash, serviceAccount: name,
            startedAt: startedAt, readyAt: startedAt)
    }

    private mutating func makePeers(_ deployment: inout RandomSource) {
        let pod = pod
        var slot = 0
        for client in 0..<shape.inbound {
            let other = Self.pod(number + 2 * (client + 1), options)
            let key = ProxyLabels.InboundKey.application(pod, from: other.identity)
            peers.append(
                WorkloadPeer(
                    key.http, key.transport, WorkloadShape.inboundStatuses, at: slot,
                    WorkloadPeer.Traffic(&deployment)))
            slot += WorkloadShape.slots(WorkloadShape.inboundStatuses)
        }
        for destination in 0..<shape.outbound {
            let labels = destinationLabels(destination, generation: 0)
            peers.append(
                WorkloadPeer(
                    labels.http, labels.transport, WorkloadShape.outboundStatuses, at: slot,
                    WorkloadPeer.Traffic(&deployment)))
            slot += WorkloadShape.slots(WorkloadShape.outboundStatuses)
        }
    }

    private func destinationLabels(_ destination: Int, generation: Int) -> (http: String, transport: String) {
        let other = Self.pod(number + 2 * destination + 3, options, generation: generation)
        let labels = ProxyLabels.destination(other.workload + "-primary", other)
        return (#"direction="outbound","# + labels, #"direction="outbound",peer="dst","# + labels)
    }

    /// Lets one second pass.
    mutating func advance() {
        tick += 1
        var changed = false
        if options.restarts, tick % Self.restartTicks == 0, restarting == number { restart() }
        if options.churns, tick % Self.churnTicks == 0, (number + tick / Self.churnTicks) % 10 == 0 {
            replaceDestination()
            changed = true
        }
        if options.reorders, (tick + number) % Self.reorderTicks == 0 { changed = true }
        for peer in peers { requests += UInt64(peer.advance(&values, &random)) }
        updateProcess()
        if changed { layout = makeLayout() }
    }

    /// The proxy that restarts at this tick.
    private var restarting: Int {
        var random = RandomSource(seed: options.seed ^ UInt64(tick))
        return Int(random.next() % UInt64(options.targets))
    }

    private mutating func restart() {
        startedAt = options.start + Timestamp(tick) * 1_000 - 500
        requests = 0
        for peer in peers { peer.reset(&values) }
    }

    /// One of the pods that it calls goes, another comes.
    private mutating func replaceDestination() {
        let generation = tick / Self.churnTicks
        let destination = generation / 10 % shape.outbound
        let labels = destinationLabels(destination, generation: generation)
        let index = shape.inbound + destination
        peers[index].httpLabels = labels.http
        peers[index].transportLabels = labels.transport
        peers[index].reset(&values)
    }

    private mutating func updateProcess() {
        let now = options.start + Timestamp(tick) * 1_000
        let age = UInt64(max(0, now - startedAt))
        let first = shape.process
        values[first] = UInt64(max(0, startedAt))
        values[first + 1] = UInt64(max(0, now)) / 1_000 * 1_000
        values[first + 2] = age
        // Hundredths of a second: a fifth of a percent of a core, and half a millisecond per request.
        values[first + 3] = (age / 500 + requests / 2) / 10 * 10
        values[first + 4] = 104_390_656
        values[first + 5] = 9_572_352 + requests / 100_000 * 4_096
        values[first + 6] = 34
        values[first + 7] = 1_048_576
        values[first + 8] = requests * 700 + age / 1_000 * 60
        values[first + 9] = requests * 710 + age / 1_000 * 2_400
        values[first + 10] = 3
    }

    private func makeLayout() -> WorkloadLayout {
        var order = PeerOrder(peers)
        if options.reorders {
            let epoch = (tick + number) / Self.reorderTicks
            var random = RandomSource(seed: options.seed ^ UInt64(number) << 40 ^ UInt64(epoch))
            order.shuffle(&random)
        }
        return WorkloadLayout(order, shape)
    }
}
