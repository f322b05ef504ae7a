import Documents
import FlaggerAPI
import Model
import PromQL

/// Looks at the query of a check for what makes values wrong or empty.
enum QueryLint {
    /// A doubt, how bad it is, and whether the query itself is to blame or the window that the metric gives it.
    struct Message: Equatable {
        var severity: Finding.Severity
        var text: String
        var isAboutWindow = false
    }

    /// What is doubtful, each a sentence, none twice. The builtins' own queries are looked at for their windows only.
    static func messages(_ check: Check, _ options: LintOptions) -> [Message] {
        guard let expr = check.expr else { return [] }
        var messages: [Message] = []
        func add(_ text: String, _ severity: Finding.Severity = .warning, isAboutWindow: Bool = false) {
            let message = Message(severity: severity, text: text, isAboutWindow: isAboutWindow)
            if !messages.contains(message) { messages.append(message) }
        }
        let selectors = QuerySelector.all(in: expr, at: 0)
        for selector in selectors {
            if let text = window(of: selector, options) { add(text, isAboutWindow: true) }
            for text in selectorMessages(selector) { add(text) }
        }
        if expr.type == .scalar {
            add("the query gives a scalar: Flagger can't read it; wrap it in vector(...)")
        }
        guard check.builtin == nil else { return messages }
        for text in QueryShapeLint.messages(expr, check.threshold) { add(text) }
        for divisor in Divisor.possiblyZero(in: expr) { add(division(by: divisor)) }
        for name in Set(selectors.filter(HealthProbeTraffic.isInboundTraffic).map(name(of:))).sorted() {
            add(
                "\(name) counts health probes and scrapes too, which hide failures at little traffic: leave them out "
                    + #"with target_port!="4191", route_name!="probe""#, .note)
        }
        return messages
    }

    /// What a query that is no PromQL was probably meant to have replaced.
    static func leftover(in query: String) -> String? {
        if let variable = Leftover.variable(in: query) {
            let cure =
                variable.contains("interval") || variable.contains("range") ? "{{ interval }}" : "the value itself"
            return "\(variable) stands in it, which nothing replaces here: write \(cure)"
        }
        guard query.firstRange(of: "{{") != nil || query.firstRange(of: "}}") != nil else { return nil }
        return "double braces are left in it after rendering: were they escaped twice?"
    }

    private static func division(by divisor: Expr) -> String {
        let names = Set(QuerySelector.all(in: divisor, at: 0).map(name(of:))).sorted().joined(separator: " and ")
        return "the query divides by \(names.isEmpty ? "an expression" : names), which is 0 while nothing is counted: "
            + "without traffic the check is inconclusive, and a failed one for Flagger (no values found)"
    }

    private static func name(of selector: QuerySelector) -> String {
        selector.matchers.first { $0.name == LabelName.metricName && $0.kind == .equal }?.value ?? selector.text
    }

    private static func window(of selector: QuerySelector, _ options: LintOptions) -> String? {
        let length = selector.window.end &- selector.window.start
        guard selector.isRange, length < 2 * options.scrapeInterval else { return nil }
        return "the window of \(name(of: selector))[\(PrometheusDuration.text(length))] is shorter than two scrapes of "
            + "\(PrometheusDuration.text(options.scrapeInterval)): rates need two samples"
    }

    private static func selectorMessages(_ selector: QuerySelector) -> [String] {
        var messages: [String] = []
        let name = selector.matchers.first { $0.name == LabelName.metricName && $0.kind == .equal }?.value ?? ""
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
        return messages + selector.matchers.compactMap(bound) + MatcherLint.messages(selector.matchers, metric: name)
    }

    /// `le="100"`, or `le=~"100|200"`: bounds as they were written up to Prometheus 2.
    private static func bound(_ matcher: Matcher) -> String? {
        guard matcher.name == "le", matcher.kind == .equal || matcher.kind == .regex else { return nil }
        let bounds = matcher.value.split(separator: "|", omittingEmptySubsequences: false)
        guard matcher.kind == .regex || bounds.count == 1, bounds.contains(where: { Int($0) != nil }) else {
            return nil
        }
        let dot = matcher.kind == .equal ? ".0" : #"\.0"#
        let cured = bounds.map { Int($0) == nil ? String($0) : $0 + dot }.joined(separator: "|")
        let start = "le\(matcher.kind.rawValue)"
        return
            "\(start)\(GoQuote.quoted(matcher.value)) matches nothing: bounds are stored as floats since Prometheus 3; "
            + "write \(start)\(GoQuote.quoted(cured))"
    }
}
