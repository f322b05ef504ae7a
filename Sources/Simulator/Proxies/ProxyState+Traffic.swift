import Model

/// What a proxy counts when something happens.
extension ProxyState {
    mutating func beginInbound(_ identity: String) {
        inbound[inboundIndex(identity)].stats.begin()
    }

    mutating func endInbound(_ identity: String, _ exchange: TrafficModel.Exchange) {
        inbound[inboundIndex(identity)].stats.end(status: exchange.status, milliseconds: Int(exchange.latency))
        inboundStatuses.count(StatusCounts.Key(status: exchange.status, error: ""))
        inboundRequestSeconds.record(exchange.latency / 1_000)
        inboundResponseSeconds.record(exchange.latency / 1_000)
        inboundBytes.record(exchange.bytes)
    }

    mutating func beginBackend(
        _ parent: OutboundParent.Key, _ service: String, _ endpoints: Int, at time: Timestamp
    ) {
        _ = parentIndex(parent)
        let index = backendIndex(parent, service, now: time)
        backends[index].requests += 1
        backends[index].queue.record(0.000_05)
        backends[index].endpoints = endpoints
    }

    mutating func beginOutbound(_ service: String, _ pod: SimulatedPod) {
        outbound[outboundIndex(service, pod)].stats.begin()
    }

    mutating func endOutbound(_ parent: OutboundParent.Key, _ exchange: TrafficModel.Exchange, latency: Double) {
        let peer = outboundIndex(exchange.backend.service, exchange.pod)
        outbound[peer].stats.end(status: exchange.status, milliseconds: Int(latency))
        let backend = backendIndex(parent, exchange.backend.service, now: Timestamp(exchange.arrival))
        backends[backend].bytes.record(exchange.bytes)
        end(parent, backend, StatusCounts.Key(status: exchange.status, error: ""), latency: latency)
    }

    mutating func endUnanswered(
        _ parent: OutboundParent.Key, _ service: String, pod: SimulatedPod?, error: String
    ) {
        if let pod { outbound[outboundIndex(service, pod)].stats.endUnanswered() }
        outboundErrors += 1
        end(
            parent, backendIndex(parent, service, now: 0), StatusCounts.Key(status: 0, error: error), latency: 0)
    }

    private mutating func end(
        _ parent: OutboundParent.Key, _ backend: Int, _ key: StatusCounts.Key, latency: Double
    ) {
        backends[backend].statuses.count(key)
        backends[backend].seconds.record(latency / 1_000)
        let index = parentIndex(parent)
        parents[index].statuses.count(key)
        parents[index].seconds.record(latency / 1_000)
    }

    /// Drops the counters of pods that have been gone for long.
    mutating func forget(before now: Timestamp) {
        outbound.removeAll { peer in peer.lostAt.map { $0 + ProxyState.retention <= now } ?? false }
    }
}

extension ProxyState.OutboundParent.Key {
    init(_ source: TrafficSource) {
        self.init(
            service: source.service, namespace: source.namespace, port: source.port, clusterIP: source.clusterIP,
            hasRoute: source.hasRoute)
    }
}
