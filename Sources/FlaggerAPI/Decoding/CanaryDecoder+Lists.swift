import Documents

/// The entries of `spec.analysis.metrics`, `.webhooks` and `.alerts`.
extension CanaryDecoder {
    func metric(_ node: Node, _ path: NodePath, namespace: String) -> CanaryMetric? {
        guard var reader = collector.attempt({ () throws(YAMLError) in try ObjectReader(node, path: path) }),
            let name = collector.attempt({ () throws(YAMLError) in try reader.requiredString("name") })
        else { return nil }
        var metric = CanaryMetric(name: name)
        metric.interval = collector.optional { () throws(YAMLError) in try reader.intervalText("interval") }
        metric.threshold = collector.optional { () throws(YAMLError) in try collector.finite("threshold", in: &reader) }
        metric.range = range(&reader)
        metric.query = collector.optional { () throws(YAMLError) in try reader.string("query") }
        metric.template = collector.optional { () throws(YAMLError) in
            try reader.objectReference("templateRef", namespace: namespace, collector: collector)
        }
        let variables = collector.attempt { () throws(YAMLError) in try reader.stringMap("templateVariables") }
        metric.variables = variables ?? [:]
        collector.refuseUnknown(reader)
        return metric
    }

    private func range(_ metric: inout ObjectReader) -> ThresholdRange? {
        collector.optional { () throws(YAMLError) in
            guard var reader = try metric.object("thresholdRange") else { return nil }
            let range = ThresholdRange(
                min: try collector.finite("min", in: &reader), max: try collector.finite("max", in: &reader))
            if let min = range.min, let max = range.max, min > max {
                let message = "min \(min) is above max \(max): nothing can pass"
                collector.add(
                    .invalidValue(path: reader.path, message: message, at: reader.location), severity: .warning)
            }
            collector.refuseUnknown(reader)
            return range
        }
    }

    func webhook(_ node: Node, _ path: NodePath) -> CanaryWebhook? {
        guard var reader = collector.attempt({ () throws(YAMLError) in try ObjectReader(node, path: path) }),
            let name = collector.attempt({ () throws(YAMLError) in try reader.requiredString("name") }),
            let url = collector.attempt({ () throws(YAMLError) in try reader.requiredString("url") })
        else { return nil }
        var hook = CanaryWebhook(name: name, url: url)
        let kinds = CanaryWebhook.Kind.allCases.map(\.rawValue)
        let kind = collector.optional { () throws(YAMLError) in try reader.choice("type", [""] + kinds) }
        hook.kind = kind.flatMap(CanaryWebhook.Kind.init) ?? .rollout
        let timeout = collector.optional { () throws(YAMLError) in try reader.intervalText("timeout") }
        if let timeout, GoDuration.parse(timeout) == nil {
            let message = "Flagger can't read \"\(timeout)\", and the hook fails: write \(IntervalText.cure(timeout))"
            collector.add(reader.invalid("timeout", message), severity: .warning)
        }
        hook.timeout = timeout.flatMap(GoDuration.parse) ?? hook.timeout
        hook.retries = number("retries", in: &reader, default: 0)
        hook.skipsCertificateCheck = flag("disableTLS", in: &reader)
        hook.mutesAlert = flag("muteAlert", in: &reader)
        hook.metadata = collector.attempt { () throws(YAMLError) in try reader.stringMap("metadata") } ?? [:]
        collector.refuseUnknown(reader)
        return hook
    }

    func alert(_ node: Node, _ path: NodePath, namespace: String) -> CanaryAlert? {
        guard var reader = collector.attempt({ () throws(YAMLError) in try ObjectReader(node, path: path) }),
            let name = collector.attempt({ () throws(YAMLError) in try reader.requiredString("name") }),
            let provider = collector.attempt({ () throws(YAMLError) -> ObjectReference in
                _ = try reader.requiredNode("providerRef")
                return try reader.objectReference("providerRef", namespace: namespace, collector: collector)
                    ?? ObjectReference(name: "", namespace: namespace)
            })
        else { return nil }
        let levels = CanaryAlert.Severity.allCases.map(\.rawValue)
        let severity = collector.optional { () throws(YAMLError) in try reader.choice("severity", [""] + levels) }
        if severity == nil || severity == "" {
            let message = "is missing: without it nothing is ever sent (say info, warn or error)"
            collector.add(reader.invalid("severity", message), severity: .warning)
        }
        collector.refuseUnknown(reader)
        return CanaryAlert(
            name: name, severity: severity.flatMap(CanaryAlert.Severity.init), provider: provider)
    }
}
