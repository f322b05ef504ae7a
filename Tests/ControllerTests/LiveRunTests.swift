import Analyzer
import Controller
import Foundation
import Model
import Simulator
import Synchronization
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Something that happens once. URLSession's requests must not be cancelled on Linux, so the scraper is asked to stop.
private final class Flag: Sendable {
    private let state = Mutex(false)

    var isSet: Bool { state.withLock { $0 } }
    func set() { state.withLock { $0 = true } }
}

@Suite("A release in scaled time, scraped over real sockets")
struct LiveRunTests {
    /// Scrapes every target once; the number of bodies that were whole.
    private static func scrape(_ server: ProxyServer, _ fleet: ProxyFleet) async -> Int {
        var whole = 0
        for pod in fleet.pods {
            let path = ProxyServer.metricsPath(of: pod.name)
            guard let url = URL(string: "http://127.0.0.1:\(server.port)\(path)"),
                let (data, _) = try? await URLSession.shared.data(from: url)
            else { continue }
            if String(decoding: data.suffix(6), as: UTF8.self) == "# EOF\n" { whole += 1 }
        }
        return whole
    }

    @Test("Clock, cluster, proxies, server and reconciler work together", .timeLimit(.minutes(2)))
    func release() async throws {
        var scenario = DemoScenario(fault: .none)
        scenario.rate = 20
        let clock = ScaledClock(start: DemoScenario.start, speed: 60)
        let fleet = scenario.makeFleet(clock: clock)
        let cluster = scenario.makeCluster(clock: clock, fleet: fleet)
        let server = try await ProxyServer.listen(fleet: fleet, clock: clock)
        let sink = RecordingSink()
        let reconciler = Reconciler(
            cluster: cluster, hooks: ApprovingHooks(), checks: LedgerChecks(fleet: fleet), events: sink, clock: clock)
        let user = Task { [scenario] in
            for stimulus in scenario.stimuli {
                try await clock.sleep(until: DemoScenario.start + stimulus.after)
                await scenario.apply(stimulus, to: cluster, fleet, at: clock.now())
            }
        }
        let interval = scenario.scrapeInterval
        let done = Flag()
        let scraper = Task {
            var whole = 0
            while !done.isSet {
                whole += await Self.scrape(server, fleet)
                try? await clock.sleep(until: clock.now() + interval)
            }
            return whole
        }
        try await reconciler.run(scenario.canary.reference) { outcome in
            guard case .planned(let plan) = outcome else { return false }
            return ![.succeeded, .failed].contains(plan.status.phase)
                && clock.now() < DemoScenario.start + scenario.limit
        }
        done.set()
        try await user.value
        #expect(await scraper.value > 0)
        #expect(await cluster.snapshot.status.phase == .succeeded)
        #expect(sink.events.last == "Normal Promotion completed! Scaling down podinfo.test")
        try await server.close()
    }
}
