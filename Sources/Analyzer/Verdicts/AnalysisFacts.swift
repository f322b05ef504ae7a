package import FlaggerAPI
package import Model

/// What is known besides the samples when checks are judged.
package struct AnalysisFacts: Sendable, Hashable {
    /// The scrape targets of the Canary's workload; `nil` when nobody knows any targets (a bare data directory, a
    /// remote engine), so that nothing can be concluded from there being none.
    package var targets: [TargetFact]?
    /// The label by which queries name the workload, and its name; `nil` when every query is taken to be about it.
    package var workload: Label?

    /// Facts.
    package init(targets: [TargetFact]? = nil, workload: Label? = nil) {
        self.targets = targets
        self.workload = workload
    }

    /// The facts about a Canary's workload among all targets of a scraper. A scraper without any target knows nothing.
    package init(_ statuses: [TargetStatus], canary: Canary) {
        let label = Self.label(of: canary.target.kind)
        workload = Label(label, canary.target.name)
        guard !statuses.isEmpty else {
            targets = nil
            return
        }
        targets = statuses.filter { status in
            status.labels["namespace"].equalsByBytes(canary.reference.namespace)
                && status.labels[label].equalsByBytes(canary.target.name)
        }.map(TargetFact.init)
    }

    /// Whether a query is about the workload: the targets explain nothing about any other.
    func concern(_ check: Check) -> Bool {
        guard let workload, let expr = check.expr else { return true }
        return QuerySelector.all(in: expr, at: 0).contains { selector in
            selector.matchers.contains { $0.name == workload.name && !$0.isNegative && $0.matches(workload.value) }
        }
    }

    /// The targets, when all of them were tried and none can be scraped.
    var targetsDown: [TargetFact]? {
        guard let targets, !targets.isEmpty, targets.allSatisfy({ !$0.isUp && $0.wasScraped }) else { return nil }
        return targets
    }

    /// Matchers for the scrape targets of a Canary's workload, so that they can be scraped right before a check.
    package static func targetMatchers(of canary: Canary) -> [Matcher] {
        [
            Matcher(name: "namespace", equals: canary.reference.namespace),
            Matcher(name: label(of: canary.target.kind), equals: canary.target.name),
        ]
    }

    /// The label that names a workload of this kind, as Linkerd's own scrape configuration sets it.
    package static func label(of kind: String) -> String { kind == "DaemonSet" ? "daemonset" : "deployment" }
}

/// One scrape target, as verdicts show it.
package struct TargetFact: Sendable, Hashable {
    /// The pod, or the URL where no pod is known.
    package var name: String
    /// Its namespace, empty where none is known.
    package var namespace: String
    /// Whether its last scrape worked.
    package var isUp: Bool
    /// Whether there was a scrape at all.
    package var wasScraped: Bool
    /// How the last scrape ended.
    package var outcome: ScrapeOutcome?
    /// The scraper's words for it.
    package var error: String

    /// A target.
    package init(
        name: String, namespace: String = "", isUp: Bool, wasScraped: Bool = true, outcome: ScrapeOutcome? = nil,
        error: String = ""
    ) {
        self.name = name
        self.namespace = namespace
        self.isUp = isUp
        self.wasScraped = wasScraped
        self.outcome = outcome
        self.error = error
    }

    /// A target of a scraper.
    package init(_ status: TargetStatus) {
        let pod = status.labels["pod"]
        self.init(
            name: pod.isEmpty ? status.url : pod, namespace: status.labels["namespace"], isUp: status.health == .up,
            wasScraped: status.health != .unknown,
            outcome: status.outcome, error: status.lastError)
    }
}
