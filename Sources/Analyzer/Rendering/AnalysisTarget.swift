package import FlaggerAPI

/// The workload that is analysed, by the names that queries know it by.
///
/// The type knows no kind of release object: ``AnalysisRequest`` says who makes targets and who reads them.
package struct AnalysisTarget: Sendable, Hashable {
    /// The release object's name.
    package var name: String
    /// The namespace of the release object and of the workload.
    package var namespace: String
    /// The workload's kind: `Deployment`, `DaemonSet`, `Service`, ...
    package var kind: String
    /// The workload's name.
    package var workload: String
    /// The apex Service's name.
    package var service: String
    /// The Ingress's name, the workload's without one.
    package var ingress: String
    /// The route's name, the workload's without one.
    package var route: String

    /// The target of a Flagger Canary.
    package init(_ canary: Canary) {
        name = canary.reference.name
        namespace = canary.reference.namespace
        kind = canary.target.kind
        workload = canary.target.name
        service = canary.service.name.flatMap { $0.isEmpty ? nil : $0 } ?? workload
        ingress = canary.ingressName ?? workload
        route = canary.routeName ?? workload
    }

    /// The target as the queries of its primary see it: same Service, same route, the other workload.
    var primaryTwin: AnalysisTarget {
        var twin = self
        twin.workload += "-primary"
        return twin
    }

    /// A rendered query about the primary, given the same one about the canary and about the twin. `nil` when nothing
    /// in the query names the canary.
    func primaryQuery(canary: String, twin: String) -> String? {
        let query = twin.replacing("\"\(service)-canary\"", with: "\"\(service)-primary\"")
        if query != canary { return query }
        // The template has the workload's name in it instead of calling `target`.
        let written = canary.replacing("\"\(workload)\"", with: "\"\(workload)-primary\"")
        return written == canary ? nil : written
    }
}
