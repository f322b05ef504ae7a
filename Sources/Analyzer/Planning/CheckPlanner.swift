import Documents
import FlaggerAPI
import Model
import PromQL

/// Makes the checks of one Canary.
struct CheckPlanner {
    let canary: Canary
    /// By name; of two the last counts.
    let templates: [ObjectReference: MetricTemplate]
    private(set) var options: PlanOptions
    let annotations: CanaryAnnotations

    init(canary: Canary, templates: [MetricTemplate], options: PlanOptions) {
        self.canary = canary
        self.templates = Dictionary(templates.map { ($0.reference, $0) }) { _, last in last }
        self.options = options
        annotations = CanaryAnnotations(canary)
        if !annotations.zeroStart { self.options.zeroStart = false }
    }

    /// The builtin and the inline query of a metric, or a check that says that there is nothing to measure.
    func ownChecks(_ metric: CanaryMetric, at path: NodePath) -> [Check] {
        var checks: [Check] = []
        if let builtin = Builtin(rawValue: metric.name) {
            let all = compared(check(metric, builtin, at: path), metric)
            checks += all.prefix(1).map { sequential($0, metric) } + all.dropFirst()
        }
        if let query = metric.query, !query.isEmpty {
            checks += compared(check(metric, inline: query, at: path), metric, text: query)
        }
        if checks.isEmpty && metric.template == nil {
            var check = emptyCheck(metric, .nothing, .atMost, at: path)
            let names = Builtin.allCases.map(\.rawValue)
            let hint = Suggestion.nearest(to: metric.name, in: names).map { "; did you mean \"\($0)\"?" } ?? ""
            check.problem = SpecProblem(
                .nothingToMeasure,
                "metric \"\(metric.name)\" is no builtin and has neither templateRef nor query\(hint)", path: path)
            checks.append(check)
        }
        return checks
    }

    private func check(_ metric: CanaryMetric, _ builtin: Builtin, at path: NodePath) -> Check {
        var check = emptyCheck(metric, .builtin(builtin), builtin.thresholdKind, at: path)
        check.unit = builtin.unit
        let window = metric.interval ?? TemplateValues.defaultWindow
        check.window = window
        if canary.target.kind == "Service" && builtin.isInbound {
            let message = "\(builtin.rawValue) measures the pods of a workload; a Service target has none of its own"
            check.problem = SpecProblem(.unsupportedTarget, message, path: NodePath("spec.targetRef.kind"))
            return check
        }
        let queries = BuiltinQuery(canary: canary, window: window, zeroStart: options.zeroStart)
        check.requestCount = try? QueryParsing.parse(queries.requestCount(builtin)).get()
        return finish(check, query: queries.text(builtin))
    }

    private func check(_ metric: CanaryMetric, inline query: String, at path: NodePath) -> Check {
        var check = emptyCheck(metric, .inline, .atMost, at: path)
        check.window = metric.interval ?? TemplateValues.defaultWindow
        return render(check, query, metric, at: path.key("query"), template: nil)
    }

    /// The checks that a metric's `templateRef` makes.
    func templateChecks(_ metric: CanaryMetric, at path: NodePath) -> [Check] {
        guard let reference = metric.template else { return [] }
        let check = templateCheck(metric, reference, at: path)
        return compared(check, metric, text: templates[reference]?.query)
    }

    private func templateCheck(_ metric: CanaryMetric, _ reference: ObjectReference, at path: NodePath) -> Check {
        var check = emptyCheck(metric, .template(reference), .atMost, at: path)
        check.window = metric.interval
        let place = path.key("templateRef")
        guard let template = templates[reference] else {
            let message = "MetricTemplate \"\(reference.name)\" is not in namespace \"\(reference.namespace)\""
            check.problem = SpecProblem(.missingTemplate, message, path: place)
            return check
        }
        let provider = template.provider
        guard provider.type == "prometheus" else {
            check.problem = SpecProblem(
                .unsupportedProvider(provider.type), UnsupportedProvider.message(provider.type), path: place,
                template: reference)
            return check
        }
        if let address = provider.address, !address.isEmpty {
            let isWanted = options.honoursAllTemplates || canary.annotations[Annotation.queryAddress] == "honour"
            if isWanted, options.templateHosts.allow(address) {
                check.destination = .remote(
                    address: address, provider: provider, namespace: reference.namespace,
                    sendsCredentials: options.sendsCredentials)
                check.zeroStart = false
            } else {
                check.replacedAddress = WebAddress.shown(address)
                check.isAddressRefused = isWanted
            }
        }
        return render(check, template.query, metric, at: place, template: reference)
    }

    private func emptyCheck(
        _ metric: CanaryMetric, _ source: Check.Source, _ kind: Threshold.Kind, at path: NodePath
    ) -> Check {
        let threshold = Threshold(kind, range: metric.range, single: metric.threshold)
        var check = Check(metric: metric.name, path: path, source: source, threshold: threshold)
        check.zeroStart = options.zeroStart
        check.requestsMin = annotations.requestsMin
        check.problem = annotations.problem(of: metric)
        return check
    }

    private func render(
        _ check: Check, _ text: String, _ metric: CanaryMetric, at path: NodePath, template: ObjectReference?
    ) -> Check {
        var check = check
        do throws(TemplateError) {
            let parsed = try QueryTemplate(text)
            guard check.window != nil || !parsed.functions.contains("interval") else {
                let message = "the template uses {{ interval }}, and the metric has no interval"
                check.problem = SpecProblem(.missingInterval, message, path: check.path, template: template)
                return check
            }
            let values = TemplateValues(canary, interval: check.window ?? "", variables: metric.variables)
            return finish(check, query: try parsed.render(values), at: path, template: template)
        } catch {
            check.problem = SpecProblem(.badTemplate, error.description, path: path, template: template)
            return check
        }
    }

    /// Parses the query, and refuses one whose value can't be a single number.
    func finish(
        _ check: Check, query: String, at path: NodePath? = nil, template: ObjectReference? = nil
    ) -> Check {
        var check = check
        check.query = query
        if check.problem != nil { return check }
        switch QueryParsing.parse(query) {
        case .failure(let fault):
            check.problem = SpecProblem(.badQuery, fault.message, path: path ?? check.path, template: template)
        case .success(let prepared):
            check.prepared = prepared
            check.mayReadProbes = ProbeTraffic.concerns(prepared.expr)
            guard check.requestCount == nil, let count = RequestCount.query(for: prepared.expr, text: query) else {
                return check
            }
            check.requestCount = try? QueryParsing.parse(count).get()
        }
        return check
    }
}

extension Builtin {
    /// Whether the builtin reads the proxies of the workload itself.
    fileprivate var isInbound: Bool { self == .requestSuccessRate || self == .requestDuration }
}
