import Console

/// A kind of Kubernetes object by which proxies' metrics can be summed up, with the names that kubectl knows it by.
enum StatKind: String, CaseIterable {
    case namespace, cronjob, daemonset, deployment, job, pod, replicaset, replicationcontroller, statefulset, service
    case authority

    /// The short name, which prefixes names in mixed tables.
    var short: String {
        switch self {
        case .namespace: "ns"
        case .cronjob: "cj"
        case .daemonset: "ds"
        case .deployment: "deploy"
        case .job: "job"
        case .pod: "po"
        case .replicaset: "rs"
        case .replicationcontroller: "rc"
        case .statefulset: "sts"
        case .service: "svc"
        case .authority: "au"
        }
    }

    /// The name as Kubernetes writes it.
    var display: String {
        switch self {
        case .namespace: "Namespace"
        case .cronjob: "CronJob"
        case .daemonset: "DaemonSet"
        case .deployment: "Deployment"
        case .job: "Job"
        case .pod: "Pod"
        case .replicaset: "ReplicaSet"
        case .replicationcontroller: "ReplicationController"
        case .statefulset: "StatefulSet"
        case .service: "Service"
        case .authority: "authority"
        }
    }

    /// The label of a proxy's own metrics that names such an object. `job` is Prometheus's own label, so Linkerd's
    /// scrape configuration calls the Kubernetes one `k8s_job`.
    var label: String {
        switch self {
        case .job: "k8s_job"
        case .service: "dst_service"
        default: rawValue
        }
    }

    /// The label of outbound metrics that names such an object on the other side.
    var destinationLabel: String {
        switch self {
        case .authority: "authority"
        case .service: "dst_service"
        default: "dst_\(label)"
        }
    }

    /// The kind of a name such as `deploy`, `deployments` or `po`.
    init(parsing text: String) throws {
        let name = text.lowercased()
        let known = Self.allCases.first { kind in
            let plural = kind == .authority ? "authorities" : kind.rawValue + "s"
            return [kind.rawValue, kind.short, plural].contains(name)
        }
        guard let known else {
            if ["ts", "trafficsplit", "trafficsplits"].contains(name) {
                throw CommandError.badInput(
                    "\(text): TrafficSplits left Linkerd with version 2.12, and `viz stat ts` with them; "
                        + "`haldane stat deploy --from deploy/CLIENT` shows how traffic is split")
            }
            let names = Self.allCases.map { "\($0.short) (\($0.rawValue))" }.joined(separator: ", ")
            throw CommandError.badInput("unknown resource type \"\(text)\"; known are \(names)")
        }
        self = known
    }
}

/// Objects of one kind in a namespace, or one of them: `deploy`, `deploy/podinfo`.
struct StatResource: Equatable {
    var kind: StatKind
    /// `nil` for all of the kind.
    var name: String?
    /// `nil` for all namespaces.
    var namespace: String?

    /// One argument of the form `TYPE` or `TYPE/NAME`.
    init(parsing text: String, namespace: String?) throws {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 2, let first = parts.first, !first.isEmpty else {
            throw CommandError.badInput("\"\(text)\": wanted TYPE or TYPE/NAME, such as deploy/podinfo")
        }
        self.init(try StatKind(parsing: first), parts.count == 2 && !parts[1].isEmpty ? parts[1] : nil, namespace)
    }

    /// A resource of its parts. Namespaces and services by name are told by their name alone.
    init(_ kind: StatKind, _ name: String?, _ namespace: String?) {
        self.kind = kind
        self.name = name
        self.namespace = kind == .namespace ? nil : namespace
    }

    /// The arguments of a command: `TYPE`, `TYPE NAME...` or `TYPE/NAME...`.
    static func list(_ arguments: [String], namespace: String?) throws -> [StatResource] {
        if arguments.count > 1, !arguments.contains(where: { $0.contains("/") }) {
            let kind = try StatKind(parsing: arguments[0])
            return arguments.dropFirst().map { StatResource(kind, $0, namespace) }
        }
        return try arguments.map { try StatResource(parsing: $0, namespace: namespace) }
    }
}
