import Documents
import FlaggerAPI

/// Holds the ports of Canaries, Services, HTTPRoutes and workloads of the same files against each other: traffic for a port
/// that the other side does not have goes nowhere.
///
/// Only what is in the files is looked at, and only where both sides name the same object: nothing is said of a Service that
/// is elsewhere.
struct PortLint {
    private let objects: ObjectFile
    private let services: [ObjectReference: ClusterNeighbour]

    /// The findings, Canaries first, then routes.
    static func findings(_ objects: ObjectFile) -> [Finding] {
        let lint = PortLint(objects)
        return objects.canaries.flatMap(lint.canary)
            + objects.neighbours.filter { $0.kind == .route }.flatMap(lint.route)
    }

    private init(_ objects: ObjectFile) {
        self.objects = objects
        services = Dictionary(
            objects.neighbours.filter { $0.kind == .service }.map { ($0.reference, $0) }, uniquingKeysWith: { $1 })
    }

    private func canary(_ located: Located<Canary>) -> [Finding] {
        let canary = located.value
        let service = canary.service
        guard service.port > 0 else { return [] }
        let apex = ObjectReference(
            name: service.name ?? canary.target.name, namespace: canary.reference.namespace)
        let path = NodePath("spec.service")
        var out: [Finding] = []
        func warn(_ path: NodePath, _ message: String) {
            out.append(
                Finding(
                    .warning, "\(path): \(message)", object: "Canary \(canary.reference)", path: path,
                    file: located.source.file, location: located.source.location(of: path)))
        }
        for (index, parent) in service.gatewayRefs.enumerated() {
            guard parent.kind == "Service", parent.name == apex.name,
                parent.namespace ?? apex.namespace == apex.namespace,
                let port = parent.port, port != service.port
            else { continue }
            warn(
                path.key("gatewayRefs").index(index).key("port"),
                "the route's parent is port \(port) of Service \(parent.name), and the Canary makes that Service with port "
                    + "\(service.port): no request takes this route; write \(service.port)")
        }
        if let neighbour = services[apex] {
            let ports = Self.ports(neighbour)
            if let found = ports.first(where: { $0.number == service.port }) {
                let wanted = service.targetPort ?? String(service.port)
                let target = found.target ?? String(found.number)
                if wanted != target, (Int(wanted) == nil) == (Int(target) == nil) {
                    warn(
                        path.key(service.targetPort == nil ? "port" : "targetPort"),
                        "Service \(apex.name) sends port \(service.port) to \(target) of the pods, and the Canary will send it to "
                            + "\(wanted): write targetPort: \(target)")
                }
            } else if !ports.isEmpty {
                warn(
                    path.key("port"),
                    "Service \(apex.name) has no port \(service.port), only \(Self.list(ports.map(\.number))): the Canary "
                        + "replaces its ports, and clients of the old one are refused")
            }
        }
        if let message = workload(canary) { warn(path.key("targetPort"), message) }
        return out
    }

    /// A named target port that no container of the workload has.
    private func workload(_ canary: Canary) -> String? {
        guard let name = canary.service.targetPort, Int(name) == nil,
            let workload = objects.neighbours.last(where: { neighbour in
                neighbour.kind.rawValue == canary.target.kind && neighbour.reference.name == canary.target.name
                    && neighbour.reference.namespace == canary.reference.namespace
            })
        else { return nil }
        let containers = Self.elements(workload.source.node["spec"]?["template"]?["spec"]?["containers"])
        let names = containers.flatMap { Self.elements($0["ports"]) }.compactMap { try? $0["name"]?.string() }
        guard !containers.isEmpty, !names.contains(name) else { return nil }
        let known = names.isEmpty ? "none has a name" : "there are \(names.joined(separator: ", "))"
        return "no container of \(canary.target.kind) \(canary.target.name) has a port named \(name): \(known)"
    }

    private func route(_ route: ClusterNeighbour) -> [Finding] {
        let spec = NodePath("spec")
        var out = references(route.source.node["spec"]?["parentRefs"], at: spec.key("parentRefs"), of: route)
        for (index, rule) in Self.elements(route.source.node["spec"]?["rules"]).enumerated() {
            out += references(
                rule["backendRefs"], at: spec.key("rules").index(index).key("backendRefs"), of: route)
        }
        return out
    }

    /// The references of a list to Services whose port is not one of theirs.
    private func references(_ list: Node?, at path: NodePath, of route: ClusterNeighbour) -> [Finding] {
        Self.elements(list).enumerated().compactMap { index, node in
            // A backend is a Service unless it says otherwise, a parent is a Gateway.
            let isBackend = path.text.hasSuffix("backendRefs")
            let kind = (try? node["kind"]?.string()) ?? (isBackend ? "Service" : "Gateway")
            guard kind == "Service", let name = try? node["name"]?.string(), let port = try? node["port"]?.int() else {
                return nil
            }
            let namespace = (try? node["namespace"]?.string()) ?? route.reference.namespace
            let known = ports(of: ObjectReference(name: name, namespace: namespace))
            guard !known.isEmpty, !known.contains(port) else { return nil }
            let path = path.index(index).key("port")
            return Finding(
                .warning,
                "\(path): Service \(name) has no port \(port), only \(Self.list(known)): no request goes this way",
                object: "HTTPRoute \(route.reference)", path: path, file: route.source.file,
                location: route.source.location(of: path))
        }
    }

    /// The ports of a Service of the files, or of one that a Canary of the files makes; none where it is in neither.
    private func ports(of reference: ObjectReference) -> [Int] {
        if let service = services[reference] { return Self.ports(service).map(\.number) }
        for located in objects.canaries where located.value.reference.namespace == reference.namespace {
            let apex = located.value.service.name ?? located.value.target.name
            let names = [apex, "\(apex)-primary", "\(apex)-canary"]
            if names.contains(reference.name), located.value.service.port > 0 { return [located.value.service.port] }
        }
        return []
    }

    private static func ports(_ service: ClusterNeighbour) -> [(number: Int, target: String?)] {
        elements(service.source.node["spec"]?["ports"]).compactMap { port in
            guard let number = try? port["port"]?.int() else { return nil }
            return (number, try? port["targetPort"]?.anyText())
        }
    }

    private static func elements(_ node: Node?) -> [Node] { (try? node?.elements()) ?? [] }

    private static func list(_ ports: [Int]) -> String { ports.map(String.init).joined(separator: ", ") }
}
