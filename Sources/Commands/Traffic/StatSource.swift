import Console
import Model
import PromQL
import PrometheusAPI

/// Where the tables of traffic take their numbers from: a server with the Prometheus HTTP API.
struct StatSource {
    let client: PrometheusClient

    init(_ server: String) throws { client = try PrometheusClient(server) }

    /// The elements of an instant query.
    func ask(_ query: String) async throws -> [VectorElement] {
        let reply = try ResultDecoder.reply(try await client.post("/api/v1/query", form: [("query", query)]))
        guard case .vector(let elements) = reply.value else { return [] }
        return elements
    }

    /// What to tell a person who gets an empty table: viz's words, and where to look.
    func nothingFound(in namespace: String?) async throws -> String {
        let known = try await ask("count(up{namespace!=\"\"}) by (namespace)").map { $0.labels["namespace"] }.sorted()
        guard !known.isEmpty else {
            return
                "No traffic found. \(client.server) scrapes no target that has a namespace; /targets there tells more."
        }
        guard let namespace, !known.contains(namespace) else { return "No traffic found." }
        return "No traffic found in namespace \(namespace). \(client.server) knows \(known.joined(separator: ", ")): "
            + "choose one with -n, or all with -A."
    }

    /// Shows tables once, or again and again until the program is ended.
    static func show(again: Bool, every pause: Duration = .seconds(2), _ lines: () async throws -> [String])
        async throws
    {
        while true {
            let text = try await lines().joined(separator: "\n")
            if again, Terminal.isInteractive { Terminal.clearScreen() }
            if !text.isEmpty { Terminal.print(text) }
            guard again, !Terminal.isOutputBroken else { return }
            if !Terminal.isInteractive { Terminal.print("") }
            try await Task.sleep(for: pause)
        }
    }
}
