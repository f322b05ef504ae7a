package import Documents
package import FlaggerAPI

/// Finds what is wrong or doubtful in objects and queries without running anything.
package enum Lint {
    /// The findings of all objects of the files, those of reading them included, in the order of the files.
    package static func findings(_ objects: ObjectFile, options: LintOptions = LintOptions()) -> [Finding] {
        var findings = objects.findings
        // Two Canaries of one name are an error: either may be meant. Of other objects the last one counts, as with
        // `kubectl apply`.
        findings += repeated(objects.canaries, "Canary", .error, "is in the files twice") { $0.reference }
        let counts = "is in the files twice; this one counts, being the last"
        findings += repeated(objects.templates, "MetricTemplate", .warning, counts) { $0.reference }
        findings += repeated(objects.providers, "AlertProvider", .warning, counts) { $0.reference }
        let used = Set(objects.canaries.flatMap { $0.value.analysis?.metrics.compactMap(\.template) ?? [] })
        for template in objects.templates {
            findings += lint(template, alone: !used.contains(template.value.reference), options)
        }
        for canary in objects.canaries {
            findings += lint(canary, templates: objects.templates, options)
            findings += missingProviders(canary, objects.providers, options)
        }
        return findings + sharedTargets(objects.canaries) + PortLint.findings(objects)
    }

    /// Objects that are in the files twice: only one of them can be in a cluster.
    private static func repeated<Value>(
        _ objects: [Located<Value>], _ kind: String, _ severity: Finding.Severity, _ message: String,
        _ reference: (Value) -> ObjectReference
    ) -> [Finding] {
        var seen: [ObjectReference: DocumentSource] = [:]
        let path = NodePath("metadata.name")
        return objects.compactMap { located in
            let name = reference(located.value)
            guard let before = seen.updateValue(located.source, forKey: name) else { return nil }
            let location = [before.file, before.location(of: path)?.description].compactMap { $0 }.joined(
                separator: ":")
            let first = location.isEmpty ? "" : " (the other one is at \(location))"
            return finding(
                severity, "a \(kind) of this name \(message)\(first)", object: "\(kind) \(name)", path: path,
                source: located.source)
        }
    }

    /// Two Canaries that fight over one workload.
    private static func sharedTargets(_ canaries: [Located<Canary>]) -> [Finding] {
        var owners: [ObjectReference: ObjectReference] = [:]
        return canaries.compactMap { located in
            let canary = located.value
            let target = ObjectReference(name: canary.target.name, namespace: canary.reference.namespace)
            guard let other = owners.updateValue(canary.reference, forKey: target), other != canary.reference else {
                return nil
            }
            return finding(
                .error, "\(target) is the target of Canary \(other) too", object: "Canary \(canary.reference)",
                path: NodePath("spec.targetRef.name"), source: located.source)
        }
    }

    /// A template by itself. Its query is looked at with the Canaries that use it; when there is none (`alone`), with
    /// made-up values, unless it needs variables that only a Canary has.
    private static func lint(
        _ template: Located<MetricTemplate>, alone: Bool, _ options: LintOptions
    ) -> [Finding] {
        func found(_ severity: Finding.Severity, _ message: String) -> Finding {
            finding(
                severity, message, object: "MetricTemplate \(template.value.reference)", path: NodePath("spec.query"),
                source: template.source)
        }
        do throws(TemplateError) {
            let parsed = try QueryTemplate(template.value.query)
            guard alone, !parsed.functions.contains("variables"), template.value.provider.type == "prometheus" else {
                return []
            }
            let query = try parsed.render(.example)
            switch QueryParsing.parse(query) {
            case .failure(let fault):
                return [found(.error, fault.message + (QueryLint.leftover(in: query).map { "; \($0)" } ?? ""))]
            case .success(let prepared):
                let path = NodePath("spec.query")
                var check = Check(
                    metric: template.value.reference.name, path: path, source: .template(template.value.reference),
                    threshold: Threshold(.atMost, range: nil, single: nil))
                check.prepared = prepared
                return QueryLint.messages(check, options).map { found($0.severity, $0.text) }
            }
        } catch {
            return [found(.error, error.description)]
        }
    }

    /// Alerts whose provider is nowhere: Flagger only logs that.
    private static func missingProviders(
        _ located: Located<Canary>, _ providers: [Located<AlertProvider>], _ options: LintOptions
    ) -> [Finding] {
        guard options.wantsTemplates else { return [] }
        let known = Set(providers.map(\.value.reference))
        return (located.value.analysis?.alerts ?? []).enumerated().compactMap { index, alert in
            guard !known.contains(alert.provider) else { return nil }
            return finding(
                .warning,
                "AlertProvider \"\(alert.provider.name)\" is not in namespace \"\(alert.provider.namespace)\": "
                    + "no alert is sent",
                object: "Canary \(located.value.reference)",
                path: NodePath("spec.analysis.alerts").index(index).key("providerRef"), source: located.source)
        }
    }

    private static func lint(
        _ located: Located<Canary>, templates: [Located<MetricTemplate>], _ options: LintOptions
    ) -> [Finding] {
        let canary = located.value
        let object = "Canary \(canary.reference)"
        var findings: [Finding] = []
        // Checks have the problem too; a Canary without checks is told as well.
        if let problem = CanaryAnnotations(canary).problem {
            findings.append(lint(problem, object: object, located.source, templates: templates))
        }
        if let analysis = canary.analysis, analysis.metrics.isEmpty, !canary.skipAnalysis {
            let message =
                "there are no metrics, so there is nothing to judge: verdicts are inconclusive, and a rollout goes "
                + "by its webhooks alone"
            findings.append(
                finding(
                    .warning, message, object: object, path: NodePath("spec.analysis.metrics"),
                    source: located.source))
        }
        findings += CanaryLint.messages(canary).map {
            finding($0.severity, $0.text, object: object, path: $0.path, source: located.source)
        }
        for (index, metric) in (canary.analysis?.metrics ?? []).enumerated() {
            let path = NodePath("spec.analysis.metrics").index(index)
            findings += MetricLint.messages(metric).map {
                finding(.warning, $0, object: object, path: path, source: located.source)
            }
        }
        for check in Analysis.plan(canary, templates: templates.map(\.value)) {
            if let problem = check.problem {
                if case .missingTemplate = problem.kind, !options.wantsTemplates { continue }
                let hint =
                    problem.kind == .badQuery
                    ? MetricLint.interval(check.window) ?? QueryLint.leftover(in: check.query) : nil
                findings.append(lint(problem, hint, object: object, located.source, templates: templates))
            } else {
                for message in QueryLint.messages(check, options) {
                    let found = finding(
                        message.severity, message.text, object: object, path: check.path, source: located.source)
                    // A doubtful query is mended where it is written; a window, where the metric gives it.
                    guard case .template(let template) = check.source, !message.isAboutWindow else {
                        findings.append(found)
                        continue
                    }
                    findings.append(atQuery(found, in: template, of: templates))
                }
            }
        }
        // A fault of an annotation is one of every check.
        return findings.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// A fault inside a template is located there, with the metric in the message; others at their location in the Canary.
    private static func lint(
        _ problem: SpecProblem, _ hint: String? = nil, object: String, _ source: DocumentSource,
        templates: [Located<MetricTemplate>]
    ) -> Finding {
        let finding = finding(
            .error, CheckError.spec(problem).message + (hint.map { "; \($0)" } ?? ""), object: object,
            path: problem.path,
            source: source)
        guard problem.kind == .badQuery || problem.kind == .badTemplate else { return finding }
        return atQuery(finding, in: problem.template, of: templates)
    }

    /// The finding at the query of a template, where there is one.
    private static func atQuery(
        _ finding: Finding, in reference: ObjectReference?, of templates: [Located<MetricTemplate>]
    ) -> Finding {
        guard let template = templates.last(where: { $0.value.reference == reference }) else { return finding }
        var finding = finding
        finding.file = template.source.file
        finding.location = template.source.location(of: NodePath("spec.query"))
        return finding
    }

    private static func finding(
        _ severity: Finding.Severity, _ message: String, object: String, path: NodePath, source: DocumentSource
    ) -> Finding {
        Finding(
            severity, "\(path): \(message)", object: object, path: path, file: source.file,
            location: source.location(of: path))
    }
}
