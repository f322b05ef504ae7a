import Model

/// The older block: traffic by peer, and transport.
extension ProxyBody {
    private typealias Key = ProxyLabels.InboundKey

    /// Label text and counts of every peer, in print order.
    private var peers: [(labels: String, stats: ExchangeStats)] {
        var peers = proxy.outbound.map { peer in
            ("direction=\"outbound\"," + ProxyLabels.destination(peer.service, peer.pod), peer.stats)
        }
        peers += proxy.inbound.map { peer in (Key.application(pod, from: peer.identity).http, peer.stats) }
        if probes.fine + probes.refused > 0 { peers.append((Key.probe.http, probeStats)) }
        peers.append((Key.scrape.http, scrapeStats))
        return peers
    }

    func writeTraffic(_ writer: inout ExpositionWriter) {
        writeAuthorizations(&writer)
        if proxy.outboundErrors > 0 {
            writer.legacy("outbound_http_errors_total", "counter", "Outbound HTTP requests that met an error")
            writer.sample("outbound_http_errors_total", "error=\"unexpected\"", proxy.outboundErrors)
        }
        let peers = peers
        writer.legacy("request_total", "counter", "HTTP requests seen so far")
        for peer in peers { writer.sample("request_total", peer.labels, peer.stats.requests) }
        guard peers.contains(where: { !$0.stats.byStatus.isEmpty }) else { return }
        writer.legacy("response_latency_ms", "histogram", "Time until the first part of the response body, in ms")
        for peer in peers {
            for status in peer.stats.byStatus {
                let code = status.status == 0 ? "" : ",status_code=\"\(status.status)\""
                writer.legacyHistogram("response_latency_ms", peer.labels + code, status.latency)
            }
        }
        writer.legacy("response_total", "counter", "HTTP responses that ended")
        for peer in peers {
            for status in peer.stats.byStatus {
                writer.sample("response_total", peer.labels + ProxyLabels.ending(status.status), status.responses)
            }
        }
    }

    private func writeAuthorizations(_ writer: inout ExpositionWriter) {
        let name = "inbound_http_authz_allow_total"
        writer.legacy(name, "counter", "Inbound HTTP requests that policy let through")
        let probes = probes.fine + probes.refused
        if probes > 0 { writer.sample(name, Key.probe.allowed, probes) }
        writer.sample(name, Key.scrape.allowed, max(proxy.scrapes, 1))
        for peer in proxy.inbound {
            writer.sample(name, Key.application(pod, from: peer.identity).allowed, peer.stats.requests)
        }
    }

    /// One transport peer and what went through its connections.
    private struct Connections {
        let labels: String
        let opened: UInt64
        let open: UInt64
        let read: UInt64
        let written: UInt64
    }

    private static let requestBytes: UInt64 = 112
    private static let responseBytes: UInt64 = 530

    private var connections: [Connections] {
        var list: [Connections] = []
        for parent in proxy.parents {
            let target = ProxyLabels.target(parent.key.clusterIP, parent.key.port)
            let count = parent.seconds.count
            list.append(
                Connections(
                    labels:
                        "direction=\"outbound\",peer=\"src\",\(target),tls=\"no_identity\",no_tls_reason=\"loopback\"",
                    opened: 4, open: 4, read: count * Self.requestBytes, written: count * Self.responseBytes))
        }
        for peer in proxy.outbound {
            let labels = "direction=\"outbound\",peer=\"dst\"," + ProxyLabels.destination(peer.service, peer.pod)
            list.append(
                Connections(
                    labels: labels, opened: 1, open: peer.lostAt == nil ? 1 : 0,
                    read: peer.stats.responses * Self.responseBytes, written: peer.stats.requests * Self.requestBytes))
        }
        for peer in proxy.inbound {
            list.append(
                Connections(
                    labels: Key.application(pod, from: peer.identity).transport, opened: 1, open: 1,
                    read: peer.stats.requests * Self.requestBytes, written: peer.stats.responses * Self.responseBytes))
        }
        let probes = probes.fine + probes.refused
        if probes > 0 {
            list.append(
                Connections(
                    labels: Key.probe.transport, opened: probes, open: 0, read: probes * 105, written: probes * 114))
        }
        list.append(
            Connections(
                labels: Key.scrape.transport, opened: 1, open: 1, read: proxy.scrapes * 360,
                written: proxy.scrapes * 22_400))
        if !proxy.inbound.isEmpty {
            list.append(
                Connections(
                    labels: #"direction="inbound",peer="dst",tls="no_identity",no_tls_reason="loopback""#, opened: 2,
                    open: 2, read: proxy.inboundResponses * Self.responseBytes,
                    written: proxy.inboundRequests * Self.requestBytes))
        }
        return list
    }

    func writeTransport(_ writer: inout ExpositionWriter) {
        let connections = connections
        writer.legacy("tcp_open_total", "counter", "Connections opened so far")
        for peer in connections { writer.sample("tcp_open_total", peer.labels, peer.opened) }
        writer.legacy("tcp_open_connections", "gauge", "Connections that are open")
        for peer in connections { writer.sample("tcp_open_connections", peer.labels, peer.open) }
        writer.legacy("tcp_read_bytes_total", "counter", "Bytes that came from peers")
        for peer in connections { writer.sample("tcp_read_bytes_total", peer.labels, peer.read) }
        writer.legacy("tcp_write_bytes_total", "counter", "Bytes that went to peers")
        for peer in connections { writer.sample("tcp_write_bytes_total", peer.labels, peer.written) }
        writer.legacy("tcp_close_total", "counter", "Connections closed so far")
        for peer in connections {
            writer.sample("tcp_close_total", peer.labels + ",errno=\"\"", peer.opened - peer.open)
        }
    }
}
