import Console
import Model
import PromQL
import PrometheusAPI

/// Where the tables of traffic take their numbers from: a server with the Prometheus HTTP API.
struct StatSource {
    let client: PrometheusClient

    init(_ server: ServerOptions) throws { client = try server.client() }

    /// The elements of an instant query.
    func ask(_ query: String) async throws -> [VectorElement] {
        let reply = try ResultDecoder.reply(try await client.post("/api/v1/query", form: [("query", query)]))
        guard case .vector(let elements) = reply.value else { return [] }
        return elements
    }

    /// What to tell a person who gets an empty table: what is wrong with the resources that were named, else viz's
    /// words and where to look. `allowsAll` is for commands that have `-A`.
    func nothingFound(_ resources: [StatResource], in namespace: String?, allowsAll: Bool) async throws -> String {
        var reasons: [String] = []
        for resource in resources {
            let missing = MissingResource(resource: resource, server: client.server, ask: ask)
            if let text = try await missing.text() { reasons.append(text) }
        }
        if !reasons.isEmpty { return reasons.joined(separator: "\n") }
        let known = try await ask("count(up{namespace!=\"\"}) by (namespace)").map { $0.labels["namespace"] }.sorted()
        guard !known.isEmpty else {
            return "No traffic found. \(client.server) scrapes no target that has a namespace: `haldane targets` lists "
                + "those it does."
        }
        guard let namespace, !known.contains(namespace) else { return "No traffic found." }
        return "No traffic found in namespace \(namespace). \(client.server) knows \(known.joined(separator: ", ")): "
            + (allowsAll ? "choose one with -n, or all with -A." : "choose one with -n.")
    }
}
