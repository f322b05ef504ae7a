package import Documents
package import FlaggerAPI
package import Model
package import PromQL

/// One measurement that a Canary asks for, ready to be run.
package struct Check: Sendable {
    /// Where the query comes from.
    package enum Source: Sendable, Hashable {
        /// By the metric's name.
        case builtin(Builtin)
        /// `query` of the metric itself.
        case inline
        /// A MetricTemplate.
        case template(ObjectReference)
        /// Nowhere: the metric says nothing that could be measured.
        case nothing
    }

    /// Who answers the query.
    package enum Destination: Sendable, Hashable {
        /// Evaluated in process.
        case embedded
        /// Asked over HTTP at this address, with these extra headers and, where they may be sent, with the credentials
        /// of the address, of the headers and of the Secret in this namespace.
        case remote(address: String, provider: MetricProvider, namespace: String, sendsCredentials: Bool)
    }

    /// `name` of the metric.
    package var metric: String
    /// Where it stands in the Canary: `spec.analysis.metrics[0]`.
    package var path: NodePath
    /// Where the query comes from.
    package var source: Source
    /// The rendered query, as written; empty when there is a problem with it.
    package var query: String
    /// The query, parsed once for all its evaluations; `nil` when there is a problem with it.
    package var prepared: PreparedQuery?
    /// Why the check can't be run.
    package var problem: SpecProblem?
    /// The window as written.
    package var window: String?
    /// What is accepted.
    package var threshold: Threshold
    /// What the value is measured in, where that is known.
    package var unit: MetricUnit?
    /// Who answers.
    package var destination: Destination = .embedded
    /// The template's address, as it may be shown, when it is evaluated here instead.
    package var replacedAddress: String?
    /// Whether the Canary asks for that address and may not have it.
    package var isAddressRefused = false
    /// A query that counts the requests behind the value, where one can be derived.
    package var requestCount: PreparedQuery?
    /// Fewest requests that allow a judgement; 0 asks for none.
    package var requestsMin: Double = 0
    /// Whether all that the query reads may be probes, which is then looked into.
    package var mayReadProbes = false
    /// Whether series that begin between two good scrapes of one process are taken to begin at 0.
    package var zeroStart = true
    /// The value is the canary's beside the primary's.
    package var comparison: Comparison?
    /// The two sides of a comparison, which are asked for their values when a person wants to know.
    package var sides: ComparisonSides?
    /// Counted requests decide, by a sequential test, instead of the query's value.
    package var sequential: SequentialPlan?

    /// A check without a query yet.
    package init(metric: String, path: NodePath, source: Source, threshold: Threshold) {
        self.metric = metric
        self.path = path
        self.source = source
        self.threshold = threshold
        query = ""
    }

    /// The builtin, if it is one.
    package var builtin: Builtin? {
        if case .builtin(let builtin) = source { return builtin }
        return nil
    }

    /// The tree of the query; `nil` when there is a problem with it.
    package var expr: Expr? { prepared?.expr }

    /// Whether the value is that of the query alone, evaluated here, without anything else that has to be looked up.
    package var isPlain: Bool {
        if case .embedded = destination { return sequential == nil && !mayReadProbes }
        return false
    }

    /// The window in milliseconds, `nil` when there is none or it is no duration.
    package var windowMilliseconds: Milliseconds? { window.flatMap { try? PrometheusDuration.parse($0) } }
}
