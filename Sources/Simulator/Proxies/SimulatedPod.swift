package import Model

/// A pod with a Linkerd proxy beside it.
package struct SimulatedPod: Sendable, Hashable {
    /// Its name.
    package var name: String
    /// The Deployment it belongs to.
    package var workload: String
    /// Its namespace.
    package var namespace: String
    /// Its address.
    package var ip: String
    /// The label `pod-template-hash`.
    package var templateHash: String
    /// Service account, which names it to its peers.
    package var serviceAccount: String
    /// Port of the application.
    package var port: Int
    /// When its proxy started.
    package var startedAt: Timestamp
    /// From when on it takes traffic; `nil` for never.
    package var readyAt: Timestamp?

    /// A pod that is ready from the start.
    package init(
        name: String, workload: String, namespace: String, ip: String, templateHash: String,
        serviceAccount: String = "default", port: Int = 9_898, startedAt: Timestamp, readyAt: Timestamp?
    ) {
        self.name = name
        self.workload = workload
        self.namespace = namespace
        self.ip = ip
        self.templateHash = templateHash
        self.serviceAccount = serviceAccount
        self.port = port
        self.startedAt = startedAt
        self.readyAt = readyAt
    }

    /// The labels that Linkerd's own scrape configuration gives the target, as seen after its relabelling.
    package var targetLabels: [(name: String, value: String)] {
        [
            ("app", workload), ("control_plane_ns", "linkerd"), ("deployment", workload), ("namespace", namespace),
            ("pod", name),
            ("pod_template_hash", templateHash), ("workload_ns", namespace),
        ]
    }

    /// The identity in `client_id` and `server_id`.
    var identity: String {
        "\(serviceAccount).\(namespace).serviceaccount.identity.linkerd.cluster.local"
    }
}

/// Traffic from one client to one Service.
package struct TrafficSource: Sendable, Hashable {
    /// Name of the pod that sends; a pod that isn't simulated leaves no outbound trace.
    package var clientPod: String
    /// Its identity in `client_id` where the pod isn't simulated.
    package var clientIdentity: String
    /// The Service that is called.
    package var service: String
    /// Its namespace.
    package var namespace: String
    /// Its port.
    package var port: Int
    /// Its cluster IP.
    package var clusterIP: String
    /// Whether an HTTPRoute of the Service's name is in force.
    package var hasRoute: Bool
    /// Requests per second on average.
    package var rate: Double
    /// Where they go.
    package var backends: [Backend]

    /// One backend.
    package struct Backend: Sendable, Hashable {
        /// The leaf Service.
        package var service: String
        /// The workload behind it.
        package var workload: String
        /// Its weight; only the ratio counts.
        package var weight: Int

        /// A backend.
        package init(service: String, workload: String, weight: Int) {
            self.service = service
            self.workload = workload
            self.weight = weight
        }
    }

    /// Traffic from `client` to `service`.
    package init(
        from client: SimulatedPod, to service: String, rate: Double, hasRoute: Bool = true, backends: [Backend],
        clusterIP: String = "10.43.181.20"
    ) {
        clientPod = client.name
        clientIdentity = client.identity
        self.service = service
        namespace = client.namespace
        port = client.port
        self.clusterIP = clusterIP
        self.hasRoute = hasRoute
        self.rate = rate
        self.backends = backends
    }
}
