/// In which order a body shows its peers: each family has its own, as each has a hash map of its own.
struct PeerOrder {
    private(set) var requests: [WorkloadPeer]
    private(set) var connections: [WorkloadPeer]
    /// Peers and the index of a status of theirs.
    private(set) var latencies: [(peer: WorkloadPeer, status: Int)]
    private(set) var responses: [(peer: WorkloadPeer, status: Int)]

    /// The order of `peers`.
    init(_ peers: [WorkloadPeer]) {
        requests = peers
        connections = peers
        latencies = peers.flatMap { peer in peer.statuses.indices.map { (peer, $0) } }
        responses = latencies
    }

    /// Another order.
    mutating func shuffle(_ random: inout RandomSource) {
        requests.shuffle(using: &random)
        connections.shuffle(using: &random)
        latencies.shuffle(using: &random)
        responses.shuffle(using: &random)
    }
}
