import Documents
import FlaggerAPI
import Model
import PromQL

/// Makes the checks of one request.
struct CheckPlanner {
    let request: AnalysisRequest
    private(set) var options: PlanOptions

    init(_ request: AnalysisRequest, options: PlanOptions) {
        self.request = request
        self.options = options
        if !request.zeroStart { self.options.zeroStart = false }
    }

    var target: AnalysisTarget { request.target }

    /// The builtin and the inline query of a metric, or a check that says that there is nothing to measure.
    func ownChecks(_ metric: RequestedMetric) -> [Check] {
        var checks: [Check] = []
        if let builtin = Builtin(rawValue: metric.name) {
            let all = compared(check(metric, builtin), metric)
            checks += all.prefix(1).map { sequential($0, metric) } + all.dropFirst()
        }
        if let query = metric.query, !query.isEmpty {
            checks += compared(check(metric, inline: query), metric, text: query)
        }
        if checks.isEmpty && metric.template == nil {
            var check = emptyCheck(metric, .nothing, .atMost)
            let names = Builtin.allCases.map(\.rawValue)
            let hint = Suggestion.nearest(to: metric.name, in: names).map { "; did you mean \"\($0)\"?" } ?? ""
            check.problem = SpecProblem(
                .nothingToMeasure,
                "metric \"\(metric.name)\" is no builtin and has neither templateRef nor query\(hint)",
                path: metric.path)
            checks.append(check)
        }
        return checks
    }

    private func check(_ metric: RequestedMetric, _ builtin: Builtin) -> Check {
        var check = emptyCheck(metric, .builtin(builtin), builtin.thresholdKind)
        check.unit = builtin.unit
        let window = metric.window ?? TemplateValues.defaultWindow
        check.window = window
        if target.kind == "Service" && builtin.isInbound {
            let message = "\(builtin.rawValue) measures the pods of a workload; a Service target has none of its own"
            check.problem = SpecProblem(.unsupportedTarget, message, path: request.kindPath)
            return check
        }
        let queries = BuiltinQuery(target, window: window, zeroStart: options.zeroStart)
        check.requestCount = try? QueryParsing.parse(queries.requestCount(builtin)).get()
        return finish(check, query: queries.text(builtin))
    }

    private func check(_ metric: RequestedMetric, inline query: String) -> Check {
        var check = emptyCheck(metric, .inline, .atMost)
        check.window = metric.window ?? TemplateValues.defaultWindow
        return render(check, query, metric, at: metric.path.key("query"), template: nil)
    }

    /// The checks that a metric's `templateRef` makes.
    func templateChecks(_ metric: RequestedMetric) -> [Check] {
        guard let reference = metric.template else { return [] }
        let check = templateCheck(metric, reference)
        return compared(check, metric, text: request.templates[reference]?.query)
    }

    private func templateCheck(_ metric: RequestedMetric, _ reference: ObjectReference) -> Check {
        var check = emptyCheck(metric, .template(reference), .atMost)
        check.window = metric.window
        let path = metric.path.key("templateRef")
        guard let template = request.templates[reference] else {
            let message = "MetricTemplate \"\(reference.name)\" is not in namespace \"\(reference.namespace)\""
            check.problem = SpecProblem(.missingTemplate, message, path: path)
            return check
        }
        let provider = template.provider
        guard provider.type == "prometheus" else {
            check.problem = SpecProblem(
                .unsupportedProvider(provider.type), UnsupportedProvider.message(provider.type), path: path,
                template: reference)
            return check
        }
        if let address = provider.address, !address.isEmpty {
            let isWanted = options.honoursAllTemplates || request.asksTemplateAddresses
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
        return render(check, template.query, metric, at: path, template: reference)
    }

    private func emptyCheck(
        _ metric: RequestedMetric, _ source: Check.Source, _ kind: Threshold.Kind
    ) -> Check {
        let threshold = Threshold(kind, range: metric.range, single: metric.threshold)
        var check = Check(metric: metric.name, path: metric.path, source: source, threshold: threshold)
        check.zeroStart = options.zeroStart
        check.requestsMin = request.requestsMin
        check.problem = metric.problem
        return check
    }

    private func render(
        _ check: Check, _ text: String, _ metric: RequestedMetric, at path: NodePath, template: ObjectReference?
    ) -> Check {
        var check = check
        do throws(TemplateError) {
            let parsed = try QueryTemplate(text)
            guard check.window != nil || !parsed.functions.contains("interval") else {
                let message = "the template uses {{ interval }}, and the metric has no interval"
                check.problem = SpecProblem(.missingInterval, message, path: check.path, template: template)
                return check
            }
            let values = TemplateValues(target, interval: check.window ?? "", variables: metric.variables)
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
            check.mayReadProbes = HealthProbeTraffic.concerns(prepared.expr)
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
