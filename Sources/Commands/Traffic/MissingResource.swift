import Console
import Documents
import Model
import PromQL

/// Explains that a resource which was asked for by name has no row: there is none, its targets are down, or it has no
/// traffic. What exists is what is scraped.
struct MissingResource {
    let resource: StatResource
    let server: String
    let ask: StatReport.Ask

    /// Names that are listed.
    private static let listedMax = 12
    /// The name that Flagger gives to the Service of a canary, which has no workload of that name.
    private static let canarySuffix = "-canary"

    /// The sentence; `nil` where the resource exists and nothing is wrong with it, or was not named.
    func text() async throws -> String? {
        guard let name = resource.name, resource.kind != .authority else { return nil }
        let known = try await objects()
        let here = known.filter {
            resource.namespace == nil || resource.kind == .namespace || $0.namespace == resource.namespace
        }
        if here.contains(where: { $0.name == name }) { return try await whyIdle(name) }
        let place = resource.kind == .namespace ? "" : resource.namespace.map { " in namespace \($0)" } ?? ""
        var text = "There is no \(resource.kind.display) \(name)\(place)"
        let names = Set(here.map(\.name)).sorted()
        let note = canaryNote(name, names)
        if let elsewhere = known.first(where: { $0.name == name }) {
            text += "; there is one in namespace \(elsewhere.namespace): use -n \(elsewhere.namespace)."
        } else if names.isEmpty {
            text += ", nor any other that \(server) scrapes: `haldane targets` lists what it does."
        } else {
            let near = note.isEmpty ? Suggestion.nearest(to: name, in: names) : nil
            let question = near.map { "; did you mean \($0)?" } ?? "."
            let more = names.count > Self.listedMax ? ", … (\(names.count) in all)" : ""
            text += question + " Known are " + names.prefix(Self.listedMax).joined(separator: ", ") + more + "."
        }
        return text + note
    }

    /// With Flagger the canary is the target itself, which people who look for `-canary` don't expect.
    private func canaryNote(_ name: String, _ names: [String]) -> String {
        let stem = String(name.dropLast(Self.canarySuffix.count))
        guard resource.kind != .service, name.hasSuffix(Self.canarySuffix), names.contains(stem) else { return "" }
        return
            " With Flagger the canary is the \(resource.kind.display) \(stem) itself, and \(name) is only a Service: "
            + "ask for \(resource.kind.short)/\(stem)."
    }

    private func whyIdle(_ name: String) async throws -> String? {
        guard resource.kind != .service else { return nil }
        let namespace = resource.namespace.map { ", namespace=\(GoQuote.quoted($0))" } ?? ""
        let states = try await ask("up{\(resource.kind.label)=\(GoQuote.quoted(name))\(namespace)}")
        let isDown =
            !states.isEmpty && states.allSatisfy { if case .float(let up) = $0.value { up == 0 } else { true } }
        guard isDown else { return nil }
        return "\(resource.kind.display) \(name) is known, and none of its targets can be scraped: "
            + "`haldane targets --down` says why."
    }

    /// What there is of the kind, with its namespace.
    private func objects() async throws -> [(namespace: String, name: String)] {
        let isService = resource.kind == .service
        let label = isService ? resource.kind.destinationLabel : resource.kind.label
        let space = isService ? "dst_namespace" : "namespace"
        let metric = isService ? #"response_total{direction="outbound", "# : "up{"
        return try await ask(#"count(\#(metric)\#(label)!=""}) by (\#(space), \#(label))"#).map {
            ($0.labels[space], $0.labels[label])
        }
    }
}
