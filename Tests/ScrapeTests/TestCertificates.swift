import Foundation
import NIOSSL
import TestSupport

/// Self-signed certificates made by the `openssl` command in a folder of their own.
struct TestCertificates: Sendable {
    /// One certificate and its key, as files.
    struct Pair: Sendable {
        var certificate: String
        var key: String
    }

    /// Where the command is; tests of TLS are skipped without it, and say so.
    static let openssl: String? = {
        let found = ["/usr/bin/openssl", "/usr/local/bin/openssl", "/opt/homebrew/bin/openssl"].first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
        if found == nil { print("skipped: tests of TLS targets need the openssl command, which is not there") }
        return found
    }()

    /// Those that all tests use; made once.
    static let shared: TestCertificates? = try? TestCertificates()

    /// Valid for `localhost` and `127.0.0.1`.
    let server: Pair
    /// Valid for `other.test`.
    let other: Pair
    /// A client's.
    let client: Pair

    private init() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "certificates-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        server = try Self.make("localhost", names: "DNS:localhost,IP:127.0.0.1", in: folder)
        other = try Self.make("other.test", names: "DNS:other.test", in: folder)
        client = try Self.make("client", names: "DNS:client.test", in: folder)
    }

    private static func make(_ name: String, names: String, in folder: URL) throws -> Pair {
        let pair = Pair(
            certificate: folder.appending(path: "\(name).pem").path, key: folder.appending(path: "\(name).key").path)
        let arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=\(name)", "-addext", "subjectAltName=\(names)", "-out", pair.certificate, "-keyout", pair.key,
        ]
        let end = try ChildProcess(openssl ?? "", arguments).wait(seconds: 60)
        guard end?.code == 0 else { throw CocoaError(.fileWriteUnknown) }
        return pair
    }

    /// What a server with this certificate says; with `clients`, it asks for theirs.
    static func context(
        _ pair: Pair, clients: Pair? = nil, _ change: (inout TLSConfiguration) -> Void = { _ in }
    ) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(pair.certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: pair.key, format: .pem)))
        if let clients {
            configuration.trustRoots = .file(clients.certificate)
            configuration.certificateVerification = .noHostnameVerification
        }
        change(&configuration)
        return try NIOSSLContext(configuration: configuration)
    }
}
