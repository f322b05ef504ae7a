/// The families of a body, in the order in which a proxy prints them.
extension WorkloadLayout {
    /// The layout of a proxy's body.
    init(_ order: PeerOrder, _ shape: WorkloadShape) {
        self.init()
        writeTraffic(order)
        writeTransport(order)
        writeConstants(shape)
        writeProcess(shape)
        end()
    }

    private mutating func writeTraffic(_ order: PeerOrder) {
        legacy("request_total", "counter", "HTTP requests seen so far")
        for peer in order.requests { sample("request_total", peer.httpLabels, slot: peer.slot(.requests)) }
        legacy("response_latency_ms", "histogram", "Time until the first part of the response body, in ms")
        for (peer, status) in order.latencies {
            let labels = "\(peer.httpLabels),status_code=\"\(peer.statuses[status])\""
            histogram("response_latency_ms", labels, slot: peer.slot(status: status))
        }
        legacy("response_total", "counter", "HTTP responses that ended")
        for (peer, status) in order.responses {
            sample(
                "response_total", peer.httpLabels + ProxyLabels.ending(peer.statuses[status]),
                slot: peer.slot(status: status) + WorkloadShape.statusSlots - 1)
        }
    }

    private mutating func writeTransport(_ order: PeerOrder) {
        let families: [(name: String, type: String, help: String, number: WorkloadPeer.Number)] = [
            ("tcp_open_total", "counter", "Connections opened so far", .opened),
            ("tcp_open_connections", "gauge", "Connections that are open", .open),
            ("tcp_read_bytes_total", "counter", "Bytes that came from peers", .read),
            ("tcp_write_bytes_total", "counter", "Bytes that went to peers", .written),
        ]
        for family in families {
            legacy(family.name, family.type, family.help)
            for peer in order.connections { sample(family.name, peer.transportLabels, slot: peer.slot(family.number)) }
        }
    }

    /// Stacks: each is a service inside the proxy, with six series.
    private mutating func writeConstants(_ shape: WorkloadShape) {
        let kinds = [
            "endpoint", "balance", "forward", "logical", "concrete", "route", "gateway", "identity", "failfast",
        ]
        let protocols = ["http", "opaq", "tls"]
        let stacks = (0..<(shape.constants + 5) / 6).map { index in
            let round = index / (kinds.count * protocols.count)
            return #"direction="\#(index % 2 == 0 ? "inbound" : "outbound")",protocol="\#(protocols[index % 3])","#
                + #"name="\#(kinds[index / 3 % kinds.count])\#(round == 0 ? "" : "-\(round)")""#
        }
        var slot = shape.firstConstant
        func add(_ name: String, _ help: String, _ suffixes: [String], _ layout: inout WorkloadLayout) {
            if slot < shape.slots { layout.legacy(name, "counter", help) }
            for suffix in suffixes {
                for stack in stacks where slot < shape.slots {
                    layout.sample(name, stack + suffix, slot: slot)
                    slot += 1
                }
            }
        }
        add("stack_create_total", "Services that were built", [""], &self)
        add("stack_drop_total", "Services that were given up", [""], &self)
        let ready = ["true", "false", "error"].map { ",ready=\"\($0)\"" }
        add("stack_poll_total", "How often services were asked whether they are ready", ready, &self)
        add("stack_poll_total_ms", "Time spent until services were ready, in ms", [""], &self)
    }

    private mutating func writeProcess(_ shape: WorkloadShape) {
        let families: [(name: String, type: String, help: String, unit: String?, isFloat: Bool)] = [
            ("process_start_time_seconds", "gauge", "When the process began", "seconds", true),
            ("process_clock_time_seconds", "gauge", "What time the process has", "seconds", true),
            ("process_uptime_seconds", "counter", "Age of the process", "seconds", true),
            ("process_cpu_seconds", "counter", "Processor time used", "seconds", true),
            ("process_virtual_memory_bytes", "gauge", "Address space", "bytes", false),
            ("process_resident_memory_bytes", "gauge", "Memory in use", "bytes", false),
            ("process_open_fds", "gauge", "Open files", nil, false),
            ("process_max_fds", "gauge", "Files that may be open", nil, false),
            ("process_network_receive_bytes", "counter", "Bytes the pod received", "bytes", false),
            ("process_network_transmit_bytes", "counter", "Bytes the pod sent", "bytes", false),
            ("process_threads", "gauge", "Threads", nil, false),
        ]
        for (index, family) in families.enumerated() {
            registry(family.name, family.type, family.help, unit: family.unit)
            let name = family.type == "counter" ? family.name + "_total" : family.name
            sample(name, "", slot: shape.process + index, isFloat: family.isFloat)
        }
    }
}
