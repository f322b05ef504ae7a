import ArgumentParser
import Console
import Model
import PrometheusAPI

/// `haldane stat deploy -n NAMESPACE`
package struct StatCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stat",
        abstract: "Success rate, requests and latency per workload, as `linkerd viz stat` shows them.",
        discussion: """
            Types: deploy, po, sts, ds, rs, rc, job, cj, ns, svc, au. As with viz, kubelet probes and scrapes count: \
            an idle meshed pod shows about 0.3rps. MESHED and a pod's STATUS are known to Kubernetes alone and print \
            as `-`; rows are the targets that are scraped.

            Examples:
              haldane stat deploy -n demo
              haldane stat deploy/podinfo-primary -n demo -t 5m -o wide
              haldane stat -n test deploy --from deploy/load -w
              haldane stat po -n test --from deploy/load
              haldane stat po -n test --to svc/podinfo-canary
              haldane stat ns
            """)

    @Argument(help: ArgumentHelp("TYPE, TYPE NAME... or TYPE/NAME...", valueName: "resource"))
    var resources: [String]

    @Option(name: .shortAndLong, help: "Namespace of the resources.")
    var namespace: String?

    @Flag(name: [.customShort("A"), .long], help: "All namespaces.")
    var allNamespaces = false

    @Option(help: ArgumentHelp("Traffic from this client, as its own proxy sees it.", valueName: "resource"))
    var from: String?

    @Option(help: ArgumentHelp("Namespace of --from. Default: that of the resources.", valueName: "namespace"))
    var fromNamespace: String?

    @Option(help: ArgumentHelp("Traffic of the resources to this server.", valueName: "resource"))
    var to: String?

    @Option(help: ArgumentHelp("Namespace of --to. Default: that of the resources.", valueName: "namespace"))
    var toNamespace: String?

    @OptionGroup var traffic: TrafficOptions

    @Option(name: [.customShort("o", allowingJoined: true), .long], help: "table, wide or json.")
    var output: TrafficOutputFormat = .table

    func run() async throws {
        let queries = try queries()
        let table = StatTable(
            seconds: try StatWindow(traffic.timeWindow).seconds, wide: output == .wide, allNamespaces: allNamespaces,
            width: Terminal.foldWidth)
        let source = try StatSource(traffic.server)
        try await Watch.show(again: traffic.watch, isData: output == .json, asking: source.client.server) {
            var rows: [StatRow] = []
            for query in queries {
                for row in try await StatReport.rows(query, wide: output != .table, ask: source.ask)
                where !rows.contains(where: {
                    $0.kind == row.kind && $0.name == row.name && $0.namespace == row.namespace
                }) {
                    rows.append(row)
                }
            }
            if output == .json { return Screen(lines: [String(decoding: table.json(rows), as: UTF8.self)]) }
            guard rows.contains(where: \.hasTraffic) || rows.count > 1 else {
                let asked = queries.flatMap(\.named)
                let reason = try await source.nothingFound(asked, in: effectiveNamespace, allowsAll: true)
                return Screen(lines: rows.isEmpty ? [] : table.lines(rows), message: reason)
            }
            return Screen(lines: table.lines(rows))
        }
    }

    /// kubectl's default namespace where none is named.
    private var effectiveNamespace: String? { allNamespaces ? nil : namespace ?? "default" }

    /// A query per resource. What excludes each other is bad input.
    func queries() throws -> [StatQuery] {
        guard !allNamespaces || namespace == nil else {
            throw CommandError.badInput("-A and -n exclude each other")
        }
        guard from == nil || to == nil else { throw CommandError.badInput("--from and --to exclude each other") }
        let window = try StatWindow(traffic.timeWindow).text
        let own = effectiveNamespace
        var peer = StatQuery.Peer.none
        if let from {
            let client = try StatResource(parsing: from, namespace: fromNamespace ?? own)
            guard ![.service, .authority].contains(client.kind) else {
                throw CommandError.badInput(
                    "--from \(from): a \(client.kind.rawValue) sends nothing; name a workload such as deploy/load")
            }
            peer = .from(client)
        }
        if let to { peer = .to(try StatResource(parsing: to, namespace: toNamespace ?? own)) }
        return try StatResource.list(resources, namespace: own).map { resource in
            if case .to = peer, [.service, .authority].contains(resource.kind) {
                throw CommandError.badInput(
                    "\(resource.kind.rawValue) with --to: a \(resource.kind.rawValue) sends nothing; "
                        + "show the clients with `haldane stat deploy --to svc/NAME`")
            }
            return StatQuery(resource: resource, peer: peer, window: window)
        }
    }
}
