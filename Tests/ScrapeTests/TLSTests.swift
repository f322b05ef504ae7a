import Foundation
import Model
import NIOCore
import NIOSSL
import Scrape
import Synchronization
import TestSupport
import Testing

@Suite("TLS targets", .enabled(if: TestCertificates.openssl != nil, "needs openssl"))
struct TLSTests {
    private let certificates: TestCertificates

    init() throws { certificates = try #require(TestCertificates.shared) }

    private func bench(_ address: String, _ change: (inout ScrapeTLS) -> Void) -> ScrapeBench {
        let bench = ScrapeBench()
        bench.apply(
            ScrapeBench.job([address]) {
                $0.scheme = .https
                change(&$0.tls)
            })
        return bench
    }

    @Test("are scraped over one kept connection, by address and by name", arguments: ["127.0.0.1", "localhost"])
    func good(host: String) async throws {
        let server = try await TestServer.start(tls: TestCertificates.context(certificates.server)) { _ in
            .text("a 1\n")
        }
        let bench = bench("\(host):\(server.port)") { $0.authorities = .file(certificates.server.certificate) }
        for _ in 0..<3 { #expect(await bench.scrape()?.scraped == ["a": 1]) }
        #expect(server.connectionCount == 1)
        #expect(bench.manager.targets().first?.url == "https://\(host):\(server.port)/metrics")
        await server.stop()
    }

    @Test("keep the limits: large bodies, endless ones, silence")
    func limits() async throws {
        let large = String(repeating: "# nothing at all in this line\n", count: 60_000)
        let replies: [(TestServer.Reply?, ScrapeOutcome)] = [
            (.text(large + "a 1\n"), .ok), (.text(large + large), .limitExceeded),
            (
                TestServer.Reply(
                    bytes: Array("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n".utf8),
                    endlessly: Array(large.utf8)), .limitExceeded
            ), (nil, .timedOut),
        ]
        for (reply, outcome) in replies {
            let server = try await TestServer.start(tls: TestCertificates.context(certificates.server)) { _ in reply }
            let bench = ScrapeBench(timeoutFloor: .milliseconds(1))
            bench.apply(
                ScrapeBench.job([server.address]) {
                    $0.scheme = .https
                    $0.tls.skipsVerification = true
                    $0.limits.bodyBytes = 2 << 20
                    $0.interval = 30_000
                    $0.timeout = outcome == .timedOut ? 300 : 30_000
                })
            #expect(await bench.scrape()?.outcome == outcome)
            await server.stop()
        }
    }

    @Test("show a client certificate where asked for one")
    func clientCertificate() async throws {
        let context = try TestCertificates.context(certificates.server, clients: certificates.client)
        let server = try await TestServer.start(tls: context) { _ in .text("a 1\n") }
        let bench = bench(server.address) {
            $0.authorities = .file(certificates.server.certificate)
            $0.certificate = .file(certificates.client.certificate)
            $0.key = .file(certificates.client.key)
        }
        #expect(await bench.scrape()?.scraped == ["a": 1])
        let bare = self.bench(server.address) { $0.authorities = .file(certificates.server.certificate) }
        #expect(await bare.scrape()?.outcome == .tlsFailed)
        let error = bare.manager.targets().first?.lastError ?? ""
        #expect(error.contains("tls_config.cert_file"), "\(error)")
        await server.stop()
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var name: String
        var message: String
        var outcome = ScrapeOutcome.tlsFailed
        var server: @Sendable (TestCertificates) throws -> NIOSSLContext? = {
            try TestCertificates.context($0.server)
        }
        var tls: @Sendable (inout ScrapeTLS, TestCertificates) -> Void
        var testDescription: String { name }
    }

    static let refusals: [Refusal] = [
        Refusal(name: "an authority nobody knows", message: "signed by unknown authority") { _, _ in },
        Refusal(
            name: "another authority", message: "signed by unknown authority",
            tls: { $0.authorities = .file($1.other.certificate) }),
        Refusal(
            name: "a certificate for another host", message: "not valid for this host",
            server: { try TestCertificates.context($0.other) },
            tls: { $0.authorities = .file($1.other.certificate) }),
        Refusal(
            name: "another name asked for", message: "not valid for this host",
            server: { try TestCertificates.context($0.other) },
            tls: {
                $0.authorities = .file($1.other.certificate)
                $0.serverName = "another.test"
            }),
        Refusal(
            name: "no TLS at all", message: "does not speak TLS", server: { _ in nil },
            tls: { tls, _ in tls.skipsVerification = true }),
        Refusal(
            name: "a version too old", message: "no common version",
            server: { try TestCertificates.context($0.server) { $0.maximumTLSVersion = .tlsv12 } },
            tls: { tls, _ in
                tls.skipsVerification = true
                tls.minimumVersion = .tls13
            }),
        Refusal(
            name: "an authority file that is not there", message: "unable to read the CA certificate file /nowhere",
            tls: { tls, _ in tls.authorities = .file("/nowhere/ca.pem") }),
        Refusal(
            name: "an authority file that is none", message: "the CA certificate holds no certificate in PEM form",
            tls: { $0.authorities = .file($1.server.key) }),
        Refusal(
            name: "a key that is none", message: "the client key is no private key in PEM form",
            tls: {
                $0.certificate = .file($1.client.certificate)
                $0.key = .text("secret")
            }),
    ]

    @Test("say why they can't be trusted or understood", arguments: refusals)
    func refused(_ refusal: Refusal) async throws {
        let context = try refusal.server(certificates)
        let server = try await TestServer.start(tls: context, requestEnd: context == nil ? "" : "\r\n\r\n") { _ in
            .text("a 1\n")
        }
        let bench = bench(server.address) { refusal.tls(&$0, certificates) }
        let row = await bench.scrape()
        #expect(row?.outcome == refusal.outcome)
        #expect(row?.value("up") == 0)
        let error = bench.manager.targets().first?.lastError ?? ""
        #expect(error.contains(refusal.message), "\(error)")
        #expect(error.hasPrefix("Get \"https://\(server.address)/metrics\": "), "\(error)")
        await server.stop()
    }

    @Test("a name other than the address's can be asked for, and any certificate taken")
    func serverName() async throws {
        let server = try await TestServer.start(tls: TestCertificates.context(certificates.other)) { _ in
            .text("a 1\n")
        }
        let named = bench(server.address) {
            $0.authorities = .file(certificates.other.certificate)
            $0.serverName = "other.test"
        }
        #expect(await named.scrape()?.outcome == .ok)
        #expect(await bench(server.address) { $0.skipsVerification = true }.scrape()?.outcome == .ok)
        await server.stop()
    }

    @Test("a certificate file that changes is read anew at the next connection")
    func rotation() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "ca-\(UUID().uuidString).pem").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.copyItem(atPath: certificates.other.certificate, toPath: path)
        let server = try await TestServer.start(tls: TestCertificates.context(certificates.server)) { _ in
            .text("a 1\n")
        }
        let bench = bench(server.address) { $0.authorities = .file(path) }
        #expect(await bench.scrape()?.outcome == .tlsFailed)
        try Data(contentsOf: URL(filePath: certificates.server.certificate)).write(to: URL(filePath: path))
        #expect(await bench.scrape()?.outcome == .ok)
        await server.stop()
    }

    @Test("a redirect leads from the clear to TLS, and never takes authorization to another host")
    func redirect() async throws {
        let secure = try await TestServer.start(tls: TestCertificates.context(certificates.server)) { _ in
            .text("a 1\n")
        }
        let address = secure.address
        let plain = try await TestServer.start { _ in
            .body([], status: "302 Found", headers: "Location: https://\(address)/m\r\n")
        }
        let bench = ScrapeBench()
        bench.apply(
            ScrapeBench.job([plain.address]) {
                $0.tls.authorities = .file(certificates.server.certificate)
                $0.authorization = .scheme("Bearer", .text("token"))
                $0.headers = [ScrapeHeader(name: "X-Secret", value: .text("s"))]
            })
        #expect(await bench.scrape()?.scraped == ["a": 1])
        #expect(plain.heads.first?.contains("Bearer token") == true)
        #expect(plain.heads.first?.contains("X-Secret: s") == true)
        #expect(secure.heads.first?.hasPrefix("GET /m ") == true)
        #expect(secure.heads.first?.contains("token") == false)
        #expect(secure.heads.first?.contains("X-Secret") == false)
        await secure.stop()
        await plain.stop()
    }
}
