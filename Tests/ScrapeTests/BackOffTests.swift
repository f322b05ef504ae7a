import Model
import NIOCore
import Scrape
import TestSupport
import Testing

@Suite("Dead targets")
struct BackOffTests {
    @Test("are asked ever more seldom but go on being down, and are asked at once when somebody wants to know")
    func resting() async throws {
        let dead = DeadPort()
        defer { withExtendedLifetime(dead) {} }
        let bench = ScrapeBench()
        bench.apply(ScrapeBench.job([dead.address]))
        let attempts = { bench.manager.counts().scrapes["connection_failed"] ?? 0 }
        let running = Task { await bench.manager.run() }
        for _ in 0..<10 { await step(bench) }
        #expect(attempts() == 10)
        #expect(bench.manager.counts().restingScrapes == 0)
        for _ in 0..<60 { await step(bench) }
        // After the tenth attempt: 1, 2, 4, 8, 14, 14, 14 scrapes left out, with an attempt after each.
        #expect(attempts() == 10 + 6)
        #expect(bench.manager.counts().restingScrapes == 54)
        let rows = bench.appender.rows
        #expect(rows.count == 70)
        #expect(zip(rows, rows.dropFirst()).allSatisfy { $1.time - $0.time == 1000 })
        #expect(rows.allSatisfy { $0.value("up") == 0 && $0.outcome == .connectionFailed })
        #expect(bench.manager.targets().first?.lastError.contains("connection refused") == true)
        await bench.manager.scrapeNow(matching: [])
        #expect(attempts() == 17)
        running.cancel()
        await running.value
    }

    private func step(_ bench: ScrapeBench) async {
        await bench.clock.waitForSleepers(1)
        bench.clock.advanceToNext()
        await bench.clock.waitForSleepers(1)
    }

    @Test("that come back are scraped at every turn again")
    func returning() async throws {
        let server = try await TestServer.start { _ in .text("a 1\n") }
        let bench = ScrapeBench()
        bench.apply(ScrapeBench.job([server.address]))
        let running = Task { await bench.manager.run() }
        for _ in 0..<30 { await step(bench) }
        #expect(bench.manager.counts().scrapes == ["ok": 30])
        running.cancel()
        await running.value
        await server.stop()
    }

    @Test("scrapes out of turn are made some at a time, and all are made")
    func concurrency() async throws {
        let server = try await TestServer.start { _ in .text("a 1\n") }
        let bench = ScrapeBench()
        bench.apply(ScrapeBench.job((1...150).map { "127.0.0.\($0 % 250 + 1):\(server.port)" }))
        await bench.manager.scrapeNow(matching: [])
        #expect(bench.manager.counts().scrapes.values.reduce(0, +) == 150)
        await server.stop()
    }
}
