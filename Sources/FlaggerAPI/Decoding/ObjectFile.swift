package import Documents

/// The objects of one or more files that an analysis needs, and what is wrong with them.
package struct ObjectFile: Sendable {
    /// The Canaries, in order.
    package private(set) var canaries: [Located<Canary>] = []
    /// The MetricTemplates, in order.
    package private(set) var templates: [Located<MetricTemplate>] = []
    /// The AlertProviders, in order.
    package private(set) var providers: [Located<AlertProvider>] = []
    /// Services, HTTPRoutes and workloads, in order: no analysis needs them, but what they say must fit the Canaries.
    package private(set) var neighbours: [ClusterNeighbour] = []
    /// Errors, warnings, and a note for each object of another kind.
    package private(set) var findings: [Finding] = []

    private static let group = "flagger.app/v1beta1"
    private static let kinds = ["Canary", "MetricTemplate", "AlertProvider"]
    private let defaultNamespace: String

    /// Nothing yet. Objects that name no namespace are taken to be in `defaultNamespace`.
    package init(defaultNamespace: String = CanaryDecoder.defaultNamespace) {
        self.defaultNamespace = defaultNamespace
    }

    /// Adds all documents of a YAML or JSON text. `file` is the name that findings show.
    package mutating func add(text: String, file: String? = nil) {
        do {
            for document in try DocumentReader.documents(text) where !document.isNull { add(document, file: file) }
            findings += CommentReader.misread(text, file: file)
        } catch {
            findings.append(Finding(error, file: file))
        }
    }

    /// Adds one object, or all objects of a Kubernetes list.
    package mutating func add(_ node: Node, file: String? = nil) {
        if let message = Self.otherUse(of: node) {
            findings.append(Finding(.note, message, file: file, location: node.location))
            return
        }
        do {
            var reader = try ObjectReader(node)
            let apiVersion = try reader.requiredString("apiVersion")
            let kind = try reader.requiredString("kind")
            if kind.hasSuffix("List"), let items = reader.node("items") {
                for item in try items.elements(at: NodePath("items")) { add(item, file: file) }
                return
            }
            guard apiVersion == Self.group else {
                try addForeign(apiVersion: apiVersion, kind: kind, reader, node, file: file)
                return
            }
            addOwn(kind: kind, node, file: file)
            findings += LeftoverReader.findings(node, kind: kind, file: file)
        } catch {
            findings.append(Finding(error, file: file))
        }
    }

    /// Adds a decoded Canary, whatever its `apiVersion` and `kind` say or don't say.
    package mutating func addCanary(_ node: Node, file: String? = nil) {
        let (canary, found) = CanaryDecoder.decode(node, file: file, defaultNamespace: defaultNamespace)
        findings += found
        if let canary { canaries.append(Located(canary, node: node, file: file)) }
    }

    /// Adds a decoded MetricTemplate, likewise.
    package mutating func addTemplate(_ node: Node, file: String? = nil) {
        let (template, found) = MetricTemplateDecoder.decode(node, file: file, defaultNamespace: defaultNamespace)
        findings += found
        if let template { templates.append(Located(template, node: node, file: file)) }
    }

    /// Whether anything is wrong enough to stop.
    package var hasErrors: Bool { findings.contains { $0.severity == .error } }

    private mutating func addOwn(kind: String, _ node: Node, file: String?) {
        switch kind {
        case "Canary": addCanary(node, file: file)
        case "MetricTemplate": addTemplate(node, file: file)
        case "AlertProvider":
            let (provider, found) = AlertProviderDecoder.decode(node, file: file, defaultNamespace: defaultNamespace)
            findings += found
            if let provider { providers.append(Located(provider, node: node, file: file)) }
        default:
            let hint = Suggestion.nearest(to: kind, in: Self.kinds).map { "; did you mean \($0)?" } ?? ""
            let message = "unknown kind \"\(kind)\" of \(Self.group)\(hint)"
            findings.append(Finding(.error, message, file: file, location: node["kind"]?.location))
        }
    }

    /// What a document is that is no object, but lies beside Canaries where a folder is read; `nil` for any other.
    private static func otherUse(of node: Node) -> String? {
        guard node["kind"] == nil, node["apiVersion"] == nil else { return nil }
        if node["tests"] != nil { return "unit tests, which `haldane test` runs, are not needed here and ignored" }
        return node["scrape_configs"] == nil ? nil : "a configuration of `haldane serve` is not needed here and ignored"
    }

    /// Objects of other groups are no business of an analysis; another version of Flagger's own group is an error.
    private mutating func addForeign(
        apiVersion: String, kind: String, _ reader: ObjectReader, _ node: Node, file: String?
    ) throws(YAMLError) {
        if apiVersion.hasPrefix("flagger.app/") {
            throw reader.invalid("apiVersion", "wanted \(Self.group), found \"\(apiVersion)\"")
        }
        // A misspelt group would take its object out of the analysis without a word.
        if Self.kinds.contains(kind), Suggestion.nearest(to: apiVersion, in: [Self.group]) != nil {
            throw reader.invalid("apiVersion", "unknown \"\(apiVersion)\"; did you mean \"\(Self.group)\"?")
        }
        if let neighbour = ClusterNeighbour(node, kind: kind, file: file, defaultNamespace: defaultNamespace) {
            neighbours.append(neighbour)
        }
        let message = "\(kind) of \(apiVersion) is not needed for an analysis and ignored"
        findings.append(Finding(.note, message, file: file, location: node.location))
    }
}
