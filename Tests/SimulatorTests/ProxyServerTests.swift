import Foundation
import Model
import TestSupport
import Testing

@testable import Simulator

@Suite("The proxies' server")
struct ProxyServerTests {
    private func responder() throws -> (ProxyResponder, ProxyFleet, ManualClock) {
        let clock = ManualClock(at: 1_000_000)
        let fleet = ProxyFleet(
            workloads: [try WorkloadOption(parsing: "name=podinfo,rps=100")], seed: 1, start: clock.now())
        return (ProxyResponder(fleet: fleet, clock: clock), fleet, clock)
    }

    private func text(_ response: ProxyResponder.Response) -> String { String(decoding: response.body, as: UTF8.self) }

    @Test("Metrics, targets and ledger are served; unknown things are refused in words")
    func routes() throws {
        let (responder, fleet, clock) = try responder()
        clock.advance(by: 10_000)
        let pod = try #require(fleet.pods.first { $0.workload == "podinfo" })
        let metrics = responder.respond(method: "GET", uri: "/proxies/\(pod.name)/metrics", body: [])
        #expect(metrics.status == 200)
        #expect(metrics.contentType == "text/plain")
        #expect(try NaiveExposition(metrics.body).sum("request_total", ["target_port": "9898"]) > 500)
        let targets = responder.respond(method: "GET", uri: "/targets", host: "127.0.0.1:1234", body: [])
        #expect(text(targets).contains("\"deployment\" : \"podinfo\""))
        #expect(text(targets).contains("\"127.0.0.1:1234\""))
        let ledger = responder.respond(method: "GET", uri: "/ledger?seconds=1", body: [])
        #expect(text(ledger).contains("\"1000\""))
        #expect(responder.respond(method: "GET", uri: "/proxies/x/metrics", body: []).status == 404)
        #expect(responder.respond(method: "GET", uri: "/nothing", body: []).status == 404)
        #expect(responder.respond(method: "DELETE", uri: "/nothing", body: []).status == 405)
        #expect(responder.respond(method: "GET", uri: "/fault", body: []).status == 405)
    }

    @Test("A fault changes what happens from now on")
    func faults() throws {
        let (responder, fleet, clock) = try responder()
        clock.advance(by: 30_000)
        let body = Array(#"{"workload": "podinfo", "error": "50%", "p99": "900ms"}"#.utf8)
        #expect(responder.respond(method: "POST", uri: "/fault", body: body).status == 200)
        clock.advance(by: 30_000)
        fleet.advance(to: clock.now())
        let before = fleet.ledger.entry("podinfo", in: TimeWindow(after: 1_000_000, through: 1_030_000))
        let after = fleet.ledger.entry("podinfo", in: TimeWindow(after: 1_030_000, through: 1_060_000))
        #expect(try #require(before.successRate) > 99.5)
        #expect(try #require(after.successRate) < 55)
        #expect(try #require(after.latency(quantile: 0.99)) > 600)
        for wrong in ["", "[]", #"{"error": 1}"#, #"{"workload": "podinfo", "error": "x"}"#] {
            #expect(responder.respond(method: "POST", uri: "/fault", body: Array(wrong.utf8)).status == 400)
        }
        let unknown = Array(#"{"workload": "nobody", "error": 0.5}"#.utf8)
        #expect(responder.respond(method: "POST", uri: "/fault", body: unknown).status == 404)
    }

    @Test("A refused scrape has the status that was asked for, until it is 200 again")
    func refusal() throws {
        let (responder, fleet, _) = try responder()
        let pod = try #require(fleet.pods.first { $0.workload == "podinfo" })
        let other = try #require(fleet.pods.first { $0.workload != "podinfo" })
        func status(of pod: SimulatedPod) -> Int {
            responder.respond(method: "GET", uri: ProxyServer.metricsPath(of: pod.name), body: []).status
        }
        for wanted in [403, 503, 200] {
            let body = Array(#"{"workload": "podinfo", "scrape": \#(wanted)}"#.utf8)
            #expect(responder.respond(method: "POST", uri: "/fault", body: body).status == 200)
            #expect(status(of: pod) == wanted && status(of: other) == 200)
        }
        let wrong = Array(#"{"workload": "podinfo", "scrape": 7}"#.utf8)
        #expect(responder.respond(method: "POST", uri: "/fault", body: wrong).status == 400)
    }

    @Test("Over a real socket")
    func socket() async throws {
        let clock = ScaledClock(start: 1_000_000, speed: 50)
        let fleet = ProxyFleet(
            workloads: [try WorkloadOption(parsing: "name=podinfo,rps=100")], seed: 1, start: clock.now())
        let server = try await ProxyServer.listen(fleet: fleet, clock: clock)
        defer { Task { try? await server.close() } }
        try await clock.sleep(until: 1_010_000)
        let pod = try #require(fleet.pods.first { $0.workload == "podinfo" })
        let base = "http://127.0.0.1:\(server.port)"
        let answer = try await HTTP.send(base + ProxyServer.metricsPath(of: pod.name), "GET")
        #expect(answer.status == 200)
        let body = try NaiveExposition([UInt8](answer.body))
        #expect(body.lastLine == "# EOF")
        #expect(body.sum("request_total", ["target_port": "9898"]) > 500)
    }
}
