/// Label texts in the proxy's order. Values hold nothing that would need escaping, and the proxy escapes nothing.
enum ProxyLabels {
    static let scraper = "prometheus.linkerd-viz.serviceaccount.identity.linkerd.cluster.local"
    private static let plain = #"tls="no_identity",no_tls_reason="no_tls_from_remote""#

    static func target(_ ip: String, _ port: Int) -> String {
        #"target_addr="\#(ip):\#(port)",target_ip="\#(ip)",target_port="\#(port)""#
    }

    static func server(_ port: Int) -> String {
        #"srv_group="",srv_kind="default",srv_name="all-unauthenticated",srv_port="\#(port)""#
    }

    static func route(_ name: String) -> String { #"route_group="",route_kind="default",route_name="\#(name)""# }

    static func authorization(_ name: String) -> String {
        #"authz_group="",authz_kind="default",authz_name="\#(name)""#
    }

    static func client(_ identity: String) -> String { #"tls="true",client_id="\#(identity)""# }

    /// A response's labels: 5xx and no response at all are failures.
    static func ending(_ status: Int) -> String {
        if status == 0 { return #",classification="failure",grpc_status="",error="unclassified""# }
        let classification = (500...599).contains(status) ? "failure" : "success"
        return #",status_code="\#(status)",classification="\#(classification)",grpc_status="",error="""#
    }

    /// Who talks to whom on the inbound side, and under which rule.
    struct InboundKey {
        let ip: String
        let port: Int
        let tls: String
        let rule: String
        let authorized: String

        /// Requests to the application from clients of one identity.
        static func application(_ pod: SimulatedPod, from identity: String) -> InboundKey {
            InboundKey(
                ip: pod.ip, port: pod.port, tls: client(identity), rule: "default", authorized: "all-unauthenticated")
        }

        /// The kubelet's probes of the proxy itself.
        static let probe = InboundKey(ip: "0.0.0.0", port: 4_191, tls: plain, rule: "probe", authorized: "probe")

        /// Scrapes.
        static let scrape = InboundKey(
            ip: "0.0.0.0", port: 4_191, tls: client(scraper), rule: "default", authorized: "all-unauthenticated")

        var http: String {
            "direction=\"inbound\",\(target(ip, port)),\(tls),\(server(port)),\(route(rule)),"
                + authorization(authorized)
        }

        var allowed: String {
            "\(target(ip, port)),\(server(port)),\(route(rule)),\(authorization(authorized)),\(tls)"
        }

        var transport: String { "direction=\"inbound\",peer=\"src\",\(target(ip, port)),\(tls),\(server(port))" }
    }

    /// One destination pod as its client sees it.
    static func destination(_ service: String, _ pod: SimulatedPod) -> String {
        let authority = "\(service).\(pod.namespace).svc.cluster.local:\(pod.port)"
        let first =
            #"authority="\#(authority)",\#(target(pod.ip, pod.port)),tls="true",server_id="\#(pod.identity)","#
        let second =
            #"dst_control_plane_ns="linkerd",dst_deployment="\#(pod.workload)",dst_namespace="\#(pod.namespace)","#
        let third =
            #"dst_pod="\#(pod.name)",dst_pod_template_hash="\#(pod.templateHash)",dst_service="\#(service)","#
        let fourth = #"dst_serviceaccount="\#(pod.serviceAccount)",dst_zone="",dst_zone_locality="unknown""#
        return first + second + third + fourth
    }

    static func service(_ prefix: String, _ name: String, _ namespace: String, _ port: Int) -> String {
        #"\#(prefix)_group="core",\#(prefix)_kind="Service",\#(prefix)_namespace="\#(namespace)","#
            + #"\#(prefix)_name="\#(name)",\#(prefix)_port="\#(port)",\#(prefix)_section_name="""#
    }

    static func parent(_ key: ProxyState.OutboundParent.Key) -> String {
        service("parent", key.service, key.namespace, key.port)
    }

    static func backend(_ backend: ProxyState.OutboundBackend) -> String {
        service("backend", backend.service, backend.parent.namespace, backend.parent.port)
    }

    static func outboundRoute(_ key: ProxyState.OutboundParent.Key) -> String {
        key.hasRoute
            ? #"route_group="gateway.networking.k8s.io",route_kind="HTTPRoute",route_namespace="\#(key.namespace)","#
                + #"route_name="\#(key.service)""#
            : #"route_group="",route_kind="default",route_namespace="",route_name="http""#
    }
}
