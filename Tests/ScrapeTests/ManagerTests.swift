import Dispatch
import Model
import NIOCore
import Scrape
import Synchronization
import TestSupport
import Testing

@Suite("Staleness and own times")
struct StalenessTests {
    /// Scrapes one body after the other and gives the rows.
    private func rows(_ bodies: [String], _ change: (inout ScrapeJob) -> Void = { _ in }) async throws -> (
        rows: [FakeAppender.Row], timed: [SeriesSamples]
    ) {
        let next = Mutex(bodies[...])
        let server = try await TestServer.start { _ in .text(next.withLock { $0.popFirst() } ?? "") }
        let bench = ScrapeBench()
        bench.apply(ScrapeBench.job([server.address], change))
        for _ in bodies { await bench.scrape() }
        await server.stop()
        return (bench.appender.rows, bench.appender.state.withLock { $0.timed })
    }

    private func names(_ row: FakeAppender.Row) -> Set<String> {
        Set(row.stale.map { String($0.prefix { $0 != "{" }) })
    }

    @Test("ends a series when it is missing, once")
    func vanishing() async throws {
        let rows = try await rows(["a 1\nb 1\n", "a 2\n", "a 3\n", "b 4\n"]).rows
        #expect(rows.map(names) == [[], ["b"], [], ["a"]])
        #expect(rows.map { $0.value("scrape_series_added") } == [2, 0, 0, 1])
    }

    @Test("a body that is bad ends everything, and good ones begin anew")
    func failing() async throws {
        let rows = try await rows(["a 1\n", "{}\n", "{}\n", "a 2\n"]).rows
        #expect(rows.map(names) == [[], ["a"], [], []])
        #expect(rows.map { $0.value("up") } == [1, 0, 0, 1])
        #expect(rows.map { $0.value("scrape_series_added") } == [1, 0, 0, 1])
        #expect(rows.map(\.outcome) == [.ok, .malformedBody, .malformedBody, .ok])
    }

    @Test("a line with its own time goes to the store by series and is never ended")
    func timestamps() async throws {
        let (rows, timed) = try await rows(["a 1 5000\nb 1\n", "b 2\n", "a 3 7000\na 4 6000\nb 3\n"])
        #expect(rows.map(names) == [[], [], []])
        #expect(rows[0].scraped == ["b": 1])
        #expect(rows[0].value("scrape_samples_scraped") == 2)
        #expect(timed.map(\.times) == [[5000], [6000, 7000]])
        #expect(timed.first?.labels["job"] == "j")
    }

    @Test("own times are ignored where the job says so")
    func ignoredTimestamps() async throws {
        let (rows, timed) = try await rows(["a 1 5000\n", "a 2 5000\n"]) { $0.honorsTimestamps = false }
        #expect(rows.map { $0.scraped["a"] } == [1, 2])
        #expect(timed.isEmpty)
    }

    @Test("a series that changes between both kinds of time is in one place at a time")
    func changingKind() async throws {
        let (rows, timed) = try await rows(["a 1\n", "a 2 5000\n", "a 3\n"])
        #expect(rows.map(names) == [[], ["a"], []])
        #expect(rows.map { $0.scraped["a"] } == [1, nil, 3])
        #expect(timed.count == 1)
    }

    @Test("a line with its own time is ended where the job asks for it")
    func trackedTimestamps() async throws {
        let bodies = ["a 1 5000\nb 1 5000\n", "b 2 6000\n", "{}\n", "b 3 7000\n"]
        let (rows, timed) = try await rows(bodies) { $0.tracksTimestamps = true }
        let ended = timed.filter { series in
            if case .float(let value)? = series.values.first { return value.isStaleMarker }
            return false
        }
        #expect(ended.map(\.labels.metricName) == ["a", "b"])
        // At the times of the rows, which the grid of the target's port may move by 2 ms.
        #expect(ended.flatMap(\.times) == [rows[1].time, rows[2].time])
    }

    @Test("stores timeout, limit and size of the body where the job asks for it")
    func extraMetrics() async throws {
        let server = try await TestServer.start { _ in .text("a 1\n") }
        let bench = ScrapeBench()
        let job = ScrapeBench.job([server.address]) {
            $0.storesExtraMetrics = true
            $0.limits.samples = 7
            $0.timeout = 500
        }
        bench.apply(job)
        let row = try #require(await bench.scrape())
        #expect(row.value("scrape_timeout_seconds") == 0.5)
        #expect(row.value("scrape_sample_limit") == 7)
        #expect(row.value("scrape_body_size_bytes") == 4)
        var strict = job
        strict.limits.bodyBytes = 3
        bench.apply(strict)
        #expect(await bench.scrape()?.value("scrape_body_size_bytes") == -1)
        strict.storesExtraMetrics = false
        bench.apply(strict)
        let without = try #require(await bench.scrape())
        #expect(without.stale.count == 3)
        #expect(await bench.scrape()?.samples.count == 5)
        bench.apply(job)
        #expect(await bench.scrape()?.value("scrape_body_size_bytes") == 4)
        await server.stop()
    }

    @Test("no scrape is lost when the store has closed the target's group", arguments: ["a 1\nb 1\n", "{}\n"])
    func closedGroup(body: String) async throws {
        let next = Mutex(["a 1\n", body, "a 3\n"][...])
        let server = try await TestServer.start { _ in .text(next.withLock { $0.popFirst() } ?? "") }
        let bench = ScrapeBench()
        bench.apply(ScrapeBench.job([server.address]))
        await bench.scrape()
        bench.appender.state.withLock { $0.closesNext = true }
        await bench.scrape()
        let last = try #require(await bench.scrape())
        let isGood = body != "{}\n"
        #expect(bench.appender.rows.map { $0.value("up") } == [1, isGood ? 1 : 0, 1])
        #expect(bench.appender.rows[1].scraped == (isGood ? ["a": 1, "b": 1] : [:]))
        #expect(last.scraped == ["a": 3])
        #expect(names(last) == (isGood ? ["b"] : []))
        await server.stop()
    }

    @Test("the store's limit refuses the series beyond it and no other, and the target says so")
    func storeLimit() async throws {
        let server = try await TestServer.start { _ in .text("a 1\nb 2\n") }
        let bench = ScrapeBench()
        bench.appender.state.withLock { $0.seriesMax = 6 }
        bench.apply(ScrapeBench.job([server.address]))
        let row = await bench.scrape()
        #expect(row?.outcome == .ok)
        #expect(row?.value("up") == 1)
        #expect(row?.scraped == ["a": 1])
        #expect(bench.manager.targets().first?.lastError.contains("limit of 5 series") == true)
        await server.stop()
    }
}

@Suite("The scrape manager")
struct ManagerTests {
    @Test("scrapes on the grid of each target, with nominal times")
    func schedule() async throws {
        let server = try await TestServer.start { _ in .text("a 1\n") }
        let bench = ScrapeBench()
        bench.apply(ScrapeBench.job([server.address]) { $0.parameters = ["x": ["1"]] }, other(server.address))
        let running = Task { await bench.manager.run() }
        for _ in 0..<8 {
            await bench.clock.waitForSleepers(2)
            bench.clock.advanceToNext()
        }
        await bench.clock.waitForSleepers(2)
        let rows = bench.appender.state.withLock { $0.rows }
        #expect(rows.count == 2)
        for (key, rows) in rows {
            #expect(rows.count == 4)
            let schedule = ScrapeSchedule(interval: 1000, key: key)
            for (one, next) in zip(rows, rows.dropFirst()) { #expect(next.time - one.time == 1000) }
            #expect(rows.allSatisfy { ($0.time - schedule.offset) % 1000 == 0 })
        }
        running.cancel()
        await running.value
        #expect(bench.appender.rows.allSatisfy { $0.stale.isEmpty })
        #expect(bench.appender.state.withLock { $0.closed }.isEmpty)
        await server.stop()
    }

    private func other(_ address: String) -> ScrapeJob {
        var job = ScrapeBench.job([address])
        job.name = "other"
        return job
    }

    @Test("a target that says nothing delays no other")
    func isolation() async throws {
        let silent = try await TestServer.start { _ in nil }
        let server = try await TestServer.start { _ in .text("a 1\n") }
        let bench = ScrapeBench(timeoutFloor: .seconds(30))
        bench.apply(ScrapeBench.job([silent.address]), other(server.address))
        let running = Task { await bench.manager.run() }
        await bench.clock.waitForSleepers(2)
        // The silent target never sleeps again, so from here on one sleeper is the good target.
        var good = 0
        while good < 5 {
            bench.clock.advanceToNext()
            await bench.clock.waitForSleepers(1)
            good = bench.appender.rows.count
        }
        #expect(bench.appender.rows.allSatisfy { $0.outcome == .ok })
        running.cancel()
        await running.value
        await silent.stop()
        await server.stop()
    }

    @Test("a scrape out of turn that is under way when its target goes is stored before the end, and none after it")
    func removalDuringScrape() async throws {
        let (asked, go) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let server = try await TestServer.start { _ in
            asked.signal()
            _ = go.wait(timeout: .now() + .seconds(120))
            return .text("a 1\n")
        }
        let bench = ScrapeBench()
        bench.apply(ScrapeBench.job([server.address]))
        let scrape = Task { await bench.manager.scrapeNow(matching: []) }
        #expect(try await Blocking.run { asked.wait(timeout: .now() + .seconds(120)) } == .success)
        bench.apply()
        // Time for an end that does not wait.
        for _ in 0..<200 { await Task.yield() }
        #expect(bench.appender.state.withLock { $0.closed }.isEmpty)
        go.signal()
        await scrape.value
        await bench.manager.waitForEnds()
        let rows = bench.appender.rows
        #expect(rows.count == 2)
        #expect(rows.first?.scraped == ["a": 1])
        #expect(rows.last?.stale.count == 6, "the last row ends everything")
        #expect(bench.appender.state.withLock { $0.closed }.count == 1)
        await server.stop()
    }

    @Test("a target that goes and comes back again and again has one scraper at a time") func flapping() async throws {
        let server = try await TestServer.start { _ in .text("a 1\n") }
        let bench = ScrapeBench()
        let running = Task { await bench.manager.run() }
        let job = ScrapeBench.job([server.address])
        for _ in 0..<30 {
            bench.apply(job)
            async let scrape: Void = bench.manager.scrapeNow(matching: [])
            bench.apply()
            bench.apply(job)
            await scrape
            bench.apply()
            bench.clock.shift(by: 1000)
        }
        await bench.manager.waitForEnds()
        running.cancel()
        await running.value
        let (rows, closed) = bench.appender.state.withLock { ($0.rows.values.flatMap { $0 }, $0.closed.count) }
        // Each group that was opened has been ended by a row of markers and closed.
        #expect(rows.last?.stale.isEmpty == false)
        #expect(rows.count { !$0.stale.isEmpty } == closed)
        await server.stop()
    }

    @Test("ends the series of a target that is gone, and closes its group")
    func removal() async throws {
        let server = try await TestServer.start { _ in .text("a 1\n") }
        let bench = ScrapeBench()
        bench.apply(ScrapeBench.job([server.address]))
        let running = Task { await bench.manager.run() }
        await bench.clock.waitForSleepers(1)
        bench.clock.advanceToNext()
        await bench.clock.waitForSleepers(1)
        bench.apply()
        #expect(bench.manager.targets().isEmpty)
        running.cancel()
        await running.value
        let rows = bench.appender.rows
        #expect(rows.count == 2)
        #expect(rows.last?.stale.count == 6)
        #expect(bench.appender.state.withLock { $0.closed }.count == 1)
        await server.stop()
    }

    @Test("goes on under new rules, ending only what they drop")
    func reload() async throws {
        let server = try await TestServer.start { _ in .text("a 1\nb 2\n") }
        let bench = ScrapeBench()
        bench.apply(ScrapeBench.job([server.address]))
        await bench.scrape()
        let rule = try RelabelRule(.drop, sourceLabels: ["__name__"], pattern: "b")
        bench.apply(ScrapeBench.job([server.address]) { $0.metricRelabelRules = [rule] })
        let row = try #require(await bench.scrape())
        #expect(row.scraped == ["a": 1])
        #expect(row.stale.count == 1)
        #expect(row.value("scrape_samples_scraped") == 2)
        #expect(row.value("scrape_samples_post_metric_relabeling") == 1)
        #expect(bench.appender.state.withLock { $0.closed }.isEmpty)
        await server.stop()
    }

    @Test("takes what discoveries find, and forgets it with them")
    func discovery() async throws {
        let bench = ScrapeBench()
        bench.apply(ScrapeBench.job([]))
        bench.manager.setGroups([TargetGroup(addresses: ["a:1", "b:1", "bad/address"])], ofJob: "j", from: "pods")
        bench.manager.setGroups([TargetGroup(addresses: ["b:1", "c:1"])], ofJob: "j", from: "files")
        bench.manager.setGroups([TargetGroup(addresses: ["d:1"])], ofJob: "unknown", from: "files")
        #expect(bench.manager.targets().map(\.url) == ["a", "b", "c"].map { "http://\($0):1/metrics" })
        #expect(bench.manager.problems().count == 1)
        bench.manager.setGroups([], ofJob: "j", from: "pods")
        #expect(bench.manager.targets().map(\.url) == ["b", "c"].map { "http://\($0):1/metrics" })
        bench.apply(
            ScrapeBench.job(["a:1", "b:1"]) {
                $0.limits.targets = 1
            })
        let reason = "target_limit exceeded (number of targets: 3, limit: 1)"
        #expect(bench.manager.problems().first?.contains(reason) == true)
        await bench.scrape()
        #expect(bench.manager.targets().map(\.lastError) == [reason, reason, reason])
        #expect(bench.appender.rows.allSatisfy { $0.value("up") == 0 })
    }

    @Test("jobs of canonically equal names are two")
    func canonicallyEqualJobs() {
        let bench = ScrapeBench()
        let names = ["caf\u{e9}", "cafe\u{301}"]
        bench.apply(
            ScrapeBench.job(["a:1"]) { $0.name = names[0] }, ScrapeBench.job(["a:1"]) { $0.name = names[1] })
        bench.manager.setGroups([TargetGroup(addresses: ["b:1"])], ofJob: names[0], from: "files")
        bench.manager.setGroups([TargetGroup(addresses: ["c:1", "d:1"])], ofJob: names[1], from: "files")
        let targets = bench.manager.targets()
        #expect(targets.count == 5)
        #expect(names.map { name in targets.count { $0.job.equalsByBytes(name) } } == [2, 3])
    }

    @Test("shows the targets that relabelling dropped, as many as the job keeps")
    func dropped() throws {
        let bench = ScrapeBench()
        let rule = try RelabelRule(.drop, sourceLabels: ["__address__"], pattern: "[bc]:1")
        let job = ScrapeBench.job(["a:1", "b:1", "c:1"]) {
            $0.relabelRules = [rule]
            $0.keptDroppedTargets = 1
        }
        bench.apply(job)
        #expect(bench.manager.targets().count == 1)
        #expect(bench.manager.droppedTargets().counts == ["j": 2])
        #expect(bench.manager.droppedTargets().shown.map { $0.discoveredLabels["__address__"] } == ["b:1"])
    }

    @Test("scrapes only targets that match, and shares one scrape among those who wait")
    func scrapeNow() async throws {
        let server = try await TestServer.start { _ in .text("a 1\n") }
        let bench = ScrapeBench()
        bench.apply(ScrapeBench.job([server.address]), other(server.address))
        await bench.manager.scrapeNow(matching: [Matcher(name: "job", equals: "other")])
        #expect(bench.appender.rows.count == 1)
        await bench.manager.scrapeNow(matching: [Matcher(name: "job", equals: "none")])
        #expect(bench.appender.rows.count == 1)
        await withDiscardingTaskGroup { group in
            for _ in 0..<20 { group.addTask { await bench.manager.scrapeNow(matching: []) } }
        }
        let rows = bench.appender.state.withLock { $0.rows }.values
        #expect(rows.allSatisfy { rows in zip(rows, rows.dropFirst()).allSatisfy { $0.time < $1.time } })
        #expect(server.heads.count < 40)
        await server.stop()
    }

    @Test("bounds the bytes that all targets hold together")
    func budget() async throws {
        let large = try await TestServer.start { _ in .text(String(repeating: "#\n", count: 600_000)) }
        let small = try await TestServer.start { _ in .text(String(repeating: "#\n", count: 500_000)) }
        let bench = ScrapeBench(bodyBytesInFlightMax: 100_000)
        bench.apply(ScrapeBench.job([large.address]))
        #expect(await bench.scrape()?.outcome == .limitExceeded)
        #expect(bench.manager.targets().first?.lastError == "too many body bytes in flight")
        bench.apply(ScrapeBench.job([small.address]))
        #expect(await bench.scrape()?.outcome == .ok)
        await large.stop()
        await small.stop()
    }
}
