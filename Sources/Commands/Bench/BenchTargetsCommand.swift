import ArgumentParser
import Console
import Model
import ServiceLifecycle
import Simulator
import UnixSignals

/// `haldane bench targets`
package struct BenchTargetsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "targets",
        abstract: "Serve the scrape targets of the benchmark.",
        discussion: """
            Prints a scrape configuration that Haldane, Prometheus and VictoriaMetrics read alike. A body is a function \
            of seed, target and second: every scraper sees the same, and gets it as gzip if it asks for that.

            Example:
              haldane bench targets --targets 50 > targets.yaml
              haldane serve --config targets.yaml --in-memory
            """)

    @OptionGroup var workload: WorkloadArguments

    @Option(help: "Address to serve on; port 0 takes a free one.")
    var listen: String = "127.0.0.1:4192"

    @Option(help: "Interval in the printed scrape configuration.")
    var scrapeInterval: String = "1s"

    func run() async throws {
        let address = try ListenAddress(listen)
        let clock = SystemClock()
        let options = try workload.options(start: clock.now())
        let bodies = PreparedBodies(options, compresses: !workload.identity, clock: clock)
        let server: ProxyServer
        do {
            server = try await ProxyServer.listen(host: address.host, port: address.port, bodies: bodies)
        } catch {
            throw address.failure(error)
        }
        let text = address.text(port: server.port)
        let configuration = WorkloadConfiguration(options, address: text, interval: scrapeInterval)
        Terminal.print(configuration.text, terminator: "")
        Terminal.message("listening on http://\(text)")
        let group = ServiceGroup(
            services: [ClosureService { await cancelWhenGracefulShutdown { await bodies.run() } }],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: ServeLog.quiet)
        try await group.run()
        try await server.close()
    }
}

/// What the scrape targets of a benchmark are like.
struct WorkloadArguments: ParsableArguments {
    @Option(help: "Scrape targets, two per Deployment.")
    var targets = 50

    @Option(help: "Series of each target.")
    var series = 1_000

    @Option(help: "Seed of the traffic.")
    var seed: UInt64 = 1

    @Flag(help: "Every 5 s a tenth of the targets replaces one of the pods it calls.")
    var churn = false

    @Flag(help: "Every 7 s a target prints its series in another order.")
    var reorder = false

    @Flag(help: "Every 20 s a target restarts.")
    var restarts = false

    @Flag(help: "Never compress.")
    var identity = false

    /// The workload, from `start` on.
    func options(start: Timestamp) throws -> WorkloadOptions {
        guard (1...2_000).contains(targets), (WorkloadOptions.seriesMin...WorkloadOptions.seriesMax).contains(series)
        else {
            throw CommandError.badInput(
                "wanted --targets 1 to 2000 and --series \(WorkloadOptions.seriesMin) to \(WorkloadOptions.seriesMax)")
        }
        var options = WorkloadOptions(targets: targets, series: series, seed: seed, start: start)
        options.churns = churn
        options.reorders = reorder
        options.restarts = restarts
        return options
    }
}
