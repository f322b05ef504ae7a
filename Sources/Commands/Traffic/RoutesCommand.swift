import ArgumentParser
import Console
import Model
import PrometheusAPI

/// `haldane routes deploy/NAME -n NAMESPACE`
package struct RoutesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "routes",
        abstract: "Success rate, requests and latency per route, as `linkerd viz routes` shows them.",
        discussion: """
            Routes of ServiceProfiles have metrics of their own. Where there are none, the routes that the workload's \
            proxy matched are shown (HTTPRoutes and policy, as `linkerd viz stat-inbound` does).

            Examples:
              haldane routes deploy/podinfo-primary -n demo
              haldane routes svc/webapp -n test
              haldane routes deploy/load -n test --to svc/podinfo -o wide
            """)

    @Argument(help: ArgumentHelp("TYPE or TYPE/NAME.", valueName: "resource"))
    var resource: String

    @Option(name: .shortAndLong, help: "Namespace of the resource.")
    var namespace: String = "default"

    @Option(help: ArgumentHelp("Calls to this Service, as the resource's own proxies see them.", valueName: "resource"))
    var to: String?

    @Option(help: ArgumentHelp("Namespace of --to. Default: that of the resource.", valueName: "namespace"))
    var toNamespace: String?

    @OptionGroup var traffic: TrafficOptions

    @Option(
        name: [.customShort("o", allowingJoined: true), .long],
        help: "table, wide (with --to: requests before and after retries) or json.")
    var output: TrafficOutputFormat = .table

    func run() async throws {
        let (profile, inbound) = try queries()
        let seconds = try StatWindow(traffic.timeWindow).seconds
        let source = try StatSource(traffic.server)
        try await Watch.show(again: traffic.watch, isData: output == .json, asking: source.client.server) {
            var table = RouteStatTable(
                seconds: seconds, family: .profile, showsActual: to != nil && output != .table,
                width: Terminal.foldWidth)
            var note: String?
            var rows = try await RouteReport.rows(profile, ask: source.ask)
            if rows.isEmpty, let inbound {
                rows = try await RouteReport.rows(inbound, ask: source.ask)
                table.family = .inbound
                if !rows.isEmpty { note = "No ServiceProfile routes; these are the routes of its inbound policy." }
            }
            if output == .json {
                return Screen(lines: [String(decoding: table.json(rows), as: UTF8.self)], message: note)
            }
            guard !rows.isEmpty else {
                let asked = [profile.resource] + [profile.to].compactMap { $0 }
                return Screen(
                    lines: [], message: try await source.nothingFound(asked, in: namespace, allowsAll: false))
            }
            return Screen(lines: table.lines(rows), message: note)
        }
    }

    /// What to ask first, and what when that has no answer.
    func queries() throws -> (profile: RouteQuery, inbound: RouteQuery?) {
        let window = try StatWindow(traffic.timeWindow).text
        let own = try StatResource(parsing: resource, namespace: namespace)
        guard own.kind != .authority else {
            throw CommandError.badInput(
                "\(resource): inbound metrics have no authority since Linkerd 2.18; use svc/NAME")
        }
        var server: StatResource?
        if let to {
            server = try StatResource(parsing: to, namespace: toNamespace ?? namespace)
            guard server?.kind == .service, server?.name != nil, own.kind != .service else {
                throw CommandError.badInput("--to \(to): routes belong to Services; wanted WORKLOAD --to svc/NAME")
            }
        }
        guard output != .wide || to != nil else {
            throw CommandError.badInput(
                "-o wide shows retries, which only the caller knows: it goes with --to svc/NAME")
        }
        let profile = RouteQuery(resource: own, to: server, window: window, family: .profile)
        let hasProxies = own.kind != .service && server == nil
        return (profile, hasProxies ? RouteQuery(resource: own, to: nil, window: window, family: .inbound) : nil)
    }
}
