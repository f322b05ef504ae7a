package import Documents

/// Reads a Canary as users write it and as the Kubernetes API gives it, with Flagger's defaults and checks.
///
/// An error means that the API server or Flagger would refuse the object or drop a part of it, such as a misspelt key; a
/// warning that something is ignored or is probably not meant. Where a complete rollout needs more than a verdict does
/// (the strategy, the Service), its absence is a warning, so that checks can be tried out with less.
package struct CanaryDecoder {
    /// The namespace of objects that name none.
    package static let defaultNamespace = "default"

    private static let providers = [
        "apisix", "appmesh", "appmesh:v1beta2", "contour", "gatewayapi:v1", "gatewayapi:v1beta1", "gloo", "istio",
        "knative", "kubernetes", "kuma", "linkerd", "nginx", "osm", "skipper", "smi:v1alpha1", "smi:v1alpha2",
        "smi:v1alpha3", "traefik",
    ]
    private static let targetKinds = ["DaemonSet", "Deployment", "Service"]

    let collector: FindingCollector
    private let defaultNamespace: String

    /// Decodes one object. The Canary is `nil` when something in it is wrong; `findings` then say what.
    package static func decode(
        _ node: Node, file: String? = nil, defaultNamespace: String = defaultNamespace
    ) -> (canary: Canary?, findings: [Finding]) {
        let (value, findings) = FindingCollector.decode("Canary", file: file) { collector in
            CanaryDecoder(collector: collector, defaultNamespace: defaultNamespace).canary(node)
        }
        return (value, findings)
    }

    private func canary(_ node: Node) -> Canary? {
        guard var root = collector.attempt({ () throws(YAMLError) in try ObjectReader(node) }),
            let header = collector.attempt({ () throws(YAMLError) in
                try ObjectHeader(&root, defaultNamespace: defaultNamespace, collector: collector)
            })
        else { return nil }
        collector.object = "Canary \(header.reference)"
        guard var spec = collector.attempt({ () throws(YAMLError) in try root.requiredObject("spec") }) else {
            return nil
        }
        collector.refuseUnknown(root)
        let target = collector.attempt { () throws(YAMLError) in
            try spec.requiredObject("targetRef").workloadReference(kinds: Self.targetKinds, collector: collector)
        }
        let service = self.service(&spec)
        let analysis = self.analysis(&spec, namespace: header.reference.namespace)
        var canary = Canary(
            reference: header.reference, target: target ?? WorkloadReference(apiVersion: "", kind: "", name: ""),
            service: service, analysis: analysis)
        canary.annotations = header.annotations
        references(&spec, into: &canary)
        switches(&spec, into: &canary)
        collector.refuseUnknown(spec)
        return canary
    }

    private func references(_ spec: inout ObjectReader, into canary: inout Canary) {
        canary.provider = collector.optional { () throws(YAMLError) in try spec.choice("provider", Self.providers) }
        canary.metricsServer = collector.optional { () throws(YAMLError) in try spec.string("metricsServer") }
        canary.autoscaler = collector.optional { () throws(YAMLError) in
            guard var scaler = try spec.object("autoscalerRef") else { return nil }
            if let node = scaler.node("primaryScalerReplicas") {
                KeySchema.scalerReplicas.check(node, at: scaler.path.key("primaryScalerReplicas"), collector)
            }
            return try scaler.workloadReference(
                kinds: ["HorizontalPodAutoscaler", "ScaledObject"],
                known: ["primaryScalerQueries", "primaryScalerReplicas"], collector: collector)
        }
        canary.ingressName = collector.optional { () throws(YAMLError) in
            try spec.object("ingressRef")?.workloadReference(kinds: ["Ingress"], collector: collector).name
        }
        canary.routeName = collector.optional { () throws(YAMLError) in
            try spec.object("routeRef")?.workloadReference(kinds: ["ApisixRoute"], collector: collector).name
        }
        if let node = spec.node("upstreamRef") {
            KeySchema.upstream.check(node, at: spec.path.key("upstreamRef"), collector)
        }
        if spec.node("canaryAnalysis") != nil {
            collector.add(spec.invalid("canaryAnalysis", "is no part of v1beta1: write analysis"))
        }
    }

    private func switches(_ spec: inout ObjectReader, into canary: inout Canary) {
        let deadline = collector.optional { () throws(YAMLError) in try spec.int("progressDeadlineSeconds") }
        canary.progressDeadlineSeconds = deadline ?? canary.progressDeadlineSeconds
        canary.skipAnalysis = flag("skipAnalysis", in: &spec)
        canary.revertOnDeletion = flag("revertOnDeletion", in: &spec)
        canary.suspend = flag("suspend", in: &spec)
    }

    /// A boolean that is false when left out.
    func flag(_ key: String, in reader: inout ObjectReader) -> Bool {
        collector.optional { () throws(YAMLError) in try reader.bool(key) } ?? false
    }

    /// A number that has a default.
    func number(_ key: String, in reader: inout ObjectReader, default fallback: Int) -> Int {
        collector.optional { () throws(YAMLError) in try reader.int(key) } ?? fallback
    }
}
