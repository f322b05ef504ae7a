import Console
import Controller
import FlaggerAPI
import Model
import NIOCore
import Rollout
import Scrape
import Simulator
import TSDB

/// Wires simulated proxies, scraper, store, checks and the rollout together and lets a release run to its end.
struct DemoRun {
    /// How the release ended.
    enum Ending {
        case promoted
        case rolledBack
        case undecided
    }

    let scenario: DemoScenario
    let clock: ScaledClock
    let speed: Double

    init(fault: DemoScenario.FaultKind, speed: Double, seed: UInt64) throws {
        var scenario = DemoScenario(fault: fault, canary: try DemoCanary.canary())
        scenario.seed = seed
        self.scenario = scenario
        self.speed = speed
        clock = ScaledClock(start: DemoScenario.start, speed: speed)
    }

    func run() async throws -> Ending {
        let fleet = scenario.makeFleet(clock: clock)
        let cluster = scenario.makeCluster(clock: clock, fleet: fleet)
        let proxies = try await ProxyServer.listen(fleet: fleet, clock: clock)
        let database = Database()
        let pace = ScrapePace(speed: speed, timeoutFloor: .seconds(2))
        let scraper = ScrapeManager(ScrapeEnvironment(appender: database, clock: clock, pace: pace))
        scraper.apply(configuration())
        let printer = DemoPrinter(start: DemoScenario.start)
        introduce(proxies)
        let checks = DemoChecks(database: database, scraper: scraper, printer: printer)
        let reconciler = Reconciler(
            cluster: cluster, hooks: DemoHooks(), checks: checks, events: printer, clock: clock)
        let ending = try await withThrowingTaskGroup(of: Ending?.self) { group in
            group.addTask {
                await scraper.run()
                return nil
            }
            group.addTask { try await discover(fleet, proxies.port, scraper) }
            group.addTask { try await play(cluster, fleet, printer) }
            group.addTask { try await release(reconciler, cluster, checks, printer) }
            defer { group.cancelAll() }
            for try await ending in group { if let ending { return ending } }
            return .undecided
        }
        try await proxies.close()
        return ending
    }

    private func configuration() -> ScrapeConfiguration {
        var job = ScrapeJob(name: "linkerd-proxy")
        job.interval = scenario.scrapeInterval
        job.timeout = scenario.scrapeInterval
        var configuration = ScrapeConfiguration()
        configuration.jobs = [job]
        return configuration
    }

    private func introduce(_ proxies: ProxyServer) {
        let canary = scenario.canary
        let analysis = canary.analysis
        Terminal.print(
            Terminal.styled("Haldane demo", .strong)
                + ": a release of \(canary.reference), judged by its Linkerd proxies")
        Terminal.print(
            "  simulated proxies on \(proxies.host):\(proxies.port), scraped every \(PrometheusDuration.text(scenario.scrapeInterval)); "
                + "clock \(FloatText.shortest(speed)) times faster; seed \(scenario.seed)")
        Terminal.print(
            "  steps of \(analysis?.stepWeight ?? 0) % to \(analysis?.maxWeight ?? 100) %, a check every "
                + "\(PrometheusDuration.text(analysis?.interval ?? 0)), rollback at \(analysis?.threshold ?? 0) failed checks"
        )
        Terminal.print("")
    }

    /// Tells the scraper which pods there are, as a watch on the Kubernetes API would.
    private func discover(_ fleet: ProxyFleet, _ port: Int, _ scraper: ScrapeManager) async throws -> Ending? {
        var known: [SimulatedPod] = []
        while true {
            let pods = fleet.pods
            if pods != known {
                scraper.setGroups(pods.map { DemoTargets.group($0, port: port) }, ofJob: "linkerd-proxy", from: "demo")
                known = pods
            }
            try await clock.sleep(until: clock.now() + 500)
        }
    }

    /// What users and fate do: the new image, the fault.
    private func play(_ cluster: InMemoryCluster, _ fleet: ProxyFleet, _ printer: DemoPrinter) async throws -> Ending? {
        for stimulus in scenario.stimuli {
            try await clock.sleep(until: DemoScenario.start + stimulus.after)
            await scenario.apply(stimulus, to: cluster, fleet, at: clock.now())
            printer.note(stimulus.description, at: clock.now())
        }
        try await clock.sleep(until: DemoScenario.start + scenario.limit)
        return .undecided
    }

    /// Ticks the rollout until it ends.
    private func release(
        _ reconciler: Reconciler, _ cluster: InMemoryCluster, _ checks: DemoChecks, _ printer: DemoPrinter
    ) async throws -> Ending? {
        var ending = Ending.undecided
        let target = scenario.canary.target.name
        try await reconciler.run(scenario.canary.reference) { outcome in
            switch outcome {
            case .planned(let transition):
                if transition.reason == .succeeded { ending = .promoted }
                if transition.reason == .rolledBack { ending = .rolledBack }
                if case .advanced = transition.reason, let weights = await cluster.snapshot.route?.weights {
                    let now = clock.now()
                    printer.weights(
                        weights,
                        requests: (
                            checks.requestRate(of: "\(target)-primary", at: now),
                            checks.requestRate(of: target, at: now)
                        ))
                }
                return ending == .undecided
            case .failed: return true
            case .unsupported, .gone: return false
            }
        }
        return ending
    }
}

/// Simulated pods as scrape targets.
enum DemoTargets {
    /// The group of one pod, with the labels that Linkerd's own scrape configuration gives it.
    static func group(_ pod: SimulatedPod, port: Int) -> TargetGroup {
        var labels = Labels(pod.targetLabels.map { Label($0.name, $0.value) })
        labels["__metrics_path__"] = ProxyServer.metricsPath(of: pod.name)
        labels[LabelName.instance] = "\(pod.ip):4191"
        return TargetGroup(addresses: ["127.0.0.1:\(port)"], labels: labels, source: pod.name)
    }
}
