import Model
import Scrape
import Testing

@Suite("Targets")
struct TargetBuilderTests {
    @Test("take URL, labels and times from labels after relabelling")
    func full() throws {
        var job = ScrapeJob(name: "j")
        job.metricsPath = "/probe"
        job.parameters = ["module": ["http 2xx", "second"], "a": ["&"]]
        job.relabelRules = [
            try RelabelRule(sourceLabels: ["__address__"], targetLabel: "__param_target"),
            try RelabelRule(targetLabel: "__address__", replacement: "prober:9115"),
            try RelabelRule(targetLabel: "__scrape_interval__", replacement: "5s"),
            try RelabelRule(targetLabel: "__scrape_timeout__", replacement: "1500ms"),
        ]
        let group = TargetGroup(addresses: ["web:80"], labels: ["env": "prod"])
        guard case .target(let target) = TargetBuilder.build([group], for: job).first else {
            Issue.record("no target")
            return
        }
        #expect(
            target.url.description == "http://prober:9115/probe?a=%26&module=http+2xx&module=second&target=web%3A80")
        #expect(target.labels == ["env": "prod", "job": "j", "instance": "prober:9115"])
        #expect(target.interval == 5000)
        #expect(target.timeout == 1500)
        #expect(target.discoveredLabels["__address__"] == "web:80")
    }

    @Test(
        "are refused for a reason",
        arguments: [
            ("__address__", "", "no address"), ("__address__", "a/b", "not a valid hostname"),
            ("__scheme__", "gopher", "invalid scheme"), ("__scrape_timeout__", "2m", "cannot be greater"),
            ("__scrape_interval__", "0s", "cannot be 0"), ("__scrape_interval__", "soon", "duration"),
            ("__address__", "host:99999", "not a valid address"),
            ("__address__", "user:PW@host:1", "\"host:1\" with user or password before an @ is not a valid hostname"),
            ("__address__", "http://user:PW@host:1", "is not a valid hostname"),
        ])
    func invalid(label: String, value: String, reason: String) throws {
        var job = ScrapeJob(name: "j")
        job.relabelRules = [try RelabelRule(targetLabel: label, replacement: value)]
        guard case .invalid(_, let found) = TargetBuilder.build(["__address__": "h:1"], for: job) else {
            Issue.record("not refused")
            return
        }
        #expect(found.contains(reason) && !found.contains("PW"), "\(found)")
    }

    @Test("are dropped by relabelling with their labels kept for showing")
    func dropped() throws {
        var job = ScrapeJob(name: "j")
        job.relabelRules = [try RelabelRule(.drop, sourceLabels: ["__address__"], pattern: ".*")]
        guard case .dropped(let labels) = TargetBuilder.build(["__address__": "h:1"], for: job) else {
            Issue.record("not dropped")
            return
        }
        #expect(labels["__metrics_path__"] == "/metrics")
    }

    @Test(
        "know host and port",
        arguments: [
            ("h:9", "h", 9), ("h", "h", 80), ("[::1]:8080", "::1", 8080), ("[fe80::1]", "fe80::1", 80),
        ])
    func addresses(address: String, host: String, port: Int) {
        let url = TargetURL(scheme: .http, address: address, pathAndQuery: "/")
        #expect(url.hostAndPort?.host == host)
        #expect(url.hostAndPort?.port == port)
    }
}

@Suite("The schedule")
struct ScrapeScheduleTests {
    @Test("spreads targets over the interval and keeps their offsets")
    func offsets() {
        var seen: Set<Milliseconds> = []
        for number in 0..<200 {
            let key = GroupKey(job: "j", target: "http://10.0.0.\(number):4191/metrics")
            let schedule = ScrapeSchedule(interval: 1000, key: key)
            #expect(schedule == ScrapeSchedule(interval: 1000, key: key))
            #expect((0..<1000).contains(schedule.offset))
            seen.insert(schedule.offset / 100)
            for now: Timestamp in [-5, 0, 1, 999, 1000, 1_700_000_000_123] {
                let next = schedule.next(after: now)
                #expect(next > now && next <= now + 1000)
                #expect((next - schedule.offset) % 1000 == 0)
                #expect(schedule.next(after: next) == next + 1000)
            }
        }
        #expect(seen.count == 10)
    }

    @Test("snaps a start to the grid within min(2 ms, interval/100)")
    func snapping() {
        let slow = ScrapeSchedule(interval: 10_000, key: GroupKey(job: "j", target: "t"))
        let grid = slow.next(after: 1_000_000)
        for (shift, snapped) in [(-3, -3), (-2, 0), (0, 0), (2, 0), (3, 3)] as [(Timestamp, Timestamp)] {
            #expect(slow.sampleTime(began: grid + shift) == grid + snapped)
        }
        let fast = ScrapeSchedule(interval: 100, key: GroupKey(job: "j", target: "t"))
        let fastGrid = fast.next(after: 1_000_000)
        #expect(fast.sampleTime(began: fastGrid + 1) == fastGrid)
        #expect(fast.sampleTime(began: fastGrid + 2) == fastGrid + 2)
    }
}
