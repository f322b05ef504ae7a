import Model

/// The counters of one proxy.
struct ProxyState: Sendable {
    /// Traffic from clients of one identity to the application.
    struct InboundPeer: Sendable {
        let identity: String
        var stats = ExchangeStats()
    }

    /// Traffic to one pod of one leaf Service.
    struct OutboundPeer: Sendable {
        let service: String
        let pod: SimulatedPod
        var stats = ExchangeStats()
        /// When the pod went away.
        var lostAt: Timestamp?
    }

    /// Traffic to one leaf Service by way of one called Service.
    struct OutboundBackend: Sendable {
        let parent: OutboundParent.Key
        let service: String
        var requests: UInt64 = 0
        var statuses = StatusCounts()
        var seconds = RegistryHistogram(RegistryHistogram.requestSeconds)
        var bytes = RegistryHistogram(RegistryHistogram.frameBytes)
        var queue = RegistryHistogram(RegistryHistogram.queueSeconds)
        var endpoints = 0
        var firstUse: Timestamp
    }

    /// Traffic to one called Service.
    struct OutboundParent: Sendable {
        struct Key: Sendable, Hashable {
            let service: String
            let namespace: String
            let port: Int
            let clusterIP: String
            let hasRoute: Bool
        }

        let key: Key
        var statuses = StatusCounts()
        var seconds = RegistryHistogram(RegistryHistogram.responseSeconds)
    }

    var pod: SimulatedPod
    var inbound: [InboundPeer] = []
    var inboundStatuses = StatusCounts()
    var inboundRequestSeconds = RegistryHistogram(RegistryHistogram.requestSeconds)
    var inboundResponseSeconds = RegistryHistogram(RegistryHistogram.responseSeconds)
    var inboundBytes = RegistryHistogram(RegistryHistogram.frameBytes)
    var outbound: [OutboundPeer] = []
    var backends: [OutboundBackend] = []
    var parents: [OutboundParent] = []
    /// Requests that ended without a response.
    var outboundErrors: UInt64 = 0
    /// Scrapes of `/metrics`, the running one included.
    var scrapes: UInt64 = 0

    /// Seconds for which the counters of a pod that is gone are still shown.
    static let retention: Milliseconds = 600_000

    init(pod: SimulatedPod) { self.pod = pod }

    /// Requests to the application.
    var inboundRequests: UInt64 { inbound.reduce(0) { $0 + $1.stats.requests } }
    /// Finished responses of the application.
    var inboundResponses: UInt64 { inbound.reduce(0) { $0 + $1.stats.responses } }

    mutating func inboundIndex(_ identity: String) -> Int {
        if let index = inbound.firstIndex(where: { $0.identity == identity }) { return index }
        inbound.append(InboundPeer(identity: identity))
        return inbound.count - 1
    }

    mutating func outboundIndex(_ service: String, _ pod: SimulatedPod) -> Int {
        if let index = outbound.firstIndex(where: { $0.service == service && $0.pod.name == pod.name }) {
            return index
        }
        outbound.append(OutboundPeer(service: service, pod: pod))
        return outbound.count - 1
    }

    mutating func backendIndex(_ parent: OutboundParent.Key, _ service: String, now: Timestamp) -> Int {
        if let index = backends.firstIndex(where: { $0.parent == parent && $0.service == service }) { return index }
        backends.append(OutboundBackend(parent: parent, service: service, firstUse: now))
        return backends.count - 1
    }

    mutating func parentIndex(_ key: OutboundParent.Key) -> Int {
        if let index = parents.firstIndex(where: { $0.key == key }) { return index }
        parents.append(OutboundParent(key: key))
        return parents.count - 1
    }
}
