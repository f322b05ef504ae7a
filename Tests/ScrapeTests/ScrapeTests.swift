import Foundation
import Model
import NIOCore
import Scrape
import Synchronization
import TestSupport
import Testing

@Suite("Scraping")
struct ScrapeTests {
    @Test("stores samples, target labels and what the scrape itself says")
    func good() async throws {
        let server = try await TestServer.start { _ in
            .text("# TYPE a counter\na{x=\"1\"} 5\na{x=\"1\"} 6\nbad{\nb 2\n")
        }
        let bench = ScrapeBench()
        bench.apply(ScrapeBench.job([server.address]))
        let row = await bench.scrape()
        #expect(row?.scraped == ["a": 5, "b": 2])
        #expect(row?.samples["a{instance=\"\(server.address)\", job=\"j\", x=\"1\"}"] == 5)
        #expect(row?.value("up") == 1)
        #expect(row?.value("scrape_samples_scraped") == 3)
        #expect(row?.value("scrape_samples_post_metric_relabeling") == 3)
        #expect(row?.value("scrape_series_added") == 2)
        #expect((row?.value("scrape_duration_seconds") ?? 0) > 0)
        let status = try #require(bench.manager.targets().first)
        #expect(status.health == .up)
        #expect(status.skippedLineCount == 1)
        #expect(status.skippedLines.first?.number == 4)
        #expect(status.lastError.hasPrefix("1 line of the body could not be read and was skipped; line 4: "))
        #expect(status.samples == 3)
        #expect(bench.manager.metadata()["a"]?.first?.type == "counter")
        #expect(await bench.scrape()?.value("scrape_series_added") == 0)
        #expect(server.connectionCount == 1)
        await server.stop()
    }

    @Test("asks as Prometheus asks")
    func headers() async throws {
        let server = try await TestServer.start { _ in .text("a 1\n") }
        let bench = ScrapeBench()
        bench.apply(
            ScrapeBench.job([server.address]) {
                $0.parameters = ["q": ["1"]]
                $0.authorization = .basic(username: .text("me"), password: .text("pw"))
                $0.timeout = 500
            })
        await bench.scrape()
        let head = try #require(server.heads.first)
        #expect(head.hasPrefix("GET /metrics?q=1 HTTP/1.1\r\n"))
        for line in [
            "Host: \(server.address)", "Accept-Encoding: gzip", "X-Prometheus-Scrape-Timeout-Seconds: 0.5",
            "Authorization: Basic bWU6cHc=",
            "Accept: application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                + "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
                + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
        ] {
            #expect(head.contains("\r\n" + line), "\(head)")
        }
        await server.stop()
    }

    static let chunked = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"

    @Test("reads gzip, chunks and bodies that end with the connection")
    func transports() async throws {
        let gzip = Array(Data(base64Encoded: Self.gzipOfTwoSamples) ?? Data())
        let replies: [TestServer.Reply] = [
            .body(gzip, headers: "Content-Encoding: gzip\r\n"),
            TestServer.Reply(bytes: Array((Self.chunked + "4\r\na 1\n\r\n4\r\nb 2\n\r\n0\r\n\r\n").utf8)),
            TestServer.Reply(
                bytes: Array("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\na 1\nb 2\n".utf8), closes: true),
            .body(
                Array("a 1.0\nb 2\n# EOF\n".utf8), type: "application/openmetrics-text; version=1.0.0; charset=utf-8"),
        ]
        for reply in replies {
            let server = try await TestServer.start { _ in reply }
            let bench = ScrapeBench()
            bench.apply(ScrapeBench.job([server.address]))
            #expect(await bench.scrape()?.scraped == ["a": 1, "b": 2])
            #expect(await bench.scrape()?.scraped == ["a": 1, "b": 2])
            await server.stop()
        }
    }

    /// `a 1\nb 2\n`
    static let gzipOfTwoSamples = "H4sIAAAAAAACA0tUMORKUjDiAgB+To+XCAAAAA=="

    struct Failure: Sendable, CustomTestStringConvertible {
        var name: String
        var testDescription: String { name }
        var reply: TestServer.Reply?
        var outcome: ScrapeOutcome
        var message: String
    }

    static let failures: [Failure] = [
        Failure(
            name: "403", reply: .body([], status: "403 Forbidden"), outcome: .httpStatus(403),
            message: "server returned HTTP status 403 Forbidden"),
        Failure(name: "silence", reply: nil, outcome: .timedOut, message: "context deadline exceeded"),
        Failure(
            name: "slow drip", reply: .body(Array("a 1\n".utf8), length: 100), outcome: .timedOut,
            message: "context deadline exceeded"),
        Failure(
            name: "shorter than its length",
            reply: TestServer.Reply(bytes: TestServer.Reply.body(Array("a 1\n".utf8), length: 100).bytes, closes: true),
            outcome: .malformedBody, message: "unexpected EOF"),
        Failure(
            name: "endless",
            reply: TestServer.Reply(
                bytes: Array(chunked.utf8),
                endlessly: Array(("400\r\n" + String(repeating: "a", count: 1024) + "\r\n").utf8)),
            outcome: .limitExceeded, message: "body size limit exceeded"),
        Failure(
            name: "endless line",
            reply: TestServer.Reply(
                bytes: Array(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n".utf8) + Array(repeating: 0x61, count: 300_000)
            ),
            outcome: .limitExceeded, message: "body size limit exceeded"),
        Failure(
            name: "length beyond the limit", reply: .body([], length: 1 << 30), outcome: .limitExceeded,
            message: "body size limit exceeded"),
        Failure(
            name: "gzip bomb", reply: .body(bomb, headers: "Content-Encoding: gzip\r\n"), outcome: .limitExceeded,
            message: "body size limit exceeded"),
        Failure(
            name: "damaged gzip", reply: .body(Array("no gzip".utf8), headers: "Content-Encoding: gzip\r\n"),
            outcome: .malformedBody, message: "gzip"),
        Failure(
            name: "HTML", reply: .body(Array("<html></html>".utf8), type: "text/html"), outcome: .malformedBody,
            message: "received unsupported Content-Type \"text/html\""),
        Failure(
            name: "JSON called text", reply: .text("{\"status\":\"ok\"}\n"), outcome: .malformedBody,
            message: "no exposition"),
        Failure(
            name: "cut off before its end mark",
            reply: .body(
                Array("# TYPE a gauge\na 1\n".utf8), type: "application/openmetrics-text; version=1.0.0"),
            outcome: .malformedBody, message: "# EOF"),
        Failure(
            name: "no HTTP", reply: TestServer.Reply(bytes: Array("SSH-2.0\r\n".utf8)), outcome: .malformedBody,
            message: "malformed HTTP"),
        Failure(
            name: "redirect loop", reply: .body([], status: "302 Found", headers: "Location: /again\r\n"),
            outcome: .connectionFailed, message: "stopped after 10 redirects"),
        Failure(
            name: "brotli", reply: .body([1], headers: "Content-Encoding: br\r\n"), outcome: .malformedBody,
            message: "unsupported Content-Encoding"),
        Failure(
            name: "duplicate label limit", reply: .text("a{b=\"1\",c=\"2\",d=\"3\"} 1\n"), outcome: .limitExceeded,
            message: "label_limit exceeded"),
        Failure(
            name: "too many samples", reply: .text((0..<20).map { "m\($0) 1\n" }.joined()), outcome: .limitExceeded,
            message: "sample limit exceeded"),
    ]

    /// 2 MB of zeros, compressed.
    static let bomb = Array(Data(base64Encoded: Gzip.zeros) ?? Data())

    @Test("turns every way to fail into an outcome and a reason", arguments: failures)
    func failure(_ one: Failure) async throws {
        let bad = Mutex(false)
        let server = try await TestServer.start { _ in bad.withLock { $0 } ? one.reply : .text("a 1\n") }
        let bench = ScrapeBench(timeoutFloor: .milliseconds(1))
        let address = server.address
        let job = { (timeout: Milliseconds) in
            ScrapeBench.job([address]) {
                $0.limits.bodyBytes = 200_000
                $0.limits.labels = 5
                $0.limits.samples = 10
                $0.interval = 60_000
                $0.timeout = timeout
            }
        }
        bench.apply(job(30_000))
        #expect(await bench.scrape()?.outcome == .ok)
        bad.withLock { $0 = true }
        if one.outcome == .timedOut { bench.apply(job(200)) }
        let row = try #require(await bench.scrape())
        #expect(row.outcome == one.outcome)
        #expect(row.value("up") == 0)
        #expect(row.stale == ["a{instance=\"\(server.address)\", job=\"j\"}"])
        let status = try #require(bench.manager.targets().first)
        #expect(status.health == .down)
        #expect(status.lastError.contains(one.message), "\(status.lastError)")
        bad.withLock { $0 = false }
        bench.apply(job(30_000))
        let back = try #require(await bench.scrape())
        #expect(back.scraped == ["a": 1])
        #expect(back.stale.isEmpty)
        await server.stop()
    }

    @Test("says that nobody listens")
    func refused() async throws {
        let dead = DeadPort()
        defer { withExtendedLifetime(dead) {} }
        let address = dead.address
        let bench = ScrapeBench()
        bench.apply(ScrapeBench.job([address]))
        let row = await bench.scrape()
        #expect(row?.outcome == .connectionFailed)
        let error = bench.manager.targets().first?.lastError
        #expect(error == "Get \"http://\(address)/metrics\": dial tcp \(address): connect: connection refused")
    }

    @Test("follows a redirect, and refuses it where told so")
    func redirect() async throws {
        let server = try await TestServer.start { head in
            head.hasPrefix("GET /metrics ")
                ? .body([], status: "301 Moved Permanently", headers: "Location: /other\r\n") : .text("a 1\n")
        }
        let bench = ScrapeBench()
        bench.apply(ScrapeBench.job([server.address]))
        #expect(await bench.scrape()?.scraped == ["a": 1])
        bench.apply(ScrapeBench.job([server.address]) { $0.followsRedirects = false })
        #expect(await bench.scrape()?.outcome == .httpStatus(301))
        await server.stop()
    }

    @Test("reconnects when a kept connection was closed meanwhile")
    func reconnect() async throws {
        let server = try await TestServer.start { _ in
            var reply = TestServer.Reply.text("a 1\n")
            reply.closes = true
            return reply
        }
        let bench = ScrapeBench()
        bench.apply(ScrapeBench.job([server.address]))
        for _ in 0..<5 { #expect(await bench.scrape()?.scraped == ["a": 1]) }
        #expect(server.connectionCount == 5)
        await server.stop()
    }
}
