import Model
import Testing

@testable import Simulator

@Suite("Simulated traffic")
struct TrafficModelTests {
    @Test("The counters of a server's proxy are what the ledger says", arguments: [1, 2, 3] as [UInt64])
    func inboundAgrees(_ seed: UInt64) throws {
        var scene = TwoBackends(seed: seed)
        scene.model.advance(to: TwoBackends.start + 90_000)
        for pod in [scene.primary, scene.canary] {
            let entry = try #require(scene.model.ledger.totals[pod.workload])
            let body = try scene.body(of: pod)
            let port = ["target_port": "9898"]
            #expect(entry.responseCount > 50)
            #expect(body.sum("request_total", port) == Double(entry.requests - entry.unanswered))
            for (status, count) in entry.responses {
                let labels = ["target_port": "9898", "status_code": "\(status)"]
                #expect(body.sum("response_total", labels) == Double(count))
                #expect(body.sum("inbound_http_statuses_total", ["status": "\(status)"]) == Double(count))
            }
            #expect(
                body.sum("response_total", ["target_port": "9898", "classification": "failure"])
                    == Double(entry.failures))
            #expect(body.sum("response_latency_ms_sum", port) == Double(entry.latencySum))
            for bound in LatencyHistogram.bounds {
                let below = entry.latencies.filter { $0.key <= bound }.values.reduce(0, +)
                let labels = ["target_port": "9898", "le": "\(bound)"]
                #expect(body.sum("response_latency_ms_bucket", labels) == Double(below))
            }
        }
    }

    @Test("The counters of the client's proxy are what the ledger says, lost requests included")
    func outboundAgrees() throws {
        var scene = TwoBackends(seed: 11)
        scene.model.advance(to: TwoBackends.start + 30_000)
        scene.model.setPods([], of: "podinfo")
        scene.model.advance(to: TwoBackends.start + 60_000)
        let body = try scene.body(of: scene.load)
        for (service, workload) in [("podinfo-primary", "podinfo-primary"), ("podinfo-canary", "podinfo")] {
            let entry = try #require(scene.model.ledger.totals[workload])
            let backend = ["backend_name": service]
            #expect(body.sum("outbound_http_route_backend_requests_total", backend) == Double(entry.requests))
            let statuses = "outbound_http_route_backend_response_statuses_total"
            #expect(body.sum(statuses, backend) == Double(entry.responseCount + entry.unanswered))
            #expect(
                body.sum(statuses, ["backend_name": service, "http_status": ""]) == Double(entry.unanswered))
        }
        #expect(try #require(scene.model.ledger.totals["podinfo"]).unanswered > 20)
    }

    @Test("The same seed gives the same bodies, however time is cut into pieces")
    func deterministic() throws {
        func run(step: Milliseconds) -> (TrafficModel, [UInt8]?) {
            var scene = TwoBackends(seed: 42)
            var time = TwoBackends.start
            while time < TwoBackends.start + 60_000 {
                time = min(time + step, TwoBackends.start + 60_000)
                scene.model.advance(to: time)
            }
            let body = scene.model.scrape(scene.primary.name)
            return (scene.model, body)
        }
        let (first, body) = run(step: 60_000)
        for step in [1, 7, 333, 10_000] as [Milliseconds] {
            let (other, otherBody) = run(step: step)
            #expect(other.ledger == first.ledger)
            #expect(otherBody == body)
        }
        var another = TwoBackends(seed: 43)
        another.model.advance(to: TwoBackends.start + 60_000)
        #expect(another.model.ledger != first.ledger)
    }

    @Test("Rate, errors, latency and split are those that were asked for")
    func figures() throws {
        var scene = TwoBackends(seed: 5, rate: 200, errorRate: 0.1)
        scene.model.advance(to: TwoBackends.start + 300_000)
        let primary = try #require(scene.model.ledger.totals["podinfo-primary"])
        let canary = try #require(scene.model.ledger.totals["podinfo"])
        let all = Double(primary.requests + canary.requests)
        #expect(abs(all / 300 - 200) < 5)
        #expect(abs(Double(canary.requests) / all - 0.1) < 0.01)
        #expect(abs(try #require(primary.successRate) - 90) < 1)
        #expect(abs(Double(try #require(primary.latency(quantile: 0.99))) - 80) < 8)
    }

    @Test("Changing weights changes where requests go and not which requests there are")
    func weights() {
        var left = TwoBackends(seed: 9)
        var right = TwoBackends(seed: 9)
        right.model.setWeights(["podinfo-primary": 0, "podinfo-canary": 100], of: "podinfo")
        left.model.advance(to: TwoBackends.start + 60_000)
        right.model.advance(to: TwoBackends.start + 60_000)
        let count = { (ledger: Ledger) in ledger.totals.values.reduce(0) { $0 + $1.requests } }
        #expect(count(left.model.ledger) == count(right.model.ledger))
        #expect(right.model.ledger.totals["podinfo-primary"] == nil)
    }

    @Test("A pod that is made again starts from zero; its proxy vanishes with it")
    func restarts() throws {
        var scene = TwoBackends(seed: 3)
        scene.model.advance(to: TwoBackends.start + 20_000)
        scene.model.setPods([], of: "podinfo")
        let gone = scene.model.scrape(scene.canary.name)
        #expect(gone == nil)
        scene.model.setPods([scene.canary], of: "podinfo")
        let body = try scene.body(of: scene.canary)
        #expect(body.sum("request_total", ["target_port": "9898"]) == 0)
    }

    @Test("A pod that leaves in good order answers what it has; a killed one doesn't", arguments: [true, false])
    func leaves(_ killing: Bool) throws {
        var scene = TwoBackends(seed: 3, rate: 200)
        scene.model.setProfile(WorkloadProfile(p99: 5_000), of: "podinfo")
        scene.model.advance(to: TwoBackends.start + 20_000)
        scene.model.setWeights(["podinfo-canary": 0], of: "podinfo")
        let before = try #require(scene.model.ledger.totals["podinfo"])
        let running = before.requests - before.responseCount - before.unanswered
        scene.model.setPods([], of: "podinfo", killing: killing)
        scene.model.advance(to: TwoBackends.start + 60_000)
        let after = try #require(scene.model.ledger.totals["podinfo"])
        #expect(running > 5)
        #expect(after.requests == before.requests)
        #expect(after.unanswered - before.unanswered == (killing ? running : 0))
        #expect(after.responseCount + after.unanswered == after.requests)
    }

    @Test("Probes on the admin port are refused until the pod is ready")
    func probes() throws {
        var scene = TwoBackends(seed: 3)
        var slow = scene.canary
        slow.readyAt = TwoBackends.start + 15_000
        scene.model.setPods([slow], of: "podinfo")
        scene.model.advance(to: TwoBackends.start + 45_000)
        let body = try scene.body(of: slow)
        let probe = ["target_port": "4191", "route_name": "probe"]
        #expect(body.sum("request_total", probe) == 10)
        #expect(body.sum("response_total", probe.merging(["status_code": "503"]) { $1 }) == 2)
    }

    @Test("The ledger's window is whole seconds, open on the left")
    func ledgerWindow() throws {
        var scene = TwoBackends(seed: 8)
        scene.model.advance(to: TwoBackends.start + 60_000)
        let window = TimeWindow(after: TwoBackends.start, through: TwoBackends.start + 60_000)
        let halves = [
            TimeWindow(after: window.start, through: window.start + 30_000),
            TimeWindow(after: window.start + 30_000, through: window.end),
        ]
        var sum = Ledger.Entry()
        for half in halves { sum.add(scene.model.ledger.entry("podinfo", in: half)) }
        #expect(sum == scene.model.ledger.entry("podinfo", in: window))
        #expect(sum.requests > 100)
    }
}
