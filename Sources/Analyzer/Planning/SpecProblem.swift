package import Documents
package import FlaggerAPI

/// Why a check of a Canary can't be run, whatever the data.
package struct SpecProblem: Error, Sendable, Hashable {
    /// What is wrong.
    package enum Kind: Sendable, Hashable {
        /// Neither a builtin, nor a query, nor a template.
        case nothingToMeasure
        /// The MetricTemplate is not there.
        case missingTemplate
        /// Its provider's type can't be evaluated.
        case unsupportedProvider(String)
        /// A builtin that can't measure this kind of target.
        case unsupportedTarget
        /// The template can't be read or rendered.
        case badTemplate
        /// The template uses `{{ interval }}`, and the metric has none.
        case missingInterval
        /// The rendered query is no PromQL, or has no single number as its value.
        case badQuery
        /// An annotation of ours can't be understood.
        case badAnnotation
    }

    /// What is wrong.
    package var kind: Kind
    /// One sentence, with the location inside a template or query where there is one.
    package var message: String
    /// Where in the Canary.
    package var path: NodePath
    /// The template in which the fault lies, `nil` when it is the Canary itself.
    package var template: ObjectReference?

    /// A problem.
    package init(_ kind: Kind, _ message: String, path: NodePath, template: ObjectReference? = nil) {
        self.kind = kind
        self.message = message
        self.path = path
        self.template = template
    }

    /// A few stable words, for people and programs.
    package var code: String {
        switch kind {
        case .nothingToMeasure: "nothing to measure"
        case .missingTemplate: "missing template"
        case .unsupportedProvider: "unsupported provider"
        case .unsupportedTarget: "unsupported target"
        case .badTemplate: "bad template"
        case .missingInterval: "missing interval"
        case .badQuery: "bad query"
        case .badAnnotation: "bad annotation"
        }
    }
}
