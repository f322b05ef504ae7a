import Documents

/// A `flagger.app/v1beta1` MetricTemplate: a query with placeholders, and who is to answer it.
package struct MetricTemplate: Sendable, Hashable {
    /// Name and namespace.
    package var reference: ObjectReference
    /// Who answers.
    package var provider: MetricProvider
    /// The query, a Go text/template.
    package var query: String

    /// A template.
    package init(reference: ObjectReference, provider: MetricProvider, query: String) {
        self.reference = reference
        self.provider = provider
        self.query = query
    }
}

/// `spec.provider` of a MetricTemplate.
package struct MetricProvider: Sendable, Hashable {
    /// The types Flagger knows.
    package static let knownTypes = [
        "prometheus", "influxdb", "datadog", "externalmetrics", "stackdriver", "cloudwatch", "newrelic", "graphite",
        "dynatrace", "keptn", "splunk",
    ]

    /// The type; only `prometheus` can be evaluated here.
    package var type: String
    /// Base URL of the server.
    package var address: String?
    /// Extra request headers.
    package var headers: [String: [String]] = [:]
    /// Whether a header is one that carries credentials, by its name.
    package static func isSecret(header: String) -> Bool {
        let name = header.lowercased()
        return NodePath.secretWords.contains { name.contains($0) }
    }

    /// Secret with credentials, in the template's namespace.
    package var secretName: String?
    /// Do not check the server's certificate.
    package var skipsCertificateCheck = false

    /// A provider.
    package init(type: String, address: String? = nil) {
        self.type = type
        self.address = address
    }
}
