package import Model

/// One `--workload` of `haldane proxies`: `name=podinfo-primary,rps=50,error=0.1%,p99=80ms`.
///
/// Only the name must be given. More keys: `namespace` (test), `pods` (1), `clients` (1, clients of different
/// identities), `notfound` (0.7%), `port` (9898).
package struct WorkloadOption: Sendable, Hashable {
    /// The Deployment's name.
    package var name: String
    /// Its namespace.
    package var namespace = "test"
    /// Requests per second of all clients together.
    package var rate: Double = 10
    /// How it answers.
    package var profile = WorkloadProfile()
    /// How many pods it has, 1...500.
    package var pods = 1
    /// How many clients call it, 1...100.
    package var clients = 1
    /// Port of the application.
    package var port = 9_898

    /// A workload with everything else as it is when left out.
    package init(name: String) { self.name = name }

    /// Parses the option's text. The error names the part that is wrong and what was wanted.
    package init(parsing text: String) throws(MalformedInput) {
        self.init(name: "")
        var seen: Set<Substring> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let equals = part.firstIndex(of: "=") else {
                throw MalformedInput("workload \"\(text)\": \"\(part)\" is not of the form key=value")
            }
            let key = part[..<equals]
            guard seen.insert(key).inserted else {
                throw MalformedInput("workload \"\(text)\": \(key) is given twice")
            }
            try read(key, part[part.index(after: equals)...], of: text)
        }
        guard !name.isEmpty else {
            throw MalformedInput("workload \"\(text)\": wanted a name, such as name=podinfo-primary,rps=50")
        }
    }

    private mutating func read(_ key: Substring, _ value: Substring, of text: String) throws(MalformedInput) {
        switch key {
        case "name": name = try WorkloadOption.name(value, of: key)
        case "namespace": namespace = try WorkloadOption.name(value, of: key)
        case "rps": rate = try QuantityText.number(value, of: "rps", in: 0...100_000)
        case "error": profile.errorRate = try QuantityText.share(value, of: "error")
        case "notfound": profile.notFoundRate = try QuantityText.share(value, of: "notfound")
        case "p99": profile.p99 = try QuantityText.milliseconds(value, of: "p99")
        case "pods": pods = Int(try QuantityText.number(value, of: "pods", in: 1...500))
        case "clients": clients = Int(try QuantityText.number(value, of: "clients", in: 1...100))
        case "port": port = Int(try QuantityText.number(value, of: "port", in: 1...65_535))
        default:
            throw MalformedInput(
                "workload \"\(text)\": unknown key \(key); wanted name, namespace, rps, error, notfound, p99, pods, "
                    + "clients or port")
        }
    }

    /// Names are those of Kubernetes objects; they go into labels as they are.
    private static func name(_ text: Substring, of key: Substring) throws(MalformedInput) -> String {
        let allowed = text.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x2E
        }
        guard !text.isEmpty, text.utf8.count <= 253, allowed else {
            throw MalformedInput("\(key)=\(text): wanted a Kubernetes name of a-z, 0-9, - and .")
        }
        return String(text)
    }
}

extension ProxyFleet {
    /// A fleet of workloads that are called by a client deployment `load`, without any rollout.
    package convenience init(workloads: [WorkloadOption], seed: UInt64, start: Timestamp) {
        self.init(seed: seed, start: start)
        change { model in
            var address = 10
            func pod(_ name: String, _ option: WorkloadOption, _ index: Int, account: String) -> SimulatedPod {
                address += 1
                let hash = TemplateModel(image: name).podHash
                return SimulatedPod(
                    name: "\(name)-\(hash)-\(String.podSuffix(name, index))", workload: name,
                    namespace: option.namespace, ip: "10.42.\(address / 250).\(address % 250 + 1)",
                    templateHash: hash, serviceAccount: account, port: option.port, startedAt: start, readyAt: start)
            }
            for option in workloads {
                model.setProfile(option.profile, of: option.name)
                let pods = (0..<option.pods).map { pod(option.name, option, $0, account: "default") }
                model.setPods(pods, of: option.name)
            }
            let clients = workloads.map(\.clients).max() ?? 0
            guard let first = workloads.first else { return }
            let loaders = (0..<clients).map { index in
                pod("load", first, index, account: index == 0 ? "default" : "load-\(index)")
            }
            model.setPods(loaders, of: "load")
            for option in workloads {
                for client in loaders.prefix(option.clients) {
                    let backend = TrafficSource.Backend(service: option.name, workload: option.name, weight: 1)
                    model.add(
                        TrafficSource(
                            from: client, to: option.name, rate: option.rate / Double(option.clients), hasRoute: false,
                            backends: [backend]))
                }
            }
        }
    }
}
