import ArgumentParser
import Console
import Model
import ServiceLifecycle
import Simulator
import UnixSignals

/// `haldane proxies`
package struct ProxiesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proxies",
        abstract: "Simulated Linkerd proxies in the real exposition dialect, for demos and tests.",
        discussion: """
            Prints a scrape configuration for `haldane serve --config`. While it runs, POST /fault changes how a \
            workload answers, and GET /ledger tells what really happened.

            Examples:
              haldane proxies > proxies.yaml
              haldane proxies --workload name=podinfo,rps=5,error=0.1%,p99=80ms
              curl 127.0.0.1:4191/fault -d '{"workload": "podinfo", "error": "10%"}'
              curl 127.0.0.1:4191/fault -d '{"workload": "podinfo", "scrape": 403}'
            """)

    @Option(help: "Address to serve on; port 0 takes a free one.")
    var listen: String = "127.0.0.1:4191"

    @Option(help: ArgumentHelp("A workload; may be repeated.", valueName: "name=...,rps=...,error=...,p99=..."))
    var workload: [String] = []

    @Option(help: "Seed of the traffic.")
    var seed: UInt64 = 1

    @Option(help: "Interval in the printed scrape configuration.")
    var scrapeInterval: String = "1s"

    func run() async throws {
        let address = try ListenAddress(listen)
        let texts = workload.isEmpty ? ["name=podinfo-primary,rps=50", "name=podinfo,rps=5"] : workload
        let options: [WorkloadOption]
        do { options = try texts.map { try WorkloadOption(parsing: $0) } } catch {
            throw CommandError.badInput("--workload: \(error)")
        }
        let clock = SystemClock()
        let fleet = ProxyFleet(workloads: options, seed: seed, start: clock.now())
        let server: ProxyServer
        do {
            server = try await ProxyServer.listen(host: address.host, port: address.port, fleet: fleet, clock: clock)
        } catch {
            throw address.failure(error)
        }
        Terminal.print(configuration(fleet, address.text(port: server.port)))
        Terminal.message("listening on http://\(address.text(port: server.port))")
        let group = ServiceGroup(
            services: [ClosureService { try await gracefulShutdown() }],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: ServeLog.quiet)
        try await group.run()
        try await server.close()
    }

    /// A scrape configuration for these proxies, with the labels that Linkerd's own gives them.
    private func configuration(_ fleet: ProxyFleet, _ address: String) -> String {
        var lines = [
            "scrape_configs:", "- job_name: linkerd-proxy", "  scrape_interval: \(scrapeInterval)",
            "  scrape_timeout: \(scrapeInterval)", "  static_configs:",
        ]
        for pod in fleet.pods {
            lines.append("  - targets: [\"\(address)\"]")
            lines.append("    labels:")
            lines.append("      __metrics_path__: \(ProxyServer.metricsPath(of: pod.name))")
            lines.append("      instance: \(pod.ip):4191")
            for label in pod.targetLabels { lines.append("      \(label.name): \"\(label.value)\"") }
        }
        return lines.joined(separator: "\n")
    }
}
