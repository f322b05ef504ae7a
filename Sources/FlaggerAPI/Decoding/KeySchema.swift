import Documents

/// The keys that Flagger's schema allows below a value that no decoder reads, so that a misspelt one is found there too.
indirect enum KeySchema: Sendable {
    /// A value without keys, or one whose keys are free.
    case any
    /// A mapping with these keys and no others.
    case object([String: KeySchema])
    /// A list of such values.
    case list(KeySchema)
    /// A mapping whose keys are free, with such values.
    case map(KeySchema)

    /// A mapping with these keys, whose values are not looked into.
    static func keys(_ keys: String...) -> KeySchema {
        .object(Dictionary(uniqueKeysWithValues: keys.map { ($0, .any) }))
    }

    /// Reports every key below `node` that the schema doesn't have, and every value that is no mapping or list where one
    /// is wanted. Null counts as absent.
    func check(_ node: Node, at path: NodePath, _ collector: FindingCollector) {
        if node.isNull { return }
        switch self {
        case .any: return
        case .object(let keys):
            guard var reader = collector.attempt({ () throws(YAMLError) in try ObjectReader(node, path: path) }) else {
                return
            }
            for (key, schema) in keys.sorted(by: { $0.key < $1.key }) {
                if let value = reader.node(key) { schema.check(value, at: path.key(key), collector) }
            }
            collector.refuseUnknown(reader)
        case .list(let schema):
            let elements = collector.attempt { () throws(YAMLError) in try node.elements(at: path) } ?? []
            for (index, element) in elements.enumerated() { schema.check(element, at: path.index(index), collector) }
        case .map(let schema):
            let entries = collector.attempt { () throws(YAMLError) in try node.entries(at: path) } ?? []
            for entry in entries { schema.check(entry.value, at: path.key(entry.key), collector) }
        }
    }
}

/// Where keys belong that are often written at another level.
extension KeySchema {
    /// The mapping in which a key of a Canary stands, for keys that stand in one only.
    static let homes: [String: String] = {
        let keys = [
            "metadata": ["annotations"],
            "spec": [
                "targetRef", "autoscalerRef", "ingressRef", "routeRef", "progressDeadlineSeconds", "service",
                "analysis",
                "skipAnalysis", "revertOnDeletion", "suspend", "metricsServer",
            ],
            "spec.service": ["portName", "targetPort", "portDiscovery", "gatewayRefs", "hosts"],
            "spec.analysis": [
                "iterations", "maxWeight", "stepWeight", "stepWeights", "stepWeightPromotion", "mirrorWeight",
                "primaryReadyThreshold", "canaryReadyThreshold", "metrics", "webhooks", "alerts", "sessionAffinity",
            ],
            "spec.analysis.metrics[]": ["thresholdRange", "templateRef", "templateVariables"],
            "spec.analysis.metrics[].thresholdRange": ["min", "max"],
        ]
        return keys.reduce(into: [:]) { homes, entry in
            for key in entry.value { homes[key] = entry.key }
        }
    }()
}

/// The parts of a Canary that only routers read.
extension KeySchema {
    private static let text = keys("exact", "prefix", "regex")
    private static let metadata = keys("labels", "annotations")
    private static let headerChanges = keys("add", "remove", "set")
    private static let passage = keys("from", "to")

    /// The keys of `spec.service` that decide nothing here, each with what it may hold.
    static let service: [String: KeySchema] = [
        "portName": .any, "appProtocol": .any, "trafficDistribution": .any, "portDiscovery": .any, "headless": .any,
        "timeout": .any, "backendTimeout": .any, "gateways": .any, "delegation": .any, "meshName": .any,
        "backends": .any, "trafficPolicy": trafficPolicy, "retries": keys("attempts", "perTryTimeout", "retryOn"),
        "match": .list(.object(match)), "rewrite": keys("uri", "authority", "type"),
        "headers": .object(["request": headerChanges, "response": headerChanges]),
        "mirror": .list(.object(["backendRef": keys("group", "kind", "name", "namespace", "port")])),
        "corsPolicy": .object(corsPolicy), "apex": metadata, "primary": metadata, "canary": metadata,
        "unmanagedMetadata": metadata,
    ]

    private static let match: [String: KeySchema] = [
        "authority": text, "gateways": .any, "headers": .map(text), "ignoreUriCase": .any, "method": text,
        "name": .any, "port": .any, "queryParams": .map(text), "scheme": text, "sourceLabels": .any,
        "sourceNamespace": .any, "uri": text, "withoutHeaders": .map(text),
    ]

    private static let corsPolicy: [String: KeySchema] = [
        "allowCredentials": .any, "allowHeaders": .any, "allowMethods": .any, "allowOrigin": .any,
        "allowOrigins": .list(text), "exposeHeaders": .any, "maxAge": .any,
    ]

    private static let trafficPolicy = KeySchema.object([
        "connectionPool": .object([
            "http": keys(
                "h2UpgradePolicy", "http1MaxPendingRequests", "http2MaxRequests", "idleTimeout",
                "maxRequestsPerConnection", "maxRetries")
        ]),
        "loadBalancer": .object([
            "consistentHash": .object([
                "httpCookie": keys("name", "path", "ttl"), "httpHeaderName": .any, "httpQueryParameterName": .any,
                "minimumRingSize": .any, "useSourceIp": .any,
            ]),
            "localityLbSetting": .object([
                "distribute": .list(passage), "enabled": .any, "failover": .list(passage),
            ]),
            "simple": .any, "warmupDurationSecs": .any,
        ]),
        "outlierDetection": keys(
            "baseEjectionTime", "consecutive5xxErrors", "consecutiveErrors", "consecutiveGatewayErrors",
            "consecutiveLocalOriginFailures", "interval", "maxEjectionPercent", "minHealthPercent",
            "splitExternalLocalOriginErrors"),
        "tls": keys("caCertificates", "clientCertificate", "mode", "privateKey", "sni", "subjectAltNames"),
    ])

    /// `spec.upstreamRef`
    static let upstream = keys("apiVersion", "kind", "name", "namespace")
    /// `spec.autoscalerRef.primaryScalerReplicas`
    static let scalerReplicas = keys("minReplicas", "maxReplicas")
}
