import Model

/// The registry block's families about traffic.
extension ProxyBody {
    func writeInbound(_ writer: inout ExpositionWriter) {
        writeInboundDetection(&writer)
        guard !proxy.inbound.isEmpty else { return }
        writer.registry("inbound_tcp_transport_header_connections", "counter", "Connections that said where they go")
        for peer in proxy.inbound {
            writer.sample(
                "inbound_tcp_transport_header_connections_total",
                #"session_protocol="http/2",target_port="\#(pod.port)",target_name="",client_id="\#(peer.identity)""#, 1
            )
        }
        let labels =
            #"parent_group="",parent_kind="default",parent_name="all-unauthenticated",parent_port="\#(pod.port)","#
            + ProxyLabels.route("default")
        writer.registry("inbound_http_requests", "counter", "Requests passed on")
        writer.sample("inbound_http_requests_total", labels, proxy.inboundRequests)
        histogram(
            &writer, "inbound_http_request_frame_size_bytes", "Size of pieces of request bodies", "bytes",
            [(labels, RegistryHistogram(RegistryHistogram.frameBytes))])
        histogram(
            &writer, "inbound_http_request_duration_seconds", "Time from the request's start to the response's end",
            "seconds", [(labels, proxy.inboundRequestSeconds)])
        histogram(
            &writer, "inbound_http_response_frame_size_bytes", "Size of pieces of response bodies", "bytes",
            [(labels, proxy.inboundBytes)])
        histogram(
            &writer, "inbound_http_response_duration_seconds", "Time from the request's end to the response's end",
            "seconds", [(labels, proxy.inboundResponseSeconds)])
        writer.registry("inbound_http_statuses", "counter", "HTTP responses that ended")
        for (key, count) in proxy.inboundStatuses.counts {
            writer.sample("inbound_http_statuses_total", labels + ",status=\"\(key.status)\"", count)
        }
    }

    private func writeInboundDetection(_ writer: inout ExpositionWriter) {
        let probes = probes.fine + probes.refused
        let labels = ProxyLabels.server(4_191)
        histogram(
            &writer, "inbound_tcp_detect_http_duration_seconds", "Time until the protocol was known", "seconds",
            [(labels, .constant(RegistryHistogram.detectSeconds, 0.000_07, count: probes + 1))])
        writer.registry("inbound_tcp_detect_http_results", "counter", "What the protocol was")
        let results = [("not_http", 0), ("http/1", probes), ("http/2", 1), ("read_timeout", 0), ("error", 0)]
        for (result, count) in results {
            writer.sample("inbound_tcp_detect_http_results_total", "result=\"\(result)\",\(labels)", count)
        }
    }

    func writeOutbound(_ writer: inout ExpositionWriter) {
        guard !proxy.parents.isEmpty else { return }
        let parents = proxy.parents.map { (labels: ProxyLabels.parent($0.key), parent: $0) }
        writer.registry("outbound_tcp_protocol_connections", "counter", "Connections by protocol")
        for row in parents {
            writer.sample("outbound_tcp_protocol_connections_total", "protocol=\"detect\",\(row.labels)", 4)
        }
        histogram(
            &writer, "outbound_tcp_detect_http_duration_seconds", "Time until the protocol was known", "seconds",
            parents.map { ($0.labels, .constant(RegistryHistogram.detectSeconds, 0.000_12, count: 4)) })
        writer.registry("outbound_tcp_detect_http_results", "counter", "What the protocol was")
        for row in parents {
            for result in ["not_http", "http/1", "http/2", "read_timeout", "error"] {
                writer.sample(
                    "outbound_tcp_detect_http_results_total", "result=\"\(result)\",\(row.labels)",
                    result == "http/1" ? 4 : 0)
            }
        }
        writeRoutes(&writer)
    }

    private func writeRoutes(_ writer: inout ExpositionWriter) {
        let prefix = "outbound_http_route"
        let routes = proxy.parents.map { parent in
            (
                labels: "\(ProxyLabels.parent(parent.key)),\(ProxyLabels.outboundRoute(parent.key)),hostname=\"\"",
                parent: parent
            )
        }
        let backends = proxy.backends.map { backend in
            (
                labels: "\(ProxyLabels.parent(backend.parent)),\(ProxyLabels.outboundRoute(backend.parent)),"
                    + ProxyLabels.backend(backend), backend: backend
            )
        }
        histogram(
            &writer, "\(prefix)_request_duration_seconds", "Time from the request's start to the response's end",
            "seconds", routes.map { ($0.labels, $0.parent.seconds) })
        histogram(
            &writer, "\(prefix)_request_frame_size_bytes", "Size of pieces of request bodies", "bytes",
            routes.map { ($0.labels, RegistryHistogram(RegistryHistogram.frameBytes)) })
        writer.registry("\(prefix)_backend_requests", "counter", "Requests passed on")
        for row in backends { writer.sample("\(prefix)_backend_requests_total", row.labels, row.backend.requests) }
        histogram(
            &writer, "\(prefix)_backend_response_duration_seconds", "Time from the request's end to the response's end",
            "seconds", backends.map { ($0.labels, $0.backend.seconds) })
        histogram(
            &writer, "\(prefix)_backend_response_frame_size_bytes", "Size of pieces of response bodies", "bytes",
            backends.map { ($0.labels, $0.backend.bytes) })
        writer.registry("\(prefix)_backend_response_statuses", "counter", "Responses of a backend that ended")
        for row in backends {
            statuses(&writer, "\(prefix)_backend_response_statuses_total", row.labels, row.backend.statuses)
        }
        writer.registry("\(prefix)_request_statuses", "counter", "Responses that ended")
        for row in routes { statuses(&writer, "\(prefix)_request_statuses_total", row.labels, row.parent.statuses) }
    }

    private func statuses(
        _ writer: inout ExpositionWriter, _ name: String, _ labels: String, _ statuses: StatusCounts
    ) {
        for (key, count) in statuses.counts {
            let status = key.status == 0 ? "" : "\(key.status)"
            writer.sample(name, "\(labels),http_status=\"\(status)\",error=\"\(key.error)\"", count)
        }
    }

    func writeBalancers(_ writer: inout ExpositionWriter) {
        guard !proxy.backends.isEmpty else { return }
        let rows = proxy.backends.map { backend in
            BalancerRow(
                labels: "\(ProxyLabels.parent(backend.parent)),\(ProxyLabels.backend(backend))",
                endpoints: UInt64(backend.endpoints), requests: backend.requests, queue: backend.queue,
                openSince: Double(backend.firstUse) / 1_000, timeout: 3)
        }
        writeBalancer(&writer, "outbound_http_balancer", rows)
        let received = proxy.outbound.reduce(UInt64(0)) { $0 + $1.stats.responses * 530 }
        let sent = proxy.outbound.reduce(UInt64(0)) { $0 + $1.stats.requests * 112 }
        writer.registry("outbound_tcp_transfer_cost_bytes", "counter", "Bytes by zone", unit: "bytes")
        writer.sample("outbound_tcp_transfer_cost_bytes_total", "op=\"Recv\",zone_locality=\"Unknown\"", received)
        writer.sample("outbound_tcp_transfer_cost_bytes_total", "op=\"Send\",zone_locality=\"Unknown\"", sent)
    }

    /// One label set of a balancer's families.
    struct BalancerRow {
        let labels: String
        let endpoints: UInt64
        let requests: UInt64
        let queue: RegistryHistogram
        /// Unix seconds.
        let openSince: Double
        /// Seconds.
        let timeout: Double
    }

    func writeBalancer(_ writer: inout ExpositionWriter, _ prefix: String, _ rows: [BalancerRow]) {
        writer.registry("\(prefix)_endpoints", "gauge", "Endpoints by state")
        for row in rows {
            writer.sample("\(prefix)_endpoints", "endpoint_state=\"ready\",\(row.labels)", row.endpoints)
            writer.sample("\(prefix)_endpoints", "endpoint_state=\"pending\",\(row.labels)", 0)
        }
        writer.registry("\(prefix)_p2c_endpoints", "gauge", "Endpoints to choose from")
        for row in rows { writer.sample("\(prefix)_p2c_endpoints", row.labels, row.endpoints) }
        writer.registry("\(prefix)_p2c_updates", "counter", "Changes of the endpoints")
        for row in rows {
            for (change, count) in [("Reset", 1), ("Add", 0), ("Remove", 0)] as [(String, UInt64)] {
                writer.sample("\(prefix)_p2c_updates_total", "op=\"\(change)\",\(row.labels)", count)
            }
        }
        writer.registry("\(prefix)_queue_length", "gauge", "Requests that wait")
        for row in rows { writer.sample("\(prefix)_queue_length", row.labels, 0) }
        writer.registry("\(prefix)_queue_requests", "counter", "Requests that had to wait")
        for row in rows { writer.sample("\(prefix)_queue_requests_total", row.labels, row.requests) }
        histogram(
            &writer, "\(prefix)_queue_latency_seconds", "Time that requests waited", "seconds",
            rows.map { ($0.labels, $0.queue) })
        writer.registry("\(prefix)_queue_gate_open", "counter", "How often the gate opened")
        for row in rows { writer.sample("\(prefix)_queue_gate_open_total", row.labels, 1) }
        writer.registry("\(prefix)_queue_gate_shut", "counter", "How often the gate shut")
        for row in rows { writer.sample("\(prefix)_queue_gate_shut_total", row.labels, 0) }
        gateTimes(&writer, "\(prefix)_queue_gate_open_time_seconds", "When the gate opened", rows) { $0.openSince }
        gateTimes(&writer, "\(prefix)_queue_gate_shut_time_seconds", "When the gate shut, 0 when open", rows) { _ in 0 }
        gateTimes(&writer, "\(prefix)_queue_gate_timeout_seconds", "How long requests wait at a shut gate", rows) {
            $0.timeout
        }
    }

    private func gateTimes(
        _ writer: inout ExpositionWriter, _ name: String, _ help: String, _ rows: [BalancerRow],
        _ value: (BalancerRow) -> Double
    ) {
        writer.registry(name, "gauge", help, unit: "seconds")
        for row in rows { writer.sample(name, row.labels, float: value(row)) }
    }

    private func histogram(
        _ writer: inout ExpositionWriter, _ name: String, _ help: String, _ unit: String,
        _ rows: [(labels: String, histogram: RegistryHistogram)]
    ) {
        writer.registry(name, "histogram", help, unit: unit)
        for row in rows { writer.registryHistogram(name, row.labels, row.histogram) }
    }
}
