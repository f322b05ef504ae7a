/// One thing the shell does to the cluster or says to people. Every action can be performed twice without harm; the
/// shell performs them in order and writes the status last.
package enum Action: Sendable, Hashable {
    /// Make the Service or put it back in shape.
    case applyService(ServiceRole)
    /// Make the primary workload and its configurations from the target's present template.
    case createPrimary
    /// Set the target's replicas. A DaemonSet has no number of them: 0 keeps it off all nodes by a node selector that nothing
    /// has, any other takes the selector away.
    case scaleTarget(to: Int)
    /// Make the primary's scaler if it is missing; `update` also brings it up to date.
    case applyScaler(update: Bool)
    /// Keep the target's scaler from waking the target.
    case pauseScaler
    /// Let the target's scaler work again.
    case resumeScaler
    /// Make the route or put it back in shape, with all traffic on the primary.
    case applyRoute
    /// Write this intent into the route.
    case route(TrafficIntent)
    /// Copy the target's template and configurations to the primary.
    case promote(Promotion)
    /// Record a Kubernetes Event on the Canary, and call the event hooks.
    case event(RolloutEvent)
    /// Send an alert to the alert providers.
    case alert(RolloutAlert)
    /// Store the status. The last action of a plan that changes anything lasting.
    case writeStatus(CanaryStatus)
}

/// The promotion of the target's template to the primary; `identity` makes a repetition harmless.
package struct Promotion: Sendable, Hashable {
    /// The target must still have this hash; anything newer was not analysed.
    package var templateHash: String
    /// The primary's replicas from now on; `nil` leaves them, as when a scaler sets them or the target is at zero.
    package var replicas: Int?
    /// Equal for the same decision, different for the next one. A primary that already carries it is left alone; the
    /// others get new pods, also when template and configurations are the same as before.
    package var identity: String

    /// A promotion.
    package init(templateHash: String, replicas: Int?, identity: String) {
        self.templateHash = templateHash
        self.replicas = replicas
        self.identity = identity
    }
}

/// A Kubernetes Event on the Canary.
package struct RolloutEvent: Sendable, Hashable {
    /// The two types Kubernetes knows.
    package enum Kind: String, Sendable, Hashable {
        case normal = "Normal"
        case warning = "Warning"
    }

    /// Normal or Warning.
    package var kind: Kind
    /// One of the texts of ``EventText``, or the raw text of an error.
    package var text: String
    /// The phase in the payload of event hooks.
    package var phase: CanaryPhase
    /// The revision in the payload of event hooks.
    package var revision: RevisionKey

    /// An event.
    package init(_ kind: Kind, _ text: String, phase: CanaryPhase, revision: RevisionKey) {
        self.kind = kind
        self.text = text
        self.phase = phase
        self.revision = revision
    }
}

/// A message for the alert providers.
package struct RolloutAlert: Sendable, Hashable {
    /// How bad it is; providers have a lower bound.
    package enum Severity: Int, Sendable, Hashable, Comparable {
        case info
        case warn
        case error

        /// By how bad they are.
        package static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }
    }

    /// How bad it is.
    package var severity: Severity
    /// The message.
    package var text: String
    /// Whether target, threshold, deadline and routing go along.
    package var detailed: Bool

    /// An alert.
    package init(_ severity: Severity, _ text: String, detailed: Bool = false) {
        self.severity = severity
        self.text = text
        self.detailed = detailed
    }
}
