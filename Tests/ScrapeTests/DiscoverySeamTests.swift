import Foundation
import Model
import Scrape
import Synchronization
import Testing

/// A sink that only notes what it is handed.
private final class NotedTargets: TargetSink {
    private let found = Mutex<[String: [String]]>([:])

    func setGroups(_ groups: [TargetGroup], ofJob job: String, from discovery: String) {
        found.withLock { $0["\(job) \(discovery)"] = groups.flatMap(\.addresses) }
    }

    /// Addresses by job and discovery.
    var addresses: [String: [String]] { found.withLock { $0 } }
}

/// A discovery that is told what it finds.
private final class FixedDiscovery: TargetDiscovery {
    private let name: String
    private let sink: any TargetSink
    private let runs = Atomic<Int>(0)

    init(_ name: String, _ sink: any TargetSink) {
        self.name = name
        self.sink = sink
    }

    func apply(_ configuration: ScrapeConfiguration) {
        for job in configuration.jobs {
            sink.setGroups([TargetGroup(addresses: ["\(name):1"])], ofJob: job.name, from: name)
        }
    }

    func run() async { runs.add(1, ordering: .relaxed) }

    func problems() -> [String] { ["\(name) ran \(runs.load(ordering: .relaxed)) times"] }
}

@Suite("Discoveries and their sink")
struct DiscoverySeamTests {
    private static func configuration(_ job: ScrapeJob) -> ScrapeConfiguration {
        var configuration = ScrapeConfiguration()
        configuration.jobs = [job]
        return configuration
    }

    @Test("a list of discoveries is one discovery: each gets the configuration, each runs, all problems come back")
    func list() async {
        let sink = NotedTargets()
        let list = DiscoveryList([FixedDiscovery("a", sink), FixedDiscovery("b", sink)])
        list.apply(Self.configuration(ScrapeBench.job([])))
        #expect(sink.addresses == ["j a": ["a:1"], "j b": ["b:1"]])
        await list.run()
        #expect(list.problems() == ["a ran 1 times", "b ran 1 times"])
    }

    @Test("a file discovery needs no scraper, only a sink")
    func fileDiscovery() throws {
        let path = URL.temporaryDirectory.appending(path: "seam-\(UUID().uuidString).json").path
        try Data("[]".utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let sink = NotedTargets()
        let discovery = FileDiscovery(sink: sink, clock: HandClock(at: 0)) { _, _ in
            FileDiscoveryTests.targets(["h:1"])
        }
        discovery.apply(Self.configuration(ScrapeBench.job([]) { $0.targetFiles = [path] }))
        #expect(sink.addresses == ["j file": ["h:1"]])
    }

    @Test("the findings of several discoveries for one job add up, and each replaces only its own")
    func manager() {
        let bench = ScrapeBench()
        bench.apply(ScrapeBench.job([]))
        let addresses = { bench.manager.targets().map { $0.labels["instance"] } }
        bench.manager.setGroups([TargetGroup(addresses: ["a:1"])], ofJob: "j", from: "a")
        bench.manager.setGroups([TargetGroup(addresses: ["b:1"])], ofJob: "j", from: "b")
        bench.manager.setGroups([TargetGroup(addresses: ["x:1"])], ofJob: "unknown", from: "a")
        #expect(addresses() == ["a:1", "b:1"])
        bench.manager.setGroups([], ofJob: "j", from: "a")
        #expect(addresses() == ["b:1"])
    }
}
