import Console
import Documents
import Model
import PrometheusAPI

/// A verdict that a server has stored of a registered Canary.
struct StoredView {
    var canary: AnalysisName
    var time: Timestamp
    var view: VerdictView
    /// The verdict as it came.
    var node: Node

    /// What the verdict comes to: its word, and how each check ended. Verdicts with the same are told of together.
    var gist: [String] { [view.verdict] + view.checks.map { "\($0.metric) \($0.reason)" } }
}

/// Reads registered Canaries and their verdicts from a server.
struct StoredVerdicts {
    let client: PrometheusClient
    private static let path = "/analysis/v1/canaries"

    /// The names of all registered Canaries.
    func names() async throws -> [AnalysisName] {
        guard let list = try await ask(Self.path)["canaries"] else {
            throw CommandError.unreachable("\(client.server) has no verdict API; is it a haldane server?")
        }
        return try list.elements().map {
            AnalysisName(namespace: try $0["namespace"]?.string() ?? "", name: try $0["name"]?.string() ?? "")
        }
    }

    /// A name written as `NAMESPACE/NAME`, of the Canaries that are registered. Any other is bad input that says what is
    /// near.
    func name(_ text: String) async throws -> AnalysisName {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard halves.count == 2, halves.allSatisfy({ !$0.isEmpty }) else {
            throw CommandError.badInput("\"\(text)\": wanted NAMESPACE/NAME of a Canary, such as test/podinfo")
        }
        let wanted = AnalysisName(namespace: halves[0], name: halves[1])
        let known = try await names()
        if known.contains(wanted) { return wanted }
        if known.isEmpty { throw CommandError.badInput("Canary \(text): \(nothing)") }
        let texts = known.map(\.text)
        let near = Suggestion.nearest(to: text, in: texts).map { "; did you mean \($0)?" }
        throw CommandError.badInput(
            "\(client.server) has no Canary \(text)"
                + (near ?? "; it has \(texts.prefix(20).joined(separator: ", "))\(texts.count > 20 ? ", …" : "")"))
    }

    /// What to say where no Canary is registered.
    var nothing: String {
        "no Canary is registered at \(client.server). `haldane serve --canaries DIR` registers those of a folder, and "
            + "PUT \(Self.path)/NAMESPACE/NAME one of them; `haldane analyze -f FILE` judges once."
    }

    /// The newest verdict of a Canary, which is made where there is none yet.
    func newest(of name: AnalysisName) async throws -> StoredView {
        try Self.view(try await ask("\(Self.path)/\(Self.part(name))/verdict"), of: name)
    }

    /// The time between two checks that the Canary itself asks for, as written; `nil` where it has none.
    func interval(of name: AnalysisName) async throws -> String? {
        let document = try await ask("\(Self.path)/\(Self.part(name))")
        return try document["canary"]?["spec"]?["analysis"]?["interval"]?.anyText()
    }

    /// Hands out the verdicts of a Canary since `start`, oldest first, in pieces as the server gives them.
    func read(
        _ name: AnalysisName, since start: Timestamp, _ take: ([StoredView]) throws -> Void
    ) async throws {
        var start = start
        while true {
            let path = "\(Self.path)/\(Self.part(name))/verdicts?start=\(RFC3339.text(start))"
            let answer = try await ask(path)
            let page = try (answer["verdicts"]?.elements() ?? []).map { try Self.view($0, of: name) }
            try take(page)
            guard let last = page.last, try answer["truncated"]?.bool() == true, last.time >= start else { return }
            start = last.time + 1
        }
    }

    private static func part(_ name: AnalysisName) -> String {
        "\(PrometheusClient.encoded(name.namespace))/\(PrometheusClient.encoded(name.name))"
    }

    private static func view(_ node: Node, of name: AnalysisName) throws -> StoredView {
        let view = try VerdictView(node)
        guard let time = RFC3339.parse(view.evaluatedAt) else {
            throw CommandError.unreachable("the answer has a verdict without a time; is this a haldane server?")
        }
        return StoredView(canary: name, time: time, view: view, node: node)
    }

    private func ask(_ path: String) async throws -> Node {
        let answer = try await client.send(path, "GET")
        guard answer.status == 200 else {
            let reason = try? answer.document["error"]?.string()
            throw CommandError.unreachable(
                "\(client.server)\(path.prefix { $0 != "?" }) answered HTTP \(answer.status): "
                    + (reason ?? "no reason given"))
        }
        return answer.document
    }
}

extension AnalysisName {
    /// `NAMESPACE/NAME`
    var text: String { "\(namespace)/\(name)" }
}
