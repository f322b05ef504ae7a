/// What the functions of a query template answer: the names Flagger documents.
package struct TemplateValues: Sendable, Hashable {
    /// Functions without arguments that users' templates may call.
    package static let functionNames = [
        "name", "namespace", "target", "service", "ingress", "route", "interval", "variables",
    ]

    /// The Canary's name.
    package var name: String
    /// The Canary's namespace, not the template's.
    package var namespace: String
    /// The target workload's name.
    package var target: String
    /// The apex Service's name.
    package var service: String
    /// The Ingress's name, the target's without one.
    package var ingress: String
    /// The route's name, the target's without one.
    package var route: String
    /// The window, as written.
    package var interval: String
    /// `templateVariables`
    package var variables: [String: String]

    /// The values of one check of a target.
    package init(_ analysed: AnalysisTarget, interval: String, variables: [String: String]) {
        name = analysed.name
        namespace = analysed.namespace
        target = analysed.workload
        service = analysed.service
        ingress = analysed.ingress
        route = analysed.route
        self.interval = interval
        self.variables = variables
    }

    private init(_ name: String, interval: String) {
        self.name = name
        namespace = name
        target = name
        service = name
        ingress = name
        route = name
        self.interval = interval
        variables = [:]
    }

    /// The window of queries whose metric names none.
    package static let defaultWindow = "1m"

    /// Made-up values, for templates that are looked at without a Canary.
    static let example = TemplateValues("example", interval: defaultWindow)

    func value(of function: String) -> TemplateValue? {
        switch function {
        case "name": .string(name)
        case "namespace": .string(namespace)
        case "target": .string(target)
        case "service": .string(service)
        case "ingress": .string(ingress)
        case "route": .string(route)
        case "interval": .string(interval)
        case "variables": .map(variables)
        default: nil
        }
    }
}

/// A value inside a template.
enum TemplateValue: Sendable, Hashable {
    case string(String)
    case int(Int)
    case bool(Bool)
    case map([String: String])

    /// Go's truth: not empty, not zero.
    var isTrue: Bool {
        switch self {
        case .string(let text): !text.isEmpty
        case .int(let value): value != 0
        case .bool(let value): value
        case .map(let entries): !entries.isEmpty
        }
    }
}
