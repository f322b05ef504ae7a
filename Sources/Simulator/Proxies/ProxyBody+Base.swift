import Model

/// Families that every proxy has, whatever traffic it carries. Their values follow from its age.
extension ProxyBody {
    private static let controllers: [(addr: String, server: String, requests: UInt64, millis: Int)] = [
        ("linkerd-dst-headless.linkerd.svc.cluster.local:8086", "linkerd-destination", 2, 2),
        ("linkerd-policy.linkerd.svc.cluster.local:8090", "linkerd-destination", 3, 3),
        ("linkerd-identity-headless.linkerd.svc.cluster.local:8080", "linkerd-identity", 1, 14),
    ]

    func writeControl(_ writer: inout ExpositionWriter) {
        let peers = Self.controllers.map { peer in
            (
                labels: "addr=\"\(peer.addr)\",tls=\"true\",server_id=\"\(peer.server).linkerd.serviceaccount.identity."
                    + "linkerd.cluster.local\"", requests: peer.requests, millis: peer.millis
            )
        }
        writer.legacy("control_request_total", "counter", "HTTP requests to the control plane so far")
        for peer in peers { writer.sample("control_request_total", peer.labels, peer.requests) }
        writer.legacy("control_response_latency_ms", "histogram", "Time until the control plane answered, in ms")
        for peer in peers {
            var latency = LatencyHistogram()
            latency.record(peer.millis, times: peer.requests)
            writer.legacyHistogram("control_response_latency_ms", peer.labels + ",status_code=\"200\"", latency)
        }
        writer.legacy("control_response_total", "counter", "HTTP responses of the control plane that ended")
        for peer in peers {
            writer.sample(
                "control_response_total",
                peer.labels + #",status_code="200",classification="success",grpc_status="0",error="""#, 1)
        }
    }

    func writeStack(_ writer: inout ExpositionWriter) {
        for name in ["opentelemetry_span_export_streams", "opentelemetry_span_export_requests"] {
            writer.legacy(name, "counter", "Export of traces")
            writer.sample(name, "", 0)
        }
        writer.legacy("opentelemetry_span_exports", "counter", "Export of traces")
        writer.sample("opentelemetry_span_exports", "", 0)
        var stacks = [(labels: #"direction="inbound",protocol="http",name="logical""#, used: proxy.inboundRequests)]
        let outbound = proxy.backends.reduce(UInt64(0)) { $0 + $1.requests }
        for name in ["http", "opaq", "tls"] {
            for kind in ["endpoint", "balance", "forward"] {
                let used = name == "http" && kind != "forward" ? outbound : 0
                stacks.append((#"direction="outbound",protocol="\#(name)",name="\#(kind)""#, used))
            }
        }
        writer.legacy("stack_create_total", "counter", "Services that were built")
        for stack in stacks { writer.sample("stack_create_total", stack.labels, stack.used > 0 ? 1 : 0) }
        writer.legacy("stack_drop_total", "counter", "Services that were given up")
        for stack in stacks { writer.sample("stack_drop_total", stack.labels, 0) }
        writer.legacy("stack_poll_total", "counter", "How often services were asked whether they are ready")
        for ready in ["true", "false", "error"] {
            for stack in stacks {
                let count = ready == "true" ? stack.used : ready == "false" ? stack.used / 97 : 0
                writer.sample("stack_poll_total", stack.labels + ",ready=\"\(ready)\"", count)
            }
        }
        writer.legacy("stack_poll_total_ms", "counter", "Time spent until services were ready, in ms")
        for stack in stacks { writer.sample("stack_poll_total_ms", stack.labels, stack.used / 211) }
    }

    func writeRuntime(_ writer: inout ExpositionWriter) {
        writer.registry("proxy_build_info", "gauge", "Which build this proxy is")
        writer.sample(
            "proxy_build_info",
            #"date="2026-08-21T15:21:08Z",git_sha="29637b6",profile="release",vendor="linkerd",version="2.366.0""#, 1)
        writer.registry("rustls_info", "gauge", "How this proxy does TLS")
        let suites = "TLS13_AES_128_GCM_SHA256,TLS13_AES_256_GCM_SHA384,TLS13_CHACHA20_POLY1305_SHA256,"
        let groups = "X25519MLKEM768,X25519,secp256r1,secp384r1,"
        writer.sample(
            "rustls_info",
            #"tls_suites="\#(suites)",tls_kx_groups="\#(groups)",tls_rand="AwsLcRs",tls_key_provider="AwsLcRs","#
                + #"tls_fips="false""#, 1)
        let work = proxy.inboundRequests + proxy.outbound.reduce(UInt64(0)) { $0 + $1.stats.requests }
        let polls = uptimeSeconds * 14 + work * 3
        gauge(&writer, "tokio_rt_workers", "Threads that run tasks", 1)
        counter(&writer, "tokio_rt_park", "How often a thread went to sleep", polls / 2)
        counter(&writer, "tokio_rt_noop", "How often a thread woke for nothing", polls / 500)
        counter(&writer, "tokio_rt_steal", "Tasks taken from other threads", 0)
        counter(&writer, "tokio_rt_steal_operations", "How often tasks were taken", 0)
        counter(&writer, "tokio_rt_remote_schedule", "Tasks that came from outside", polls / 14)
        counter(&writer, "tokio_rt_local_schedule", "Tasks that came from inside", polls / 14 * 13)
        counter(&writer, "tokio_rt_overflow", "How often a queue was full", 0)
        counter(&writer, "tokio_rt_polls", "How often tasks ran", polls)
        writer.registry("tokio_rt_busy_seconds", "counter", "Time that threads worked", unit: "seconds")
        writer.sample("tokio_rt_busy_seconds_total", "", float: Double(polls) * 0.000_15)
        gauge(&writer, "tokio_rt_injection_queue_depth", "Tasks that wait outside", 0)
        gauge(&writer, "tokio_rt_local_queue_depth", "Tasks that wait inside", 0)
        counter(&writer, "tokio_rt_budget_forced_yield", "How often a task had to pause", 0)
        counter(&writer, "tokio_rt_io_driver_ready", "How often a socket had news", polls / 3 * 2)
    }

    func writeIdentity(_ writer: inout ExpositionWriter) {
        writer.registry("control_dns_resolutions", "counter", "Lookups of control plane names")
        for client in ["identity", "destination", "policy"] {
            for (record, result) in [("A/AAAA", "ok"), ("A/AAAA", "not_found"), ("SRV", "ok"), ("SRV", "not_found")] {
                writer.sample(
                    "control_dns_resolutions_total",
                    #"client="\#(client)",record_type="\#(record)",result="\#(result)""#,
                    record == "SRV" && result == "ok" ? uptimeSeconds / 5 + 1 : 0)
            }
        }
        let start = Double(pod.startedAt) / 1_000
        seconds(
            &writer, "control_identity_cert_expiration_timestamp_seconds", "When the certificate ends", start + 86_420)
        seconds(&writer, "control_identity_cert_refresh_timestamp_seconds", "When the certificate came", start + 0.311)
        writer.registry("control_identity_cert_refreshes", "counter", "Certificates that came")
        writer.sample("control_identity_cert_refreshes_total", "result=\"ok\"", 1)
        writer.sample("control_identity_cert_refreshes_total", "result=\"error\"", 0)
    }

    func writeControlBalancers(_ writer: inout ExpositionWriter) {
        for (name, index) in [("identity", 2), ("destination", 0), ("policy", 1)] {
            let peer = Self.controllers[index]
            let queue = RegistryHistogram.constant(RegistryHistogram.queueSeconds, 0.000_06, count: peer.requests)
            writeBalancer(
                &writer, "control_\(name)_balancer",
                [
                    BalancerRow(
                        labels: "addr=\"\(peer.addr)\"", endpoints: 1, requests: peer.requests, queue: queue,
                        openSince: Double(pod.startedAt) / 1_000 + 0.05, timeout: 30)
                ])
        }
    }

    func writeProcess(_ writer: inout ExpositionWriter) {
        let requests = proxy.inboundRequests + proxy.backends.reduce(UInt64(0)) { $0 + $1.requests }
        let age = Double(uptime) / 1_000
        seconds(&writer, "process_start_time_seconds", "When the process began", Double(pod.startedAt) / 1_000)
        seconds(
            &writer, "process_clock_time_seconds", "What time the process has", (Double(now) / 1_000).rounded(.down))
        writer.registry("process_uptime_seconds", "counter", "Age of the process", unit: "seconds")
        writer.sample("process_uptime_seconds_total", "", float: age)
        writer.registry("process_cpu_seconds", "counter", "Processor time used", unit: "seconds")
        let processor = (age * 0.2 + Double(requests) * 0.05).rounded(.down) / 100
        writer.sample("process_cpu_seconds_total", "", float: processor)
        writer.registry("process_virtual_memory_bytes", "gauge", "Address space", unit: "bytes")
        writer.sample("process_virtual_memory_bytes", "", 104_390_656)
        writer.registry("process_resident_memory_bytes", "gauge", "Memory in use", unit: "bytes")
        writer.sample("process_resident_memory_bytes", "", 9_572_352 + requests / 1_000 * 4_096)
        gauge(&writer, "process_open_fds", "Open files", 34)
        gauge(&writer, "process_max_fds", "Files that may be open", 1_048_576)
        writer.registry("process_network_receive_bytes", "counter", "Bytes the pod received", unit: "bytes")
        writer.sample("process_network_receive_bytes_total", "", requests * 700 + uptimeSeconds * 60)
        writer.registry("process_network_transmit_bytes", "counter", "Bytes the pod sent", unit: "bytes")
        writer.sample("process_network_transmit_bytes_total", "", requests * 710 + uptimeSeconds * 2_400)
        gauge(&writer, "process_threads", "Threads", 3)
    }

    private func gauge(_ writer: inout ExpositionWriter, _ name: String, _ help: String, _ value: UInt64) {
        writer.registry(name, "gauge", help)
        writer.sample(name, "", value)
    }

    private func counter(_ writer: inout ExpositionWriter, _ name: String, _ help: String, _ value: UInt64) {
        writer.registry(name, "counter", help)
        writer.sample(name + "_total", "", value)
    }

    private func seconds(_ writer: inout ExpositionWriter, _ name: String, _ help: String, _ value: Double) {
        writer.registry(name, "gauge", help, unit: "seconds")
        writer.sample(name, "", float: value)
    }
}
