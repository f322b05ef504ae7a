package import Model

/// A `flagger.app/v1beta1` Canary: the parts that decide something. What a user leaves out has its default here.
package struct Canary: Sendable, Hashable {
    /// Name and namespace of the Canary itself.
    package var reference: ObjectReference
    /// `metadata.annotations`.
    package var annotations: [String: String] = [:]
    /// `spec.provider`: the mesh or ingress, `nil` for the controller's own.
    package var provider: String?
    /// `spec.metricsServer`
    package var metricsServer: String?
    /// The workload under control.
    package var target: WorkloadReference
    /// The scaler of the workload.
    package var autoscaler: WorkloadReference?
    /// `spec.ingressRef.name`
    package var ingressName: String?
    /// `spec.routeRef.name`
    package var routeName: String?
    /// `spec.service`
    package var service: CanaryService
    /// `spec.analysis`; `nil` means no analysis.
    package var analysis: CanaryAnalysis?
    /// Time in which the canary must become available, in seconds.
    package var progressDeadlineSeconds: Int = 600
    /// Promote without looking.
    package var skipAnalysis = false
    /// Give the target its pods back when the Canary is deleted.
    package var revertOnDeletion = false
    /// Freeze everything.
    package var suspend = false

    /// A Canary with defaults for all that is optional.
    package init(
        reference: ObjectReference, target: WorkloadReference, service: CanaryService, analysis: CanaryAnalysis?
    ) {
        self.reference = reference
        self.target = target
        self.service = service
        self.analysis = analysis
    }
}

/// A reference to a workload or scaler in the Canary's namespace.
package struct WorkloadReference: Sendable, Hashable {
    /// For example `apps/v1`.
    package var apiVersion: String
    /// `Deployment`, `DaemonSet`, `Service`, `HorizontalPodAutoscaler`, ...
    package var kind: String
    /// The name.
    package var name: String

    /// A reference.
    package init(apiVersion: String, kind: String, name: String) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.name = name
    }
}

/// `spec.service`: the parts that routers need. The other keys are in the node that ``Located`` keeps.
package struct CanaryService: Sendable, Hashable {
    /// The apex Service's name, `nil` for the target's.
    package var name: String?
    /// The Service port.
    package var port: Int
    /// The container port, a number or a name; `nil` for `port`.
    package var targetPort: String?
    /// `gatewayRefs`
    package var gatewayRefs: [GatewayReference] = []
    /// `hosts`
    package var hosts: [String] = []

    /// A service on a port.
    package init(port: Int) { self.port = port }
}

/// A parentRef of the route that is made.
package struct GatewayReference: Sendable, Hashable {
    /// API group, `nil` for Gateway API's own.
    package var group: String?
    /// Kind, `nil` for `Gateway`.
    package var kind: String?
    /// Namespace, `nil` for the Canary's.
    package var namespace: String?
    /// The name.
    package var name: String
    /// Listener or section.
    package var sectionName: String?
    /// Port.
    package var port: Int?

    /// A parent.
    package init(name: String) { self.name = name }
}

/// `spec.analysis`
package struct CanaryAnalysis: Sendable, Hashable {
    /// Time between two reconciliations; at least 10 s, 60 s when left out.
    package var interval: Milliseconds = 60_000
    /// Failed checks before rollback, at least 1.
    package var threshold: Int = 1
    /// Check count of A/B and blue/green; 0 for weighted canaries.
    package var iterations: Int = 0
    /// Weight at which promotion begins; 100 when left out.
    package var maxWeight: Int = 100
    /// Linear step; 0 when left out.
    package var stepWeight: Int = 0
    /// Explicit ladder; ignored when `stepWeight` > 0.
    package var stepWeights: [Int] = []
    /// Step back to the primary during promotion; 0 for all at once.
    package var stepWeightPromotion: Int = 0
    /// Mirror traffic first.
    package var mirror = false
    /// Percent of the requests that are mirrored; 100 when left out.
    package var mirrorWeight: Int = 100
    /// How clients stay with the backend that answered them first; `nil` when they needn't.
    package var sessionAffinity: SessionAffinity?
    /// Percent of the primary's updated replicas that must be available.
    package var primaryReadyThreshold: Int = 100
    /// Percent of the canary's updated replicas that must be available.
    package var canaryReadyThreshold: Int = 100
    /// Conditions of an A/B test; a request that meets any of them goes to the canary. With `iterations` > 0 a list that is
    /// not empty selects A/B testing.
    package var match: [MatchCondition] = []
    /// The checks, in order.
    package var metrics: [CanaryMetric] = []
    /// The hooks, in order.
    package var webhooks: [CanaryWebhook] = []
    /// Alerts: which provider gets messages of which severity, in order.
    package var alerts: [CanaryAlert] = []

    /// An analysis with all defaults.
    package init() {}
}

/// One entry of `spec.analysis.metrics`.
package struct CanaryMetric: Sendable, Hashable {
    /// `request-success-rate` and `request-duration` are builtins.
    package var name: String
    /// The window as written, `nil` when left out.
    package var interval: String?
    /// The deprecated single threshold.
    package var threshold: Double?
    /// Accepted range, both ends inclusive.
    package var range: ThresholdRange?
    /// The deprecated inline query, a template too.
    package var query: String?
    /// Reference to a MetricTemplate.
    package var template: ObjectReference?
    /// Values of `{{ variables.KEY }}`.
    package var variables: [String: String] = [:]

    /// A metric.
    package init(name: String) { self.name = name }
}

/// `thresholdRange`: both ends inclusive, either may be missing.
package struct ThresholdRange: Sendable, Hashable {
    /// Lowest accepted value.
    package var min: Double?
    /// Highest accepted value.
    package var max: Double?

    /// A range.
    package init(min: Double? = nil, max: Double? = nil) {
        self.min = min
        self.max = max
    }
}

/// One entry of `spec.analysis.webhooks`.
package struct CanaryWebhook: Sendable, Hashable {
    /// When a hook is called.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case confirmRollout = "confirm-rollout"
        case preRollout = "pre-rollout"
        case rollout
        case confirmTrafficIncrease = "confirm-traffic-increase"
        case confirmPromotion = "confirm-promotion"
        case postRollout = "post-rollout"
        case rollback
        case event
    }

    /// When it is called; `rollout` when left out.
    package var kind: Kind = .rollout
    /// The name that events show.
    package var name: String
    /// Where it is posted to.
    package var url: String
    /// Time allowed, 10 s when left out.
    package var timeout: Milliseconds = 10_000
    /// Retries after a failure.
    package var retries: Int = 0
    /// Sent along.
    package var metadata: [String: String] = [:]
    /// Do not check the certificate of the URL's host.
    package var skipsCertificateCheck = false
    /// Send no alert while a confirm hook withholds its approval.
    package var mutesAlert = false

    /// A hook.
    package init(name: String, url: String) {
        self.name = name
        self.url = url
    }
}

/// One entry of `spec.analysis.alerts`.
package struct CanaryAlert: Sendable, Hashable {
    /// The severity of an alert.
    package enum Severity: String, Sendable, Hashable, CaseIterable {
        case info
        case warn
        case error
    }

    /// The name.
    package var name: String
    /// The least severity that is sent; `nil`, as with Flagger, sends nothing.
    package var severity: Severity?
    /// The AlertProvider.
    package var provider: ObjectReference

    /// An alert.
    package init(name: String, severity: Severity?, provider: ObjectReference) {
        self.name = name
        self.severity = severity
        self.provider = provider
    }
}
