import Model

/// The body of one scrape, in the order in which a proxy prints it.
struct ProxyBody {
    let proxy: ProxyState
    let now: Timestamp

    var pod: SimulatedPod { proxy.pod }

    func render() -> [UInt8] {
        var writer = ExpositionWriter()
        writeTraffic(&writer)
        writeControl(&writer)
        writeTransport(&writer)
        writeStack(&writer)
        writeRuntime(&writer)
        writeIdentity(&writer)
        writeControlBalancers(&writer)
        writeInbound(&writer)
        writeOutbound(&writer)
        writeBalancers(&writer)
        writeProcess(&writer)
        writer.end()
        return writer.bytes
    }

    /// Milliseconds since the proxy started.
    var uptime: Milliseconds { max(now - pod.startedAt, 0) }

    /// Whole seconds since the proxy started.
    var uptimeSeconds: UInt64 { UInt64(uptime / 1_000) }

    /// The kubelet asks `/live` and `/ready` every 10 s each, the first time one second after the start. `/ready` is
    /// 503 until the pod is ready.
    var probes: (fine: UInt64, refused: UInt64) {
        guard uptime >= 1_000 else { return (0, 0) }
        let rounds = UInt64((uptime - 1_000) / 10_000) + 1
        // A pod that never gets ready is refused at every round so far.
        let readyAfter = pod.readyAt.map { max($0 - pod.startedAt, 0) } ?? uptime + 1
        let unready = readyAfter <= 1_000 ? 0 : UInt64((min(readyAfter, uptime + 1) - 1_001) / 10_000) + 1
        let refused = min(unready, rounds)
        return (rounds * 2 - refused, refused)
    }

    /// What the probes' exchanges come to.
    var probeStats: ExchangeStats {
        var stats = ExchangeStats()
        stats.add(status: 200, milliseconds: 0, times: probes.fine)
        stats.add(status: 503, milliseconds: 0, times: probes.refused)
        return stats
    }

    /// Scrapes; the running one has begun and not ended.
    var scrapeStats: ExchangeStats {
        var stats = ExchangeStats()
        stats.add(status: 200, milliseconds: 2, times: max(proxy.scrapes, 1) - 1)
        stats.begin()
        return stats
    }
}
