import ArgumentParser
import Console
import Foundation
import Model
import PromQL
import TestSupport
import Testing

@testable import Commands

/// The tables of traffic, from counters that are known exactly: queries by the real engine over a naive store.
@Suite("Tables of traffic") struct StatTests {
    private static let now: Timestamp = 600_000

    /// Scrapes every 10 s of counters that rise evenly from 0 at time 0.
    private static let store: ArrayStore = {
        let store = ArrayStore()
        func counter(_ name: String, _ labels: [String: String], perSecond rate: Double) {
            for second in stride(from: 0, through: 600, by: 10) {
                store.add(
                    Labels(labels.merging(["__name__": name]) { $1 }), Timestamp(second) * 1000, rate * Double(second))
            }
        }
        func gauge(_ name: String, _ labels: [String: String], _ value: Double) {
            store.add(Labels(labels.merging(["__name__": name]) { $1 }), now, value)
        }
        for (name, namespace) in [("podinfo", "test"), ("podinfo-primary", "test"), ("idle", "test"), ("web", "prod")] {
            gauge("up", ["namespace": namespace, "deployment": name, "pod": "\(name)-1"], 1)
        }
        for (name, namespace, good, bad) in [
            ("podinfo", "test", 9.5, 0.5), ("podinfo-primary", "test", 20, 0), ("web", "prod", 1, 0),
        ] {
            let own = ["namespace": namespace, "deployment": name, "pod": "\(name)-1", "direction": "inbound"]
            let tls = own.merging(["tls": "true"]) { $1 }
            counter("response_total", tls.merging(["classification": "success"]) { $1 }, perSecond: good)
            if bad > 0 { counter("response_total", tls.merging(["classification": "failure"]) { $1 }, perSecond: bad) }
            // All but a hundredth within 4 ms, all within 5 ms: quantiles are 2, 4 (rounded up) and 4 ms.
            for (bound, share) in [("4.0", 0.99), ("5.0", 1.0), ("+Inf", 1.0)] {
                counter(
                    "response_latency_ms_bucket", tls.merging(["le": bound]) { $1 }, perSecond: share * (good + bad))
            }
            gauge("tcp_open_connections", tls.merging(["peer": "src"]) { $1 }, 3)
            counter("tcp_read_bytes_total", tls.merging(["peer": "src"]) { $1 }, perSecond: 2000)
            counter("tcp_write_bytes_total", tls.merging(["peer": "src"]) { $1 }, perSecond: 500)
        }
        for (server, rate) in [("podinfo", 2.0), ("podinfo-primary", 18.0)] {
            let call = [
                "namespace": "test", "deployment": "load", "pod": "load-1", "direction": "outbound",
                "dst_namespace": "test", "dst_deployment": server, "dst_pod": "\(server)-1", "dst_service": server,
                "authority": "\(server).test.svc.cluster.local:9898", "classification": "success",
            ]
            counter("response_total", call, perSecond: rate)
        }
        let route = [
            "namespace": "test", "deployment": "podinfo", "direction": "inbound",
            "dst": "podinfo.test.svc.cluster.local:9898",
        ]
        for (name, outcome, rate) in [("GET /token", "success", 4.0), ("GET /token", "failure", 1), ("", "success", 2)]
        {
            counter(
                "route_response_total", route.merging(["rt_route": name, "classification": outcome]) { $1 },
                perSecond: rate)
        }
        return store
    }()

    private static func ask(_ query: String) async throws -> [VectorElement] {
        let engine = Engine()
        let result = try engine.instant(try engine.prepare(query), at: now, on: store)
        guard case .vector(let elements) = result.value else { return [] }
        return elements
    }

    private func lines(_ arguments: String) async throws -> [String] {
        let command = try StatCommand.parse(arguments.split(separator: " ").map(String.init))
        var rows: [StatRow] = []
        for query in try command.queries() {
            rows += try await StatReport.rows(query, wide: true, ask: Self.ask)
        }
        let table = StatTable(
            seconds: try StatWindow(command.traffic.timeWindow).seconds, wide: command.output == .wide,
            allNamespaces: command.allNamespaces)
        return table.lines(rows)
    }

    @Test("the table of viz: success, rounded rates, whole milliseconds, a row without traffic") func deployments()
        async throws
    {
        #expect(
            try await lines("deploy -n test") == [
                "NAME              MESHED   SUCCESS       RPS   LATENCY_P50   LATENCY_P95   LATENCY_P99   TCP_CONN",
                "idle                   -         -         -             -             -             -          -",
                "podinfo                -    95.00%   10.0rps           2ms           4ms           4ms          3",
                "podinfo-primary        -   100.00%   20.0rps           2ms           4ms           4ms          3",
            ])
    }

    @Test("one workload, another window, bytes") func wide() async throws {
        #expect(
            try await lines("deploy/podinfo -n test -t 5m -o wide") == [
                "NAME      MESHED   SUCCESS       RPS   LATENCY_P50   LATENCY_P95   LATENCY_P99   TCP_CONN   "
                    + "READ_BYTES/SEC   WRITE_BYTES/SEC",
                "podinfo        -    95.00%   10.0rps           2ms           4ms           4ms          3   "
                    + "     2000.0B/s          500.0B/s",
            ])
    }

    @Test("all namespaces have a column; a pod's status is Kubernetes's; mixed kinds have prefixes") func columns()
        async throws
    {
        #expect(
            try await lines("deploy -A").map { $0.split(separator: " ").prefix(3).joined(separator: " ") } == [
                "NAMESPACE NAME MESHED", "prod web -", "test idle -", "test podinfo -", "test podinfo-primary -",
            ])
        #expect(try await lines("po -n test")[0].hasPrefix("NAME                STATUS   MESHED   SUCCESS"))
        #expect(
            try await lines("deploy/podinfo po/podinfo-1 -n test").map { $0.split(separator: " ").first ?? "" } == [
                "NAME", "deploy/podinfo", "", "NAME", "po/podinfo-1",
            ])
        #expect(try await lines("ns").map { $0.split(separator: " ").first ?? "" } == ["NAME", "prod", "test"])
    }

    @Test(
        "what a client sees of each server; what calls a server",
        arguments: [
            ("deploy -n test --from deploy/load", ["podinfo 2.0rps", "podinfo-primary 18.0rps"]),
            ("deploy podinfo -n test --from deploy/load", ["podinfo 2.0rps"]),
            ("po -n test --from deploy/load", ["podinfo-1 2.0rps", "podinfo-primary-1 18.0rps"]),
            ("svc -n test --from deploy/load", ["podinfo 2.0rps", "podinfo-primary 18.0rps"]),
            ("svc/podinfo -n test", ["podinfo 2.0rps"]), ("svc -n prod", []),
            ("deploy -n test --to svc/podinfo", ["load 2.0rps"]),
            ("deploy -n test --to deploy/podinfo-primary", ["load 18.0rps"]),
            ("deploy -n prod --to deploy/podinfo --to-namespace test", []),
            ("deploy -n prod --from deploy/load --from-namespace test", ["podinfo 2.0rps", "podinfo-primary 18.0rps"]),
            (
                "au -n test",
                [
                    "podinfo-primary.test.svc.cluster.local:9898 18.0rps", "podinfo.test.svc.cluster.local:9898 2.0rps",
                ]
            ),
        ])
    func directions(arguments: String, wanted: [String]) async throws {
        let found = try await lines(arguments).dropFirst().map { line in
            let words = line.split(separator: " ")
            return "\(words[0]) \(words.first { $0.hasSuffix("rps") } ?? "")"
        }
        #expect(found == wanted)
    }

    @Test("the queries are those of viz, with latencies over the window") func queries() throws {
        func query(_ arguments: String) throws -> StatQuery {
            try #require(try StatCommand.parse(arguments.split(separator: " ").map(String.init)).queries().first)
        }
        let plain = try query("deploy/web -n test")
        let filter = #"direction="inbound", namespace="test", deployment="web""#
        #expect(
            plain.requests
                == "sum(increase(response_total{\(filter)}[1m])) by (namespace, deployment, classification, tls)")
        #expect(
            plain.latency("0.99") == "histogram_quantile(0.99, sum(rate(response_latency_ms_bucket{\(filter)}[1m])) "
                + "by (le, namespace, deployment))")
        #expect(plain.connections == "sum(tcp_open_connections{\(filter)}) by (namespace, deployment)")
        #expect(
            plain.readBytes
                == #"sum(increase(tcp_read_bytes_total{\#(filter), peer="src"}[1m])) by (namespace, deployment)"#)
        #expect(
            try query("po -n test --from deploy/load").requests
                == #"sum(increase(response_total{direction="outbound", namespace="test", deployment="load", "#
                + #"dst_pod!=""}[1m])) by (dst_namespace, dst_pod, classification, tls)"#)
        #expect(try query("job/x").requests.contains(#"k8s_job="x""#))
        #expect(try query("svc/a.b -n n").requests.contains(#"authority=~"a\\.b\\.n\\.svc\\..*""#))
    }

    @Test(
        "what makes no sense is bad input that says what would",
        arguments: [
            ("pods2", "unknown resource type"), ("ts", "TrafficSplits left Linkerd"), ("deploy/a/b", "TYPE/NAME"),
            ("deploy -A -n test", "-A and -n"), ("deploy --from deploy/a --to deploy/b", "--from and --to"),
            ("deploy --from svc/a", "sends nothing"), ("svc/a --to svc/b", "sends nothing"),
            ("deploy -t 5s", "15s"), ("deploy -t soon", "wanted a duration"),
        ])
    func errors(arguments: String, message: String) throws {
        let command = try StatCommand.parse(arguments.split(separator: " ").map(String.init))
        let error = #expect(throws: CommandError.self) { try command.queries() }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
        #expect(error?.exitCode == 2)
    }

    @Test("the JSON has viz's keys, and null where there is no traffic") func json() async throws {
        let query = StatQuery(resource: StatResource(.deployment, nil, "test"), peer: .none, window: "1m")
        let rows = try await StatReport.rows(query, wide: true, ask: Self.ask)
        let text = String(decoding: StatTable(seconds: 60).json(rows), as: UTF8.self)
        #expect(
            text.hasPrefix(
                #"[{"namespace":"test","kind":"deployment","name":"idle","meshed":"-","success":null,"rps":null,"#))
        #expect(
            text.contains(
                #""name":"podinfo","meshed":"-","success":0.95,"rps":10,"latency_ms_p50":2,"latency_ms_p95":4,"#
                    + #""latency_ms_p99":4,"tcp_open_connections":3,"tcp_read_bytes_rate":2000,"#
                    + #""tcp_write_bytes_rate":500}"#), "\(text)")
    }

    @Test("routes of a ServiceProfile; traffic without a route is the default") func routes() async throws {
        let command = try RoutesCommand.parse(["deploy/podinfo", "-n", "test"])
        let rows = try await RouteReport.rows(try command.queries().profile, ask: Self.ask)
        #expect(
            RouteStatTable(seconds: 60, family: .profile).lines(rows) == [
                "ROUTE        SERVICE   SUCCESS      RPS   LATENCY_P50   LATENCY_P95   LATENCY_P99",
                "GET /token   podinfo    80.00%   5.0rps           0ms           0ms           0ms",
                "[DEFAULT]    podinfo   100.00%   2.0rps           0ms           0ms           0ms",
            ])
        let service = try RoutesCommand.parse(["svc/podinfo", "-n", "test"])
        #expect(try await RouteReport.rows(try service.queries().profile, ask: Self.ask) == rows)
        #expect(try service.queries().inbound == nil)
        let other = try RoutesCommand.parse(["deploy/web", "-n", "prod"])
        #expect(try await RouteReport.rows(try other.queries().profile, ask: Self.ask).isEmpty)
        let inbound = try #require(try other.queries().inbound)
        #expect(try await RouteReport.rows(inbound, ask: Self.ask).map(\.traffic.successes) == [60])
    }
}
