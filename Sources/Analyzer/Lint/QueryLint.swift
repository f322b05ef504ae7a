import Model
import PromQL

/// Looks at the query of a check for what makes values wrong or empty.
enum QueryLint {
    /// What is doubtful, each a sentence, none twice.
    static func messages(_ check: Check, _ options: LintOptions) -> [String] {
        guard let expr = check.expr else { return [] }
        var messages: [String] = []
        func add(_ message: String) {
            if !messages.contains(message) { messages.append(message) }
        }
        for selector in QuerySelector.all(in: expr, at: 0) {
            for message in selectorMessages(selector, options) { add(message) }
        }
        if expr.type == .scalar {
            add("the query gives a scalar: Flagger can't read it; wrap it in vector(...)")
        }
        return messages
    }

    private static func selectorMessages(_ selector: QuerySelector, _ options: LintOptions) -> [String] {
        var messages: [String] = []
        let name = selector.matchers.first { $0.name == LabelName.metricName && $0.kind == .equal }?.value ?? ""
        let length = selector.window.end &- selector.window.start
        if selector.isRange, length < 2 * options.scrapeInterval {
            messages.append(
                "the window of \(name.isEmpty ? selector.text : name)[\(PrometheusDuration.text(length))] is shorter "
                    + "than two scrapes of \(PrometheusDuration.text(options.scrapeInterval)): rates need two samples")
        }
        if LinkerdMetric.hasBothDirections(name), !selector.matchers.contains(where: { $0.name == "direction" }) {
            messages.append(
                "\(name) without direction adds up what the pod serves and what it calls: "
                    + #"add direction="inbound""#)
        }
        for gone in LinkerdMetric.gone where name.hasPrefix(gone.prefix) {
            messages.append("Linkerd proxies have no \(name) since \(gone.since); instead: \(gone.instead)")
        }
        let isInbound = selector.matchers.contains {
            $0.name == "direction" && $0.kind == .equal && $0.value == "inbound"
        }
        for gone in LinkerdMetric.goneInboundLabels where isInbound {
            guard selector.matchers.contains(where: { $0.name == gone.label && !$0.matchesEmpty }) else { continue }
            messages.append("inbound metrics have no label \(gone.label) since Linkerd \(gone.since): \(gone.instead)")
        }
        for matcher in selector.matchers where matcher.name == "le" && matcher.kind == .equal {
            guard let value = Int(matcher.value) else { continue }
            messages.append(
                "le=\"\(value)\" matches nothing: bounds are stored as floats since Prometheus 3; write le=\"\(value).0\""
            )
        }
        return messages
    }
}
