import Model
import Server
import Testing

@Suite("Routes about targets") struct TargetRouteTests {
    /// One target and what a scraper says around it.
    private struct FixedTargets: TargetStatusSource {
        func targets() -> [TargetStatus] {
            var status = TargetStatus(
                job: "j", url: "http://a:1/metrics", discoveredLabels: ["__address__": "a:1"], labels: ["job": "j"],
                interval: 1000, timeout: 500)
            status.health = .down
            status.lastError = "body size limit exceeded"
            return [status]
        }
        func metadata() -> [ExactText: [MetricMetadata]] { [:] }
        func droppedTargets() -> DroppedTargets {
            var dropped = DroppedTargets()
            dropped.shown = [DroppedTarget(job: "j", discoveredLabels: ["__address__": "b:1"])]
            dropped.counts = ["j": 5]
            return dropped
        }
        func counts() -> ScrapeCounts {
            var counts = ScrapeCounts()
            counts.scrapes = ["ok": 3, "limit_exceeded": 2]
            counts.duplicateSamples = 7
            return counts
        }
    }

    private func ask(_ path: String, _ parameters: [(name: String, value: String)] = []) async -> String {
        var context = RouteTests.context()
        context.targets = FixedTargets()
        let routes = APIRoutes.table(context)
        let answer = await routes.respond(to: APIRequest(path: path, parameters: QueryParameters(parameters)))
        return String(decoding: answer.body, as: UTF8.self)
    }

    private static let dropped =
        #""droppedTargets":[{"discoveredLabels":{"__address__":"b:1"},"scrapePool":"j"}],"droppedTargetCounts":{"j":5}"#
    private static let none = #""droppedTargets":[],"droppedTargetCounts":{}"#

    @Test("dropped targets are shown with their number, unless only active ones are asked for")
    func droppedTargets() async {
        #expect(await ask("/api/v1/targets").contains(Self.dropped))
        #expect(await ask("/api/v1/targets", [("state", "dropped")]).contains(Self.dropped))
        #expect(await ask("/api/v1/targets", [("state", "dropped")]).contains(#""activeTargets":[]"#))
        #expect(await ask("/api/v1/targets", [("state", "active")]).contains(Self.none))
        #expect(await ask("/api/v1/targets", [("scrapePool", "other")]).contains(Self.none))
        #expect(await ask("/api/v1/targets").contains(#""lastError":"body size limit exceeded""#))
    }

    @Test("the own metrics count scrapes by how they ended") func counters() async {
        let text = await ask("/metrics")
        for line in [
            "haldane_scrapes_total{outcome=\"ok\"} 3", "haldane_scrapes_total{outcome=\"limit_exceeded\"} 2",
            "haldane_scrape_duplicate_samples_total 7", "haldane_scrapes_resting_total 0",
        ] {
            #expect(text.contains(line + "\n"), "\(line)")
        }
    }
}
