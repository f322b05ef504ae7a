/// How many series of which kind a proxy of the workload has, and the slots their values live in.
///
/// With 1,000 series: 5 clients with three statuses each, 6 called pods with two, 27 histograms in all.
struct WorkloadShape: Sendable, Hashable {
    /// Slots of a peer before its statuses: requests, and four of the transport.
    static let peerSlots = 5
    /// Slots of one status of a peer: the histogram's buckets, count and sum, and the responses.
    static let statusSlots = LatencyHistogram.bounds.count + 4
    /// Slots of the process.
    static let processSlots = 11

    static let inboundStatuses = [200, 404, 500]
    static let outboundStatuses = [200, 503]

    /// Clients.
    let inbound: Int
    /// Called pods.
    let outbound: Int
    /// Series that never change.
    let constants: Int

    init(series: Int) {
        inbound = max(1, series * 5 / 1_000)
        outbound = max(1, series * 6 / 1_000)
        let used =
            inbound * Self.slots(Self.inboundStatuses) + outbound * Self.slots(Self.outboundStatuses)
            + Self.processSlots
        constants = max(0, series - used)
    }

    /// Slots of a peer with these statuses.
    static func slots(_ statuses: [Int]) -> Int { peerSlots + statuses.count * statusSlots }

    /// First slot of the process.
    var process: Int {
        inbound * Self.slots(Self.inboundStatuses) + outbound * Self.slots(Self.outboundStatuses)
    }

    /// First slot of the constants.
    var firstConstant: Int { process + Self.processSlots }

    /// Slots in all.
    var slots: Int { firstConstant + constants }
}
